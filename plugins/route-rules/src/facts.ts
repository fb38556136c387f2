import { type Exchange, needsCapability, sessionOf } from '@signalbox/kit';

/**
 * What a condition may ask about one request. Each fact is looked up when it is read: those of the second half decode
 * the body, the others do not.
 */
export class Facts {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** For the functions of the language, which get no more than the names of variables. */
  get facts(): this {
    return this;
  }

  get model(): string {
    return this.#exchange.model;
  }

  get format(): string {
    return this.#exchange.format;
  }

  get path(): string {
    return this.#exchange.path;
  }

  get operation(): string {
    return this.#exchange.operation;
  }

  get stream(): boolean {
    return this.#exchange.stream;
  }

  get key(): string {
    return this.#exchange.principal?.id ?? '';
  }

  get session(): string {
    return sessionOf(this.#exchange) ?? '';
  }

  get bodyBytes(): bigint {
    return BigInt(this.#exchange.rawBody.length);
  }

  get now(): Date {
    return new Date();
  }

  /** `name` in lower case; `''` where there is none. */
  header(name: string): string {
    const { headers } = this.#exchange;
    return (Object.hasOwn(headers, name) ? headers[name] : undefined) ?? '';
  }

  /** Of the prompt, by estimate. */
  get tokens(): bigint {
    return BigInt(this.#exchange.estimatePromptTokens());
  }

  /** 0: the client names no limit. */
  get maxOutputTokens(): bigint {
    return BigInt(Math.trunc(this.#exchange.request.maxOutputTokens ?? 0));
  }

  get tools(): readonly string[] {
    return this.#exchange.request.tools.flatMap(({ name }) => name ?? []);
  }

  get images(): boolean {
    return needsCapability(this.#exchange.request, 'images');
  }

  get documents(): boolean {
    return needsCapability(this.#exchange.request, 'documents');
  }

  get webSearch(): boolean {
    return needsCapability(this.#exchange.request, 'webSearch');
  }

  get reasoning(): boolean {
    const { format, request } = this.#exchange;
    // In Messages an effort alone is about the whole answer and does not switch thinking on.
    if (format === 'anthropic-messages' && request.reasoning?.mode === undefined) return false;
    return needsCapability(request, 'reasoning');
  }

  /** `''` where the client names none. */
  get effort(): string {
    return this.#exchange.request.reasoning?.effort ?? '';
  }

  /** A text or number of the request's `metadata`; `''` where there is none. */
  metadata(name: string): string {
    const { format, request } = this.#exchange;
    const metadata = request.extensions?.[format]?.metadata;
    const values = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? metadata : {};
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null) return name === 'user_id' ? (request.userId ?? '') : '';
    return typeof value === 'object' ? '' : String(value);
  }
}
