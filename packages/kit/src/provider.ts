import type { ChatRequest, JsonObject, ModelInfo } from '@signalbox/spec';
import { errors, SignalboxError } from './errors.ts';
import type { Lane, Principal } from './exchange.ts';
import type { Format, HeaderMap } from './format.ts';
import { bySpecificity, compilePattern } from './name-pattern.ts';
import type { Notes } from './notes.ts';
import { type Logger, type Plugin, registerPlugin } from './plugin.ts';
import type { Reply } from './reply.ts';
import { type Static, type TSchema, Type } from './type.ts';

/** Each silence has its own limit and its own error. All in ms. */
export interface Timeouts {
  readonly connectMs: number;
  /** From the call to the response headers, connecting included. */
  readonly headersMs: number;
  /** From the headers to the first content. */
  readonly firstEventMs: number;
  /** Between two bytes. */
  readonly idleMs: number;
  /** The whole attempt. */
  readonly totalMs: number;
}

/** One call to a provider: what it is for, and whose. */
export interface ProviderCall {
  readonly operation: 'chat' | 'count-tokens';
  /** The model of the target, after the first slash. */
  readonly model: string;
  /** Which of the provider's keys; `undefined`: its first. */
  readonly key?: string | undefined;
  readonly stream: boolean;
  readonly lane: Lane;
  /** The format the client speaks. */
  readonly clientFormat: string;
  /** The client's headers; none is forwarded unless the provider copies it. */
  readonly headers: HeaderMap;
  /** What follows the `?` of the URL that the client asked; `undefined`: not known. */
  readonly query?: string | undefined;
  readonly principal: Principal | undefined;
  readonly notes: Notes;
  /** The client's body as received, to look for a mark in it without parsing. */
  readonly rawBody?: Buffer;
  /**
   * Whether some string of the body begins with `signalbox`, as all that the gateway packs for itself does (see
   * `packReasoningState`). Known without a search.
   */
  readonly holdsGatewayMarks?: boolean;
  /** Whether some string of the body is empty. Known without a search. */
  readonly holdsEmptyStrings?: boolean;
  /** The canonical request; reading it in the pass-through lane decodes the body. */
  readonly request: ChatRequest;
  estimatePromptTokens(): number;
}

