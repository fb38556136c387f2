import { errors, type HeaderMap, SignalboxError, type Timeouts } from '@signalbox/kit';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { AttemptClock } from './attempt-clock.ts';
import { Inflater } from './inflate.ts';
import { watchReuse } from './stale-connection.ts';

const HIGH_WATER_BYTES = 256 * 1024;
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
/** How long the end of an answer may come after the end of the reply in it. */
const DRAIN_MS = 1_000;

export interface ProviderRequest {
  readonly url: string;
  /** `POST` unless said. */
  readonly method?: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body?: string | Buffer;
  /** In place of the provider's own. */
  readonly timeouts?: Partial<Timeouts> | undefined;
}

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

/** The connections to one provider. They live as long as the config that made them. */
export class Transport {
  readonly #agent: Agent;
  readonly #timeouts: Timeouts;
  readonly #who: string;
  readonly #urls = new Map<string, URL>();

  constructor(who: string, timeouts: Timeouts) {
    this.#who = who;
    this.#timeouts = timeouts;
    this.#agent = new Agent({
      connect: watchReuse(buildConnector({ timeout: timeouts.connectMs, noDelay: true })),
      // The attempt's own clock keeps all other limits.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      pipelining: 1,
      maxResponseSize: -1,
    });
  }

  /**
   * Sends a request and resolves with the response headers. `onRelease` is given the function that ends the call, which
   * does nothing once it has ended.
   * @throws {SignalboxError} PROVIDER_UNREACHABLE, a timeout, or CLIENT_CLOSED.
   */
  send(request: ProviderRequest, onRelease: (cancel: () => void) => void): Promise<ProviderResponse> {
    let url = this.#urls.get(request.url);
    if (url === undefined) {
      url = new URL(request.url);
      if (this.#urls.size < 1000) this.#urls.set(request.url, url);
    }
    const { timeouts } = request;
    const call = new Call(this.#who, timeouts === undefined ? this.#timeouts : { ...this.#timeouts, ...timeouts });
    onRelease(() => call.cancel());
    this.#agent.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method ?? 'POST',
        headers: request.headers,
        body: request.body ?? null,
      },
      call,
    );
    return call.response;
  }

  /** Ends idle connections at once and busy ones when their answer is complete. */
  close(): Promise<void> {
    return this.#agent.close();
  }

  destroy(): Promise<void> {
    return this.#agent.destroy();
  }
}

class Call implements ProviderResponse, Dispatcher.DispatchHandler {
  readonly response: Promise<ProviderResponse>;
  status = 0;
  headers: HeaderMap = {};
  readonly #who: string;
  readonly #clock: AttemptClock;
  #resolve: (response: ProviderResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #answered = false;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #error: unknown;
  #wake: (() => void) | undefined;
  #draining: NodeJS.Timeout | undefined;
  #inflater: Inflater | undefined;
  /** Nothing is taken in until the reader has caught up. */
  #held = false;

  constructor(who: string, timeouts: Timeouts) {
    this.#who = who;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#clock = new AttemptClock(timeouts, who, (error) => this.fail(error));
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#finish(error);
    this.#controller?.abort(error instanceof Error ? error : new Error(String(error)));
  }

  firstEvent(): void {
    this.#clock.firstEvent();
  }

  cancel(): void {
    if (!this.#ended && this.#draining === undefined) this.fail(errors.clientClosed());
  }

  drain(): void {
    if (this.#ended || this.#draining !== undefined) return;
    this.#clock.stop();
    this.#draining = setTimeout(() => this.fail(errors.clientClosed()), DRAIN_MS);
    this.#chunks = [];
    this.#release();
  }

  async next(): Promise<readonly Buffer[] | undefined> {
    if (this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#chunks.length > 0) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#bytes = 0;
      if (this.#held) {
        this.#clock.resume();
        this.#release();
      }
      return chunks;
    }
    if (this.#error !== undefined) throw this.#error;
    return undefined;
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
    if (this.#ended) controller.abort(this.#error instanceof Error ? this.#error : new Error('cancelled'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: object): void {
    if (status < 200) return;
    this.status = status;
    const { 'content-encoding': encoding, ...rest } = toHeaderMap(
      headers as Record<string, string | string[] | undefined>,
    );
    this.#inflater = Inflater.for(encoding, controller, {
      data: (chunk) => this.#take(chunk),
      end: () => this.#finish(undefined),
      error: (error) => this.fail(error),
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

  #take(chunk: Buffer): void {
    if (this.#ended || this.#draining !== undefined) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > HIGH_WATER_BYTES && !this.#held) {
      this.#held = true;
      // The silence that follows is ours.
      this.#clock.pause();
      (this.#inflater ?? this.#controller)?.pause();
    }
    this.#wakeReader();
  }

  #release(): void {
    if (!this.#held) return;
    this.#held = false;
    (this.#inflater ?? this.#controller)?.resume();
  }

  onResponseEnd(): void {
    if (this.#inflater === undefined) this.#finish(undefined);
    else this.#inflater.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish(error);
  }

  #finish(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#clock.stop();
    this.#inflater?.destroy();
    clearTimeout(this.#draining);
    if (error !== undefined) this.#error = toSignalboxError(error, this.#who, this.#answered);
    if (!this.#answered)
      this.#reject(this.#error ?? errors.providerUnreachable(`${this.#who} closed without an answer.`));
    this.#wakeReader();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
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

function toSignalboxError(error: unknown, who: string, answered: boolean): SignalboxError {
  if (SignalboxError.is(error)) return error;
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return errors.timeout('CONNECT', `${who} could not be connected to in time.`, { cause: error });
  }
  if (answered) return errors.cutStream(`${who} broke the connection in the middle of its answer.`, { cause: error });
  return errors.providerUnreachable(`${who} cannot be reached (${code ?? message ?? 'unknown reason'}).`, {
    cause: error,
  });
}
