import type { ChatRequest, JsonObject, ModelInfo } from '@signalbox/spec';
import type { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } from 'tapable';
import type { AttemptRecord, Exchange, ExchangeRecord, Lane, Principal, RoutePlan, Target } from './exchange.ts';
import type { Format, InfoRequest } from './format.ts';
import type { Provider } from './provider.ts';
import type { Reply } from './reply.ts';
import type { Static, TSchema } from './type.ts';

/** The plugin interface's version: a plugin made for another one is refused with both numbers. */
export const PLUGIN_API = 1;

const BRAND = Symbol.for('signalbox.plugin');

/** What a tap on `transformIn` may say beside its name and stage. */
export interface TransformTap {
  /**
   * Whether this tap has anything to do. Answer without reading `exchange.request`: where all taps say no, the request is
   * not decoded. Default: yes.
   */
  readonly when?: (target: Target, exchange: Exchange) => boolean;
}

type TapOnly<H> = Pick<H, Extract<keyof H, 'tap' | 'tapPromise' | 'tapAsync'>>;

/** The stages of a request and the life of a plugin, to tap. Calling them belongs to the core. */
export interface Hooks {
  /**
   * Asked in turn until one names a principal; a thrown error refuses. Nobody answers: 401. The server asks before it
   * reads the body: what depends on the model or the contents belongs into `route`.
   */
  readonly auth: TapOnly<AsyncSeriesBailHook<[Exchange], Principal | undefined>>;
  /** Hands a plan on; the last one stands. No plan: 404. */
  readonly route: TapOnly<AsyncSeriesWaterfallHook<[RoutePlan | undefined, Exchange]>>;
  /** Changes a request on its way to a target. Return the same object to leave it, which keeps the pass-through lane. */
  readonly transformIn: TapOnly<AsyncSeriesWaterfallHook<[ChatRequest, Target, Exchange], ChatRequest, TransformTap>>;
  /** Answers in the provider's place (cache, replay, stub). */
  readonly dispatch: TapOnly<AsyncSeriesBailHook<[ChatRequest, Target, Exchange], Reply | undefined>>;
  /** Changes a reply on its way to the client; see `mapEvents`. */
  readonly transformOut: TapOnly<AsyncSeriesWaterfallHook<[Reply, Exchange]>>;
  /** After the last byte, once per exchange. */
  readonly log: Pick<SyncHook<[ExchangeRecord]>, 'tap'>;
  /** After every single try, once its end is known. */
  readonly attempt: Pick<SyncHook<[AttemptRecord, Exchange]>, 'tap'>;
  readonly ready: TapOnly<AsyncSeriesHook<[]>>;
  /** No request needs the plugin any more. It has 3 s; then the gateway goes on without it, and says so. */
  readonly close: TapOnly<AsyncSeriesHook<[]>>;
}