export interface Endpoint {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** A call as it is about to go out. */
export interface SignableRequest extends Endpoint {
  readonly body: Uint8Array | string;
}

interface ProviderBase {
  /** Models that the config or the provider names; shown in the model lists. */
  models?(): readonly ModelInfo[];
  /** The names of its keys, where it has several. */
  readonly keys?: readonly string[];
}

/** Calls a provider for JSON: a GET, or a POST where there is a body. @throws {SignalboxError} */
export type AskProvider = (endpoint: Endpoint & { readonly body?: JsonObject }) => Promise<JsonObject>;

/** A provider that is reached over HTTP in a known format. */
export interface HttpProvider extends ProviderBase {
  readonly format: Format;
  /**
   * The format of one call, a count of tokens included, for a provider that speaks several; the same call always gives the
   * same one. `format` then stands for everything else.
   */
  formatFor?(call: ProviderCall): Format;
  endpoint(call: ProviderCall): Endpoint;
  /**
   * The headers of a call whose bytes are known, `endpoint`'s and the gateway's own included: for a credential that is not
   * sent but signs. Called once per try, last of all; the same request is never signed twice.
   */
  sign?(request: SignableRequest): Record<string, string> | Promise<Record<string, string>>;
  /** Changes the wire body; returns the same object where it has nothing to change. */
  adaptBody?(body: JsonObject, call: ProviderCall): JsonObject;
  /**
   * Whether a body of the provider's own format may go upstream as the client wrote it. Answer without parsing; where
   * `adaptBody` may have something to do, say no only if the canonical lane must do it. Default: yes.
   */
  acceptsVerbatim?(call: ProviderCall): boolean;
  /** Whether `adaptBody` must see a verbatim body, which costs a parse. Default: whether there is an `adaptBody`. */
  adaptsVerbatim?(call: ProviderCall): boolean;
  /** It is called with the caller's own key, so its 401 is the caller's. */
  readonly forwardsCallerKey?: boolean;
  /** Whether a request that it would not get exactly is refused. */
  readonly strict?: boolean;
  /** Tags reasoning state; default: the format's id. */
  readonly reasoningOrigin?: string;
  readonly timeouts?: Partial<Timeouts>;
  /** Other limits for single models; the limit on connecting is the provider's. */
  timeoutsFor?(model: string): Partial<Timeouts> | undefined;
  /** Names of tools that this provider takes. Default: `[A-Za-z0-9_-]`, 64 characters. */
  readonly toolNames?: { readonly legal?: RegExp; readonly maxLength?: number };
  /**
   * Whether it counts tokens itself, at `endpoint({ operation: 'count-tokens' })`; a function where that depends on the
   * call. Where it does not, or fails, the gateway estimates. Default: no.
   */
  readonly countsTokens?: boolean | ((call: ProviderCall) => boolean);
  /** Asks it which models it has, with what it says about them. */
  fetchModels?(ask: AskProvider): Promise<readonly ModelInfo[]>;
  /** A last word on a decoded error: billing look-alikes, the provider's own codes. */
  refineError?(
    error: SignalboxError,
    response: {
      status: number;
      headers: HeaderMap;
      body: string;
      /** What was asked; `undefined`: neither a chat nor a count. */
      operation?: ProviderCall['operation'] | undefined;
    },
  ): SignalboxError;
}

/** A provider that answers inside this process. */
export interface LocalProvider extends ProviderBase {
  answer(request: ChatRequest, call: ProviderCall & { readonly signal: AbortSignal }): Reply | Promise<Reply>;
}

export type Provider = HttpProvider | LocalProvider;

export interface ProviderDefinition<S extends TSchema> {
  /** The name targets use, unless the options have a `name`. */
  readonly id: string;
  readonly configSchema: S;
  /** The name for these options where they have no `name`; `undefined`: the id. */
  nameOf?(options: Static<S>): string | undefined;
  create(options: Static<S>, host: ProviderHost): Provider;
}

/** What a provider may use of the gateway at start-up. */
export interface ProviderHost {
  readonly log: Logger;
  /** The environment that the configuration was read with. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const callTimeouts = {
  headersMs: Type.Optional(Type.Integer({ minimum: 1, description: 'Until the response headers. Default: 300000.' })),
  firstEventMs: Type.Optional(
    Type.Integer({ minimum: 1, description: 'From the headers to the first content. Default: 300000.' }),
  ),
  idleMs: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Longest silence between two bytes. Default: 300000.' }),
  ),
  totalMs: Type.Optional(Type.Integer({ minimum: 1, description: 'The whole attempt. Default: 3600000.' })),
};

/** Options that every HTTP provider has; spread them into its schema. */
export const providerOptions = {
  name: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_.-]+$',
      description:
        'The name targets use (`name/model`); the plugin’s own by default. Give one to list a provider twice.',
    }),
  ),
  models: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description: 'Model ids to show in the model lists. Other ids work all the same.',
    }),
  ),
  headers: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Extra headers on every call to this provider.' }),
  ),
  apiKeys: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'Several keys instead of one, for route-balance to spread over. Without it the first is used.',
    }),
  ),
  strict: Type.Optional(
    Type.Boolean({
      description:
        'Refuse a request that this provider’s format cannot express exactly, with a list of what would be lost, instead of sending the rest. Default: false.',
    }),
  ),
  forwardCallerKey: Type.Optional(
    Type.Boolean({
      description:
        'Send the caller’s own key instead of `apiKey`. Needs `auth-api-key` with `"mode": "forward"`. Default: false.',
    }),
  ),
  timeouts: Type.Optional(
    Type.Object(
      {
        connectMs: Type.Optional(
          Type.Integer({ minimum: 1, description: 'Until the connection stands. Default: 10000.' }),
        ),
        ...callTimeouts,
      },
      { additionalProperties: false, description: 'Limits in ms, each with its own error.' },
    ),
  ),
  modelTimeouts: Type.Optional(
    Type.Record(Type.String({ minLength: 1 }), Type.Object(callTimeouts, { additionalProperties: false }), {
      description:
        'Other limits for single models, by name or pattern: `{"*-pro": {"firstEventMs": 900000}}`. The most exact one that fits.',
    }),
  ),
};

/** The shape of `providerOptions` once validated. */
export interface ProviderOptions {
  name?: string;
  models?: string[];
  headers?: Record<string, string>;
  apiKeys?: string[];
  strict?: boolean;
  forwardCallerKey?: boolean;
  timeouts?: { [Key in keyof Timeouts]?: number };
  modelTimeouts?: Record<string, { [Key in Exclude<keyof Timeouts, 'connectMs'>]?: number }>;
}

