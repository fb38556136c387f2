import { bodyHolds, type ChatRequest, type Exchange, SignalboxError } from '@signalbox/kit';

/**
 * Texts of which the received bytes hold at least one wherever the request can be of a kind, by client format. Where
 * they hold none nothing needs to be decoded. In JSON a quoted text is a whole string: the quotes inside of others are
 * escaped. A format that is not listed has no such texts: it is always decoded.
 */
export type Marks = Readonly<Record<string, readonly string[]>>;

/** What scenarios look at in one request, cheapest first: headers, bytes, and only then what it says. */
export class Evidence {
  readonly exchange: Exchange;
  #request: ChatRequest | undefined;
  #unreadable = false;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  mayHold(marks: Marks): boolean {
    const known = Object.hasOwn(marks, this.exchange.format) ? marks[this.exchange.format] : undefined;
    return known?.some((mark) => bodyHolds(this.exchange, mark)) ?? true;
  }

  /** Decoding was asked for and failed. */
  get unreadable(): boolean {
    return this.#unreadable;
  }

  /** `undefined` where the request cannot be decoded: it may still pass through as it is, so that is no failure here. */
  get request(): ChatRequest | undefined {
    if (this.#unreadable || this.#request !== undefined) return this.#request;
    try {
      this.#request = this.exchange.request;
    } catch (error) {
      if (!SignalboxError.is(error)) throw error;
      this.#unreadable = true;
    }
    return this.#request;
  }
}

/** Says in words why a request is of a kind; `undefined` where it is not. */
export type Recognise = (evidence: Evidence) => string | undefined;