/** Where a plugin writes what concerns the operator: never keys, never bodies. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What a plugin gets at start-up. */
export interface PluginHost {
  readonly hooks: Hooks;
  readonly log: Logger;
  /** The folder of the config file: relative paths in options start here. */
  readonly configDir: string;
  /** The environment the generation was built with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Serves a client format and lets providers speak it. */
  addFormat(format: Format): void;
  /** Targets reach it as `name/model`. */
  addProvider(name: string, provider: Provider): void;
  /** Whether targets of this name exist. Complete once `ready` is called. */
  hasProvider(name: string): boolean;
  /** The names of all providers. Complete once `ready` is called. */
  providerNames(): readonly string[];
  /** The names of a provider's keys, for `Target.key`; empty where it has one or none. Complete once `ready` is called. */
  keysOf(provider: string): readonly string[];
  /** A client format that is served here. Complete once `ready` is called. */
  format(id: string): Format | undefined;
  /**
   * The format that a provider is spoken to in, the first of one that speaks several (`laneOf` knows which one a call gets);
   * `undefined`: it answers inside this process, or there is none of this name.
   */
  formatOf(provider: string): string | undefined;
  /**
   * The lane that this target will have as long as no tap changes the request: `canonical` is decoded anyhow. It may search
   * the body, so ask last. `undefined`: there is no such provider.
   */
  laneOf(target: Target, exchange: Exchange): Lane | undefined;
  /** What is known about a target's model: by overrides, the provider itself, then what plugins add, the first to say so. */
  modelInfo(target: Target): ModelInfo | undefined;
  /**
   * Adds what is known about models. Asked for every request: answer from memory. `first`: what it says goes before what
   * the provider says of itself, as the operator's own word does.
   */
  addModelFacts(source: (target: Target) => ModelInfo | undefined, options?: { readonly first?: boolean }): void;
  /** The providers that can say which models they have. Complete once `ready` is called. */
  listingProviders(): readonly string[];
  /** Asks a provider which models it has, over the network. @throws {SignalboxError} */
  fetchModels(provider: string): Promise<readonly ModelInfo[]>;
  /** State that outlives a reload of the config: the same name gives the same value. */
  kept<T>(name: string, create: () => T): T;
  /** Adds to what `/health` shows: JSON without secrets. */
  addHealth(part: string, state: () => JsonObject): void;
  /**
   * Answers a question that a format's ingress has a name for (`IngressRoute.question`), in the format's place.
   * @param answer throws a SignalboxError that says what the client is told instead.
   */
  answerInfo(question: string, answer: (request: InfoRequest) => JsonObject | Promise<JsonObject>): void;
  /**
   * Adds to the model lists: aliases and other names that a route understands. `last`: what may be asked for although nobody
   * has named it in the config stands behind what somebody has.
   */
  addModels(models: () => readonly ModelInfo[], options?: { readonly last?: boolean }): void;
  /** Takes over what the gateway and plugins write to `log`; the last plugin to claim it has it. */
  setLogger(log: Logger): void;
}

export interface PluginDefinition<S extends TSchema = TSchema> {
  /** `<kind>-<name>`, as in the config. */
  readonly name: string;
  readonly configSchema?: S;
  /** Called once per generation with validated options, defaults filled in. Throwing stops the start. */
  apply(host: PluginHost, options: Static<S>): void | Promise<void>;
}

/** A list of other plugins, made from the environment. */
export interface PresetDefinition<S extends TSchema = TSchema> {
  readonly name: string;
  readonly configSchema?: S;
  plugins(
    options: Static<S>,
    context: { readonly env: Readonly<Record<string, string | undefined>> },
  ): readonly PresetEntry[] | Promise<readonly PresetEntry[]>;
}

/** A plugin of a preset with its options; they are validated like those in a config. */
export type PresetEntry = readonly [plugin: Plugin, options?: JsonObject];

interface Branded {
  readonly api: number;
  readonly name: string;
  readonly configSchema: TSchema | undefined;
  readonly apply?: PluginDefinition['apply'];
  readonly plugins?: PresetDefinition['plugins'];
}

/** What a plugin package exports by default. Made by `definePlugin` and its kin only. */
export interface Plugin {
  readonly [BRAND]: Branded;
}

export function definePlugin<S extends TSchema>(definition: PluginDefinition<S>): Plugin {
  return registerPlugin({}, definition);
}

export function definePreset<S extends TSchema>(definition: PresetDefinition<S>): Plugin {
  const { name, configSchema, plugins } = definition;
  return brand({}, { api: PLUGIN_API, name, configSchema, plugins: plugins as PresetDefinition['plugins'] });
}

/** Marks `value` as a plugin: what `defineFormat` and its kin use. */
export function registerPlugin<T extends object, S extends TSchema>(
  value: T,
  definition: PluginDefinition<S>,
): T & Plugin {
  const { name, configSchema } = definition;
  return brand(value, {
    api: PLUGIN_API,
    name,
    configSchema,
    apply: ((host, options) => definition.apply(host, options as Static<S>)) as PluginDefinition['apply'],
  });
}

/** The definition behind a plugin, or `undefined` for anything else. Works across copies of this package. */
export function pluginDefinition(value: unknown): Branded | undefined {
  return typeof value === 'object' && value !== null && BRAND in value ? (value as Plugin)[BRAND] : undefined;
}

function brand<T extends object>(value: T, definition: Branded): T & Plugin {
  return Object.defineProperty(value, BRAND, { value: Object.freeze(definition) }) as T & Plugin;
}