/** What `providerOptions` say about every provider alike: spread it into the provider. */
export function commonProvider(
  options: ProviderOptions,
): Pick<HttpProvider, 'models' | 'timeouts' | 'timeoutsFor' | 'forwardsCallerKey' | 'keys' | 'strict'> {
  const models = (options.models ?? []).map((id) => ({ id }));
  const { apiKeys = [] } = options;
  return {
    models: () => models,
    // A key's name is its place: the key itself is shown to nobody.
    ...(apiKeys.length > 1 ? { keys: apiKeys.map((_key, index) => String(index + 1)) } : {}),
    forwardsCallerKey: options.forwardCallerKey === true,
    strict: options.strict === true,
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
    ...(options.modelTimeouts === undefined ? {} : { timeoutsFor: timeoutsByModel(options.modelTimeouts) }),
  };
}

function timeoutsByModel(
  byPattern: NonNullable<ProviderOptions['modelTimeouts']>,
): (model: string) => Partial<Timeouts> | undefined {
  const rules = Object.entries(byPattern)
    .map(([text, timeouts]) => ({ pattern: compilePattern(text), timeouts }))
    .sort((a, b) => bySpecificity(a.pattern, b.pattern));
  return (model) => rules.find(({ pattern }) => pattern.fits(model))?.timeouts;
}

/**
 * The key for one call: the provider's own, or the caller's where the options forward it.
 * @throws {SignalboxError} UNAUTHENTICATED when the caller's key is wanted and there is none.
 */
export function credentialFor(call: ProviderCall, options: ProviderOptions & { apiKey?: string }): string | undefined {
  if (options.forwardCallerKey !== true) {
    return options.apiKeys === undefined ? options.apiKey : options.apiKeys[Number(call.key ?? 1) - 1];
  }
  const credential = call.principal?.credential;
  if (credential !== undefined) return credential;
  throw errors.unauthenticated(
    'This provider is called with your own key: send it as x-api-key or Authorization: Bearer. ' +
      '(The gateway’s auth-api-key plugin must be in "forward" mode.)',
  );
}

/** The provider's own key for calls that are for no caller, as for its list of models; `undefined` where it has none. */
export function ownKey({
  apiKey,
  apiKeys,
}: Pick<ProviderOptions, 'apiKeys'> & { apiKey?: string }): string | undefined {
  return apiKey ?? apiKeys?.[0];
}

/** @throws {SignalboxError} BAD_CONFIG where a provider that needs a key has none. */
export function requireKey({
  apiKey,
  apiKeys,
  forwardCallerKey,
}: Pick<ProviderOptions, 'apiKeys' | 'forwardCallerKey'> & { apiKey?: string }): void {
  if (apiKey !== undefined && apiKeys !== undefined) {
    throw new SignalboxError('BAD_CONFIG', 'apiKeys: give either one "apiKey" or several "apiKeys".');
  }
  if (apiKey === undefined && apiKeys === undefined && forwardCallerKey !== true) {
    throw new SignalboxError('BAD_CONFIG', 'apiKey: required, unless "forwardCallerKey" is true.');
  }
}

export function defineProvider<S extends TSchema>(
  definition: ProviderDefinition<S>,
): Plugin & { definition: ProviderDefinition<S> } {
  return registerPlugin(
    { definition },
    {
      name: `provider-${definition.id}`,
      configSchema: definition.configSchema,
      apply: (host, options) => {
        const name = (options as ProviderOptions | undefined)?.name ?? definition.nameOf?.(options) ?? definition.id;
        host.addProvider(name, definition.create(options, host));
      },
    },
  );
}

/** The provider as it speaks for one call. */
export function providerForCall(provider: HttpProvider, call: ProviderCall): HttpProvider {
  const format = provider.formatFor?.(call) ?? provider.format;
  if (format === provider.format) return provider;
  return Object.create(provider, { format: { value: format, enumerable: true } }) as HttpProvider;
}

/** Whether the provider counts the tokens of this call itself. */
export function countsTokens({ countsTokens: counts = false }: HttpProvider, call: ProviderCall): boolean {
  return typeof counts === 'function' ? counts(call) : counts;
}

export function isLocalProvider(provider: Provider): provider is LocalProvider {
  return 'answer' in provider;
}
