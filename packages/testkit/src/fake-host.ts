import type {
  AttemptRecord,
  ChatRequest,
  Exchange,
  ExchangeRecord,
  Format,
  JsonObject,
  ModelInfo,
  Plugin,
  PluginHost,
  Principal,
  Provider,
  Reply,
  RoutePlan,
  Target,
} from '@signalbox/kit';
import { isLocalProvider, mergeModelInfo, pluginDefinition } from '@signalbox/kit';
import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } from 'tapable';

const createHooks = () => ({
  auth: new AsyncSeriesBailHook<[Exchange], Principal | undefined>(['exchange']),
  route: new AsyncSeriesWaterfallHook<[RoutePlan | undefined, Exchange]>(['plan', 'exchange']),
  transformIn: new AsyncSeriesWaterfallHook<[ChatRequest, Target, Exchange]>(['request', 'target', 'exchange']),
  dispatch: new AsyncSeriesBailHook<[ChatRequest, Target, Exchange], Reply | undefined>([
    'request',
    'target',
    'exchange',
  ]),
  transformOut: new AsyncSeriesWaterfallHook<[Reply, Exchange]>(['reply', 'exchange']),
  log: new SyncHook<[ExchangeRecord]>(['record']),
  attempt: new SyncHook<[AttemptRecord, Exchange]>(['record', 'exchange']),
  ready: new AsyncSeriesHook<[]>([]),
  close: new AsyncSeriesHook<[]>([]),
});

/** One tap as a plugin made it. */
export interface FakeTap {
  readonly hook: keyof ReturnType<typeof createHooks>;
  readonly name: string;
  readonly stage: number;
}

/** A host whose hooks can be called, and which remembers what plugins did to it. */
export interface FakeHost extends PluginHost {
  readonly hooks: ReturnType<typeof createHooks>;
  readonly formats: readonly Format[];
  readonly providers: ReadonlyMap<string, Provider>;
  readonly logged: readonly { level: 'info' | 'warn' | 'error'; fields: object; message: string }[];
  /** All taps, hook by hook, in the order in which they are called. */
  readonly taps: readonly FakeTap[];
  models(): ModelInfo[];
  /** What plugins add to `/health`. */
  readonly health: ReadonlyMap<string, () => JsonObject>;
  /** How plugins answer questions of an ingress. */
  readonly answers: ReadonlyMap<string, Parameters<PluginHost['answerInfo']>[1]>;
}

export function fakeHost({
  env = {},
  configDir = process.cwd(),
}: Partial<Pick<PluginHost, 'env' | 'configDir'>> = {}): FakeHost {
  const hooks = createHooks();
  const formats: Format[] = [];
  const providers = new Map<string, Provider>();
  const models: (() => readonly ModelInfo[])[] = [];
  const overrides: ((target: Target) => ModelInfo | undefined)[] = [];
  const facts: ((target: Target) => ModelInfo | undefined)[] = [];
  const kept = new Map<string, unknown>();
  const health = new Map<string, () => JsonObject>();
  const answers = new Map<string, Parameters<PluginHost['answerInfo']>[1]>();
  const logged: { level: 'info' | 'warn' | 'error'; fields: object; message: string }[] = [];
  const logger = (level: 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    logged.push({ level, fields, message });
  };
  return {
    hooks,
    formats,
    providers,
    logged,
    env,
    configDir,
    log: { info: logger('info'), warn: logger('warn'), error: logger('error') },
    addFormat: (format) => {
      formats.push(format);
    },
    addProvider: (name, provider) => {
      if (providers.has(name)) throw new Error(`there is a provider ${name} already`);
      providers.set(name, provider);
    },
    hasProvider: (name) => providers.has(name),
    providerNames: () => [...providers.keys()],
    keysOf: (name) => providers.get(name)?.keys ?? [],
    format: (id) => formats.find((format) => format.id === id),
    formatOf: (name) => {
      const provider = providers.get(name);
      return provider !== undefined && 'format' in provider ? provider.format.id : undefined;
    },
    laneOf: ({ provider: name }, { format: clientFormat }) => {
      const provider = providers.get(name);
      if (provider === undefined) return undefined;
      if (isLocalProvider(provider)) return 'local';
      return provider.format.id === clientFormat ? 'pass-through' : 'canonical';
    },
    modelInfo: (target) => {
      const listed = providers.get(target.provider)?.models?.();
      const said = [
        ...overrides.map((source) => source(target)),
        listed?.find(({ id }) => id === target.model),
        ...facts.map((source) => source(target)),
      ].filter((info) => info !== undefined);
      return said.length === 0 ? undefined : said.reduce(mergeModelInfo);
    },
    addModelFacts: (source, { first = false } = {}) => {
      (first ? overrides : facts).push(source);
    },
    listingProviders: () => [],
    fetchModels: () => Promise.resolve([]),
    kept: <T>(name: string, create: () => T): T => {
      if (!kept.has(name)) kept.set(name, create());
      return kept.get(name) as T;
    },
    addHealth: (part, state) => {
      health.set(part, state);
    },
    health,
    answerInfo: (question, answer) => {
      answers.set(question, answer);
    },
    answers,
    addModels: (list) => {
      models.push(list);
    },
    setLogger: () => {},
    get taps() {
      return Object.entries(hooks).flatMap(([hook, { taps }]) =>
        taps.map(({ name, stage = 0 }) => ({ hook: hook as FakeTap['hook'], name, stage })),
      );
    },
    models: () => models.flatMap((list) => list()),
  };
}

/** Applies a plugin, as the host does once its options are validated. @throws {TypeError} for what is no plugin. */
export async function applyPlugin(
  plugin: Plugin,
  options: JsonObject = {},
  host: FakeHost = fakeHost(),
): Promise<FakeHost> {
  const definition = pluginDefinition(plugin);
  if (definition?.apply === undefined) throw new TypeError('this is no plugin made by definePlugin or its kin');
  await definition.apply(host, options);
  return host;
}
