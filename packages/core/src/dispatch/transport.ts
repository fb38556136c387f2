import type { Timeouts } from '@signalbox/kit';
import { Agent, buildConnector } from 'undici';
import { watchReuse } from './stale-connection.ts';
import { type ProviderResponse, TransportCall } from './transport-call.ts';

export type { ProviderResponse } from './transport-call.ts';

export interface ProviderRequest {
  readonly url: string;
  /** `POST` unless said. */
  readonly method?: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body?: string | Buffer;
  /** In place of the provider's own. */
  readonly timeouts?: Partial<Timeouts> | undefined;
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
    const call = new TransportCall(
      this.#who,
      timeouts === undefined ? this.#timeouts : { ...this.#timeouts, ...timeouts },
    );
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
