import {
  type AskProvider,
  type Endpoint,
  type JsonObject,
  type JsonValue,
  type ModelInfo,
  type ModelPrices,
  RecentMap,
  SignalboxError,
  wordOf,
} from '@signalbox/kit';

/** What Ollama says about one model. */
export interface KnownModel {
  readonly info: ModelInfo;
  /** The window that its Modelfile sets, in tokens. */
  readonly numCtx?: number;
}

const DEFAULT_TAG = ':latest';
/** Questions at a time: a local server reads a file for each. */
const AT_ONCE = 4;
const MOST_MODELS = 1_000;
const FREE: ModelPrices = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };
const HOSTED_MODEL = /[:-]cloud$/;

/** Errors that the request itself would meet. */
const NOT_REACHED: ReadonlySet<string> = new Set([
  'PROVIDER_UNREACHABLE',
  'PROVIDER_AUTH',
  'CONNECT_TIMEOUT',
  'HEADERS_TIMEOUT',
]);

interface Listed {
  readonly name: string;
  readonly digest: string;
}

/** Models that are asked about at once. */
const MAX_WANTED = 50;

/** Which models a server has and what they can do, from `/api/tags` and `/api/show`, each asked once per digest. */
export class Catalogue {
  readonly #endpoint: (path: string) => Endpoint;
  readonly #hosted: boolean;
  /** Bounded: names come from clients, and a server that imitates Ollama may know them all. */
  readonly #known = new RecentMap<KnownModel & { readonly digest: string }>(MOST_MODELS);
  #list: readonly ModelInfo[] = [];
  /** Models that were asked for and may not be listed: hosted ones. */
  readonly #wanted = new Set<string>();
  /** What the server said of those that it does not have, until they are asked for again. */
  readonly #missing = new RecentMap<SignalboxError>(MOST_MODELS);

  constructor(endpoint: (path: string) => Endpoint, hosted: boolean) {
    this.#endpoint = endpoint;
    this.#hosted = hosted;
  }

  /** As of the last time it was asked. */
  get list(): readonly ModelInfo[] {
    return this.#list;
  }

  get(model: string): KnownModel | undefined {
    return this.#known.get(fullName(model));
  }

  /** Adds a model to those that the next `refresh` asks about. */
  want(model: string): void {
    const name = fullName(model);
    this.#missing.delete(name);
    // Names come from clients, and the server may be away for long.
    if (this.#wanted.size < MAX_WANTED) this.#wanted.add(name);
  }

  /** @throws {SignalboxError} MODEL_NOT_FOUND where the server was asked and does not have it. */
  refuseMissing(model: string): void {
    const missing = this.#missing.get(fullName(model));
    if (missing !== undefined) throw missing;
  }

  /** `undefined` where hosted plans decide what it costs. */
  pricesOf(model: string): ModelPrices | undefined {
    return this.#hosted || HOSTED_MODEL.test(model) ? undefined : FREE;
  }

  /** @throws {SignalboxError} where the server is not reached. */
  async refresh(ask: AskProvider): Promise<readonly ModelInfo[]> {
    const listed = await this.#listed(ask);
    const names = new Set(listed.map(({ name }) => name));
    for (const name of names) if (this.#known.get(name) !== undefined) this.#wanted.delete(name);
    const unlisted = [...this.#wanted].filter((name) => !names.has(name)).map((name) => ({ name, digest: '' }));
    const unknown = [...listed, ...unlisted].filter(({ name, digest }) => this.#known.get(name)?.digest !== digest);
    for (let at = 0; at < unknown.length; at += AT_ONCE) {
      await Promise.all(unknown.slice(at, at + AT_ONCE).map((model) => this.#learn(model, ask)));
    }
    this.#list = listed.flatMap(({ name }) => this.#known.get(name)?.info ?? []);
    return this.#list;
  }

  async #listed(ask: AskProvider): Promise<readonly Listed[]> {
    const { models } = await ask(this.#endpoint('/api/tags')).catch(nothingKnown);
    return (Array.isArray(models) ? models : []).flatMap((model) => {
      const { name, digest } = isObject(model) ? model : {};
      return typeof name === 'string' && name !== ''
        ? [{ name: fullName(name), digest: typeof digest === 'string' ? digest : '' }]
        : [];
    });
  }

  async #learn({ name, digest }: Listed, ask: AskProvider): Promise<void> {
    const shown = await ask({ ...this.#endpoint('/api/show'), body: { model: name } }).catch((error: unknown) => {
      if (!SignalboxError.is(error) || error.code !== 'MODEL_NOT_FOUND' || !namesModel(error))
        return nothingKnown(error);
      this.#missing.set(name, error);
      return undefined;
    });
    // Not before: whoever else refreshes meanwhile must not go on without an answer.
    this.#wanted.delete(name);
    if (shown !== undefined) this.#known.set(name, { ...describe(name, shown, this.pricesOf(name)), digest });
  }
}

/** A name with its tag, as Ollama compares them. */
export function fullName(model: string): string {
  return model.lastIndexOf(':') > model.lastIndexOf('/') ? model : `${model}${DEFAULT_TAG}`;
}

/** What a server imitates only in part must not fail a request: it is called without knowing the model. */
function nothingKnown(error: unknown): JsonObject {
  if (!SignalboxError.is(error) || NOT_REACHED.has(error.code)) throw error;
  return {};
}

/** A server without `/api/show` answers 404, too, but names no model. */
function namesModel({ message }: SignalboxError): boolean {
  return /\bmodel\b/i.test(message);
}

function describe(name: string, shown: JsonObject, prices: ModelPrices | undefined): KnownModel {
  const { model_info: facts, capabilities, template, parameters } = shown;
  const architecture = isObject(facts) ? facts['general.architecture'] : undefined;
  const context = isObject(facts) ? facts[`${wordOf(architecture)}.context_length`] : undefined;
  const can = capabilitiesOf(capabilities, template);
  const numCtx = /^num_ctx\s+(\d+)/m.exec(typeof parameters === 'string' ? parameters : '')?.[1];
  return {
    info: {
      id: name.endsWith(DEFAULT_TAG) ? name.slice(0, -DEFAULT_TAG.length) : name,
      ...(typeof context === 'number' && context > 0 ? { contextTokens: context } : {}),
      ...(prices === undefined ? {} : { prices }),
      ...(can === undefined ? {} : { capabilities: can }),
    },
    ...(numCtx === undefined ? {} : { numCtx: Number(numCtx) }),
  };
}

/** Servers before 2025 list no capabilities; whether a model calls tools stands in its template. */
function capabilitiesOf(
  capabilities: JsonValue | undefined,
  template: JsonValue | undefined,
): ModelInfo['capabilities'] | undefined {
  if (Array.isArray(capabilities)) {
    const can = (name: string): boolean => capabilities.includes(name);
    return { tools: can('tools'), reasoning: can('thinking'), images: can('vision'), structuredOutput: true };
  }
  return typeof template === 'string' && template !== '' ? { tools: template.includes('.Tools') } : undefined;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
