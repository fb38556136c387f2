import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

export type Headers = Readonly<Record<string, string>>;

/**
 * How an answer breaks off: `end` finishes the HTTP body as if all were well, `fin` closes the connection inside the
 * body, `rst` resets it.
 */
export type Cut = 'end' | 'fin' | 'rst';

/** What a responder does on the socket. */
export interface Wire {
  /** Aborted when the client leaves, the script cuts, or the provider closes. */
  readonly signal: AbortSignal;
  readonly headSent: boolean;
  /** Sends status and headers at once. */
  head(status: number, headers?: Headers): void;
  /** One write of its own on the socket; waits while the client reads too slowly. */
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  cut(how: Cut): Promise<void>;
  /** @throws {Error} AbortError when the connection closes meanwhile. */
  wait(ms: number): Promise<void>;
  /** Settles when the connection is gone. */
  closed(): Promise<void>;
}

export function createWire(response: ServerResponse, signal: AbortSignal, onCut: () => void): Wire {
  return {
    signal,
    get headSent() {
      return response.headersSent;
    },
    head(status, headers = {}) {
      response.writeHead(status, headers);
      response.flushHeaders();
    },
    async write(bytes) {
      if (signal.aborted || bytes.length === 0) return;
      if (!response.write(bytes)) await once(response, 'drain', { signal });
      // Node corks what one turn writes: the next write must come in a later turn to be a packet of its own.
      await nextTurn();
    },
    async end() {
      if (signal.aborted) return;
      response.end();
      if (!response.writableFinished) await once(response, 'finish', { signal });
    },
    async cut(how) {
      if (signal.aborted) return;
      await nextTurn();
      onCut();
      if (how === 'end') response.end();
      else if (how === 'fin') response.socket?.destroySoon();
      else response.socket?.resetAndDestroy();
    },
    async wait(ms) {
      await sleep(ms, undefined, { signal });
    },
    async closed() {
      if (!signal.aborted) await once(signal, 'abort');
    },
  };
}
