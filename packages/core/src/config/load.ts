import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { JsonObject, JsonValue, Plugin } from '@signalbox/kit';
import { ConfigDocument, type JsonPath, printPath } from './document.ts';
import { type Environment, expandEnvironment, isReference } from './environment.ts';
import { ConfigError, type ConfigProblem } from './errors.ts';
import { References } from './references.ts';
import { configSchema, type ServerConfig, serverDefaults } from './schema.ts';
import { validate } from './validate.ts';

/** One entry of `plugins`, before the plugin is loaded. */
export interface PluginEntry {
  /** An npm package, a `./file`, or a plugin itself where code builds the config. */
  readonly plugin: string | Plugin;
  readonly options: JsonObject | undefined;
  /** Which of the options are references to the environment. */
  readonly references: References;
  /** The options as another environment would make them: for showing what a user has written. */
  optionsIn(env: Environment): JsonObject | undefined;
  /** Says where in the file a part of the options stands. */
  problem(path: JsonPath, message: string, details?: { plugin?: string; atKey?: boolean }): ConfigProblem;
}

export interface Config {
  readonly server: ServerConfig;
  readonly plugins: readonly PluginEntry[];
  readonly env: Environment;
  /** Relative paths start here. */
  readonly dir: string;
  /** `undefined` where the config did not come from a file. */
  readonly file: string | undefined;
}

/**
 * Reads a config file.
 * @throws {ConfigError} that names file, line, column and path of everything that is wrong.
 */
export async function loadConfig(file: string, env: Environment): Promise<Config> {
  const path = resolve(file);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new ConfigError([{ file: path, path: '', message: `the config cannot be read: ${reason}` }], error);
  }
  return parseConfig(text, path, env);
}

/** The config in `text`; `file` is for messages and for relative paths. @throws {ConfigError} */
export function parseConfig(text: string, file: string, env: Environment): Config {
  const document = new ConfigDocument(text, basename(file));
  const problems: ConfigProblem[] = [];
  const incomplete = new Set<string>();
  const references = new References();
  const value = document.value((string, path) => {
    if (isReference(string)) references.add(path, string);
    return expandEnvironment(string, env, (name) => {
      const state = env[name] === undefined ? 'not set' : 'empty';
      problems.push(
        document.problem(path, `the environment variable ${name} is ${state}. Set it, or write \${${name}:-default}.`),
      );
      incomplete.add(printPath(path));
    });
  });
  for (const { path, message, atKey } of validate(configSchema, value, references)) {
    // What a missing variable would have said is not known.
    if (!incomplete.has(printPath(path))) problems.push(document.problem(path, message, { atKey }));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const { server, plugins } = value as { server?: Partial<ServerConfig>; plugins: JsonValue[] };
  const entries = plugins.map((entry, index) => toEntry(entry, index, document, references, problems));
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    server: { ...serverDefaults, ...server },
    plugins: entries,
    env,
    dir: dirname(resolve(file)),
    file: resolve(file),
  };
}

/** A config made by code: for a start without a file, and for tests. */
export function configOf(
  plugins: readonly (readonly [plugin: string | Plugin, options?: JsonObject])[],
  { server, env = {}, dir = process.cwd() }: { server?: Partial<ServerConfig>; env?: Environment; dir?: string } = {},
): Config {
  return {
    server: { ...serverDefaults, ...server },
    plugins: plugins.map(([plugin, options]) => ({
      plugin,
      options,
      references: new References(),
      optionsIn: () => options,
      problem: (path, message, details) => ({
        path: path.join('.'),
        message,
        ...(details?.plugin === undefined ? {} : { plugin: details.plugin }),
      }),
    })),
    env,
    dir,
    file: undefined,
  };
}

function toEntry(
  entry: JsonValue,
  index: number,
  document: ConfigDocument,
  references: References,
  problems: ConfigProblem[],
): PluginEntry {
  const [name, options] = Array.isArray(entry) ? entry : [entry];
  if (typeof name !== 'string') {
    problems.push(document.problem(['plugins', index, 0], 'must be the name of a plugin'));
  }
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options))) {
    problems.push(document.problem(['plugins', index, 1], 'must be an object with the plugin’s options'));
  }
  const prefix = Array.isArray(entry) ? ['plugins', index, 1] : ['plugins', index];
  return {
    plugin: typeof name === 'string' ? name : '',
    options: options as JsonObject | undefined,
    references: references.below(prefix),
    optionsIn: (env) => optionsAt(index, document, env),
    problem: (path, message, details) => document.problem([...prefix, ...path], message, details ?? {}),
  };
}

function optionsAt(index: number, document: ConfigDocument, env: Environment): JsonObject | undefined {
  const { plugins } = document.value((text) => expandEnvironment(text, env, () => {})) as { plugins: JsonValue[] };
  const entry = plugins[index];
  return Array.isArray(entry) ? (entry[1] as JsonObject | undefined) : undefined;
}
