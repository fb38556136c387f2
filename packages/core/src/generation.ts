import type { Format, InfoRequest, JsonObject, Logger, ModelInfo, Target } from '@signalbox/kit';
import { formatTarget, isLocalProvider, SignalboxError } from '@signalbox/kit';
import { ConfigError } from './config/errors.ts';
import type { Config } from './config/load.ts';
import { fetchModels } from './dispatch/ask-provider.ts';
import { defaultTimeouts } from './dispatch/attempt-clock.ts';
import type { ProviderEntry } from './dispatch/call-provider.ts';
import { laneAhead } from './dispatch/lane.ts';
import { Transport } from './dispatch/transport.ts';
import type { ExchangeState } from './exchange.ts';
import { routeExplicitNames } from './explicit-route.ts';
import { type CoreHooks, callAll, createHooks } from './hooks.ts';
import { consoleLogger, guarded } from './logger.ts';
import { ModelFacts } from './model-facts.ts';
import { type ImportPlugin, type LoadedPlugin, loadPlugins } from './plugin-host.ts';
import { TokenCorrection } from './token-correction.ts';
import { TokenCounts } from './token-counts.ts';

/** Everything that was built from one config. Requests keep the generation that they began with. */
export interface Generation {
  readonly config: Config;
  readonly hooks: CoreHooks;
  readonly formats: ReadonlyMap<string, Format>;
  readonly providers: ReadonlyMap<string, ProviderEntry>;
  readonly plugins: readonly LoadedPlugin[];
  readonly log: Logger;
  /** What a client may ask for by name: the routes' own names, then each provider's models as `provider/model`. */
  models(): readonly ModelInfo[];
  modelInfo(target: Target): ModelInfo | undefined;
  /** How plugins answer questions of a format's ingress, by the question. */
  readonly answers: ReadonlyMap<string, (request: InfoRequest) => JsonObject | Promise<JsonObject>>;
  /** What plugins say about their state. */
  health(): JsonObject;
  readonly tokenCorrection: TokenCorrection;
  readonly tokenCounts: TokenCounts;
  /** Lets provider calls in flight finish, then ends the connections and the plugins. Later calls do nothing more. */
  close(): Promise<void>;
}

/**
 * Loads and starts all plugins of a config. `kept` is the state that plugins hand on from one generation to the next.
 * @throws {ConfigError} with everything that is wrong; nothing stays half-loaded.
 */
