import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JsonObject, PLUGIN_API, type PluginHost, pluginDefinition, SignalboxError } from '@signalbox/kit';
import type { JsonPath } from './config/document.ts';
import { ConfigError, type ConfigProblem } from './config/errors.ts';
import type { Config, PluginEntry } from './config/load.ts';
import { References } from './config/references.ts';
import { validate } from './config/validate.ts';
import { type CoreHooks, tapOnly } from './hooks.ts';
import { pluginImporter } from './plugin-import.ts';

/** Loads the module behind a name. `url` is where it was found. */
export type ImportPlugin = (name: string, dir: string) => Promise<{ module: { default?: unknown }; url: string }>;

/** A plugin as it was loaded, for `signalbox plugins`. */
export interface LoadedPlugin {
  readonly name: string;
  /** The entry of the config that brought it. */
  readonly from: string;
  /** Where its code is; `undefined` for a plugin that code handed over. */
  readonly url: string | undefined;
  /** The package's version, where it is in a package. */
  readonly version: string | undefined;
  /** Says where its entry stands in the config. */
  problem(message: string): ConfigProblem;
}

type HostParts = Omit<PluginHost, 'hooks' | 'configDir' | 'env'>;

interface Pending {
  readonly definition: NonNullable<ReturnType<typeof pluginDefinition>>;
  readonly options: JsonObject;
  readonly loaded: LoadedPlugin;
  problem(path: JsonPath, message: string, details?: { plugin?: string; atKey?: boolean }): ConfigProblem;
}

/**
 * Resolves, checks and applies all plugins of a config, in order. Everything is validated before anything is applied.
 * @throws {ConfigError} with all problems found.
 */
export async function loadPlugins(
  config: Config,
  hooks: CoreHooks,
  importPlugin: ImportPlugin = pluginImporter(),
  parts: HostParts,
): Promise<readonly LoadedPlugin[]> {
  const problems: ConfigProblem[] = [];
  const pending: Pending[] = [];
  for (const entry of config.plugins) {
    try {
      pending.push(...(await resolveEntry(entry, config, importPlugin)));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);

  const view = tapOnly(hooks);
  for (const { definition, options, loaded, problem } of pending) {
    try {
      await definition.apply?.(
        {
          ...parts,
          // A plugin that claims the log may come later.
          get log() {
            return parts.log;
          },
          hooks: view,
          configDir: config.dir,
          env: config.env,
        },
        options as never,
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ConfigError(
        [problem([], message, { plugin: loaded.name })],
        SignalboxError.is(error) ? error.cause : error,
      );
    }
  }
  return pending.map(({ loaded }) => loaded);
}

async function resolveEntry(entry: PluginEntry, config: Config, importPlugin: ImportPlugin): Promise<Pending[]> {
  const { plugin, options } = entry;
  if (typeof plugin !== 'string')
    return expand(plugin, options, entry, { from: 'code', url: undefined, version: undefined }, config);
  let found: Awaited<ReturnType<ImportPlugin>>;
  try {
    found = await importPlugin(plugin, config.dir);
  } catch (error) {
    const hint = importFailure(plugin, config.dir, error);
    throw new ConfigError([entry.problem([], `the plugin "${plugin}" cannot be loaded: ${hint}`)], error);
  }
  const version = await packageVersion(found.url);
  return expand(found.module.default, options, entry, { from: plugin, url: found.url, version }, config);
}

async function expand(
  value: unknown,
  given: JsonObject | undefined,
  { problem, references }: Pick<PluginEntry, 'problem' | 'references'>,
  origin: Omit<LoadedPlugin, 'name' | 'problem'>,
  config: Config,
): Promise<Pending[]> {
  const definition = pluginDefinition(value);
  if (definition === undefined) {
    throw new ConfigError([
      problem(
        [],
        `"${origin.from}" is not a Signalbox plugin: its default export must come from definePlugin, defineProvider, defineStrategy, defineFormat or definePreset`,
      ),
    ]);
  }
  const { name } = definition;
  if (definition.api !== PLUGIN_API) {
    throw new ConfigError([
      problem(
        [],
        `it was made for plugin API ${definition.api}, and this gateway has ${PLUGIN_API}: update whichever is older`,
        { plugin: name },
      ),
    ]);
  }
  const options = structuredClone(given ?? {});
  if (definition.configSchema === undefined) {
    if (Object.keys(options).length > 0) throw new ConfigError([problem([], 'it takes no options', { plugin: name })]);
  } else {
    const mismatches = validate(definition.configSchema, options, references);
    if (mismatches.length > 0) {
      throw new ConfigError(
        mismatches.map(({ path, message, atKey }) => problem(path, message, { plugin: name, atKey })),
      );
    }
  }
  if (definition.plugins === undefined) {
    const loaded = { name, ...origin, problem: (message: string) => problem([], message, { plugin: name }) };
    return [{ definition, options, loaded, problem }];
  }
  // A preset's plugins are checked like any other; what is wrong with one is reported at the preset's own entry.
  const entries = await definition.plugins(options as never, { env: config.env });
  const pending: Pending[] = [];
  for (const [plugin, pluginOptions] of entries) {
    const nested: Pick<PluginEntry, 'problem' | 'references'> = {
      references: new References(),
      problem: (path, message, details) =>
        problem([], path.length === 0 ? message : `${path.join('.')}: ${message}`, details ?? {}),
    };
    const from = origin.from === 'code' ? name : origin.from;
    pending.push(...(await expand(plugin, pluginOptions, nested, { ...origin, from }, config)));
  }
  return pending;
}

function importFailure(plugin: string, dir: string, error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return message;
  const missing = /'([^']+)'/.exec(message)?.[1] ?? message;
  const isFile = /^[./]/.test(plugin);
  if (isFile ? missing !== resolve(dir, plugin) : missing !== plugin)
    return `it imports ${missing}, which is not there`;
  return isFile ? `there is no file ${missing}` : `it is not installed. Run npm install ${plugin} in ${dir}`;
}

async function packageVersion(url: string): Promise<string | undefined> {
  if (!url.startsWith('file:')) return undefined;
  for (let dir = dirname(fileURLToPath(url)); dir !== dirname(dir); dir = dirname(dir)) {
    try {
      const { version } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as { version?: string };
      return version;
    } catch {
      // Not here: one folder up.
    }
  }
  return undefined;
}
