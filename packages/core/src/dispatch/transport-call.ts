import { errors, type HeaderMap, type Timeouts } from '@signalbox/kit';
import type { Dispatcher } from 'undici';
import { AttemptClock } from './attempt-clock.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { Inflater } from './inflate.ts';
import { transportError } from './transport-error.ts';

const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
/** How long the end of an answer may come after the end of the reply in it. */
const DRAIN_MS = 1_000;

/** The answer of a provider from its headers on. Read it with `next()` until `undefined`, or `whole()`, or `cancel()`. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  /** What has arrived since the last call, waiting if that is nothing; `undefined` at the end. */
  next(): Promise<readonly Buffer[] | undefined>;
  whole(): Promise<Buffer>;
  cancel(): void;
  /** The reply is whole: what still comes is thrown away, so that the connection can serve the next call. */
  drain(): void;
  /** Tells the clock that content has come: from here on only silence counts. */
  firstEvent(): void;
}

/** One call on a connection of undici's, kept in time by its own clock. */
export class TransportCall implements ProviderResponse, Dispatcher.DispatchHandler {
  /** Settles with the response headers. */
  readonly response: Promise<ProviderResponse>;
  status = 0;
  headers: HeaderMap = {};
  readonly #who: string;
  readonly #clock: AttemptClock;
  readonly #chunks: ChunkQueue;
  #resolve: (response: ProviderResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #answered = false;
  #failure: Error | undefined;
  #draining: NodeJS.Timeout | undefined;
  #inflater: Inflater | undefined;

  constructor(who: string, timeouts: Timeouts) {
    this.#who = who;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#clock = new AttemptClock(timeouts, who, (error) => this.#fail(error));
    this.#chunks = new ChunkQueue({
      hold: () => {
        // The silence that follows is ours.
        this.#clock.pause();
        (this.#inflater ?? this.#controller)?.pause();
      },
      goOn: () => {
        this.#clock.resume();
        (this.#inflater ?? this.#controller)?.resume();
      },
    });
  }

  firstEvent(): void {
    this.#clock.firstEvent();
  }

  cancel(): void {
    // Every call is cancelled in the end: an error is made only where there is something to end.
    if (!this.#chunks.ended && this.#draining === undefined) this.#fail(errors.clientClosed());
  }

  drain(): void {
    if (this.#chunks.ended || this.#draining !== undefined) return;
    this.#clock.stop();
    this.#draining = setTimeout(() => this.#fail(errors.clientClosed()), DRAIN_MS);
    this.#chunks.drop();
  }

  next(): Promise<readonly Buffer[] | undefined> {
    return this.#chunks.next();
  }

  async whole(): Promise<Buffer> {
    const parts: Buffer[] = [];
    let size = 0;
    for (let chunks = await this.next(); chunks !== undefined; chunks = await this.next()) {
      for (const chunk of chunks) {
        parts.push(chunk);
        size += chunk.length;
      }
      if (size > MAX_WHOLE_BYTES) {
        this.cancel();
        throw errors.malformedReply(`${this.#who} sent more than ${MAX_WHOLE_BYTES} bytes.`);
      }
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#chunks.ended) controller.abort(this.#failure ?? new Error('cancelled'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: object): void {
    if (status < 200) return;
    this.status = status;
    const { 'content-encoding': encoding, ...rest } = toHeaderMap(
      headers as Record<string, string | string[] | undefined>,
    );
    this.#inflater = Inflater.for(encoding, controller, {
      data: (chunk) => this.#take(chunk),
      end: () => {
        this.#finish(undefined);
        // What follows belongs to nobody, and may never end.
        if (this.#inflater?.ended !== true) controller.abort(errors.clientClosed());
      },
      error: (error) => this.#fail(error),
    });
    this.headers =
      this.#inflater === undefined && encoding !== undefined ? { ...rest, 'content-encoding': encoding } : rest;
    this.#clock.headers();
    this.#answered = true;
    this.#resolve(this);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#draining !== undefined) return;
    this.#clock.byte();
    if (this.#inflater === undefined) this.#take(chunk);
    else this.#inflater.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#inflater === undefined) this.#finish(undefined);
    else this.#inflater.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish(error);
  }

  #take(chunk: Buffer): void {
    if (!this.#chunks.ended && this.#draining === undefined) this.#chunks.put(chunk);
  }

  #fail(error: Error): void {
    if (this.#chunks.ended) return;
    this.#finish(error);
    this.#controller?.abort(error);
  }

  #finish(error: Error | undefined): void {
    if (this.#chunks.ended) return;
    this.#clock.stop();
    this.#inflater?.destroy();
    clearTimeout(this.#draining);
    if (error !== undefined) this.#failure = transportError(error, this.#who, this.#answered);
    if (!this.#answered) {
      this.#reject(this.#failure ?? errors.providerUnreachable(`${this.#who} closed without an answer.`));
    }
    this.#chunks.end(this.#failure);
  }
}

function toHeaderMap(headers: Record<string, string | string[] | undefined>): HeaderMap {
  const map: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    map[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return map;
}