export async function createGeneration(
  config: Config,
  { importPlugin, kept = new Map() }: { importPlugin?: ImportPlugin; kept?: Map<string, unknown> } = {},
): Promise<Generation> {
  const hooks = createHooks();
  const formats = new Map<string, Format>();
  const providers = new Map<string, ProviderEntry>();
  const modelSources: ModelSource[] = [];
  const lastModelSources: ModelSource[] = [];
  const facts = new ModelFacts(providers);
  const answers = new Map<string, (request: InfoRequest) => JsonObject | Promise<JsonObject>>();
  const health = new Map<string, () => JsonObject>();
  const keep = <T>(name: string, create: () => T): T => {
    if (!kept.has(name)) kept.set(name, create());
    return kept.get(name) as T;
  };
  let log = consoleLogger;

  const ending = new AbortController();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    // Nobody waits for a list of models any more.
    ending.abort();
    closing ??= Promise.all([...providers.values()].map(({ transport }) => transport?.close())).then(() =>
      callAll(hooks.close),
    );
    return closing;
  };

  routeExplicitNames(hooks, (name) => providers.has(name));
  try {
    const plugins = await loadPlugins(config, hooks, importPlugin, {
      get log() {
        return log;
      },
      setLogger: (logger) => {
        log = guarded(logger);
      },
      addModels: (models, { last = false } = {}) => (last ? lastModelSources : modelSources).push(models),
      hasProvider: (name) => providers.has(name),
      providerNames: () => [...providers.keys()],
      keysOf: (name) => providers.get(name)?.provider.keys ?? [],
      format: (id) => formats.get(id),
      formatOf: (name) => formatOf(providers.get(name)),
      // Plugins hand back the exchange that they were given.
      laneOf: (target, exchange) => laneAhead(providers.get(target.provider), target, exchange as ExchangeState),
      modelInfo: (target) => facts.of(target),
      addModelFacts: (source, options) => facts.add(source, options),
      listingProviders: () =>
        [...providers.values()].flatMap(({ name, provider }) => ('fetchModels' in provider ? [name] : [])),
      fetchModels: (name) => fetchModels(providers.get(name), name, ending.signal),
      kept: keep,
      answerInfo: (question, answer) => answers.set(question, answer),
      addHealth: (part, state) => health.set(part, state),
      addFormat: (format) => {
        if (formats.has(format.id)) {
          throw new SignalboxError('BAD_CONFIG', `the format "${format.id}" is listed twice.`);
        }
        formats.set(format.id, format);
      },
      addProvider: (name, provider) => {
        if (providers.has(name)) {
          throw new SignalboxError(
            'BAD_CONFIG',
            `there is already a provider called "${name}". Give this one another "name".`,
          );
        }
        const transport = isLocalProvider(provider)
          ? undefined
          : new Transport(`The provider ${name}`, { ...defaultTimeouts, ...provider.timeouts });
        providers.set(name, { name, provider, transport });
      },
    });
    await hooks.ready.promise().catch((error: unknown) => {
      throw notReady(error, plugins);
    });
    return {
      config,
      hooks,
      formats,
      providers,
      plugins,
      get log() {
        return log;
      },
      models: () => listModels(modelSources, lastModelSources, providers, facts),
      modelInfo: (target) => facts.of(target),
      answers,
      health: () => Object.fromEntries([...health].map(([part, state]) => [part, stateOf(part, state, log)])),
      tokenCorrection: keep('core/token-correction', () => new TokenCorrection()),
      tokenCounts: new TokenCounts(),
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** A plugin that cannot say how it is must not make the gateway look ill. */
function stateOf(part: string, state: () => JsonObject, log: Logger): JsonObject {
  try {
    return state();
  } catch (error) {
    log.error({ part, err: error }, 'a plugin failed in health');
    return { problem: 'the plugin failed to say; the log has the reason' };
  }
}

function formatOf(entry: ProviderEntry | undefined): string | undefined {
  return entry === undefined || isLocalProvider(entry.provider) ? undefined : entry.provider.format.id;
}

/** A plugin that fails in `ready` is reported at its place in the config, like one that fails before. */
function notReady(error: unknown, plugins: readonly LoadedPlugin[]): unknown {
  if (!SignalboxError.is(error) || error.plugin === undefined) return error;
  const plugin = plugins.find(({ name }) => name === error.plugin);
  const { message } = error.code === 'PLUGIN_FAILED' && error.cause instanceof Error ? error.cause : error;
  return new ConfigError([plugin?.problem(message) ?? { path: '', message, plugin: error.plugin }], error.cause);
}

type ModelSource = () => readonly ModelInfo[];

/** What the config names, then what is known beside that; each once. */
function listModels(
  sources: readonly ModelSource[],
  lastSources: readonly ModelSource[],
  providers: ReadonlyMap<string, ProviderEntry>,
  facts: ModelFacts,
): readonly ModelInfo[] {
  const models = new Map<string, ModelInfo>();
  const add = (source: ModelSource): void => {
    for (const model of source()) models.set(model.id, { ...models.get(model.id), ...model });
  };
  sources.forEach(add);
  for (const { name, provider } of providers.values()) {
    for (const model of provider.models?.() ?? []) {
      const target = { provider: name, model: model.id };
      const id = formatTarget(target);
      models.set(id, { ownedBy: name, ...facts.of(target), id });
    }
  }
  lastSources.forEach(add);
  return [...models.values()];
}
