import type { Server, ServerResponse } from 'node:http';
import type { ExchangeState } from '@signalbox/core';
import { errors } from '@signalbox/kit';
import type { Line } from './line.ts';

/** How often a gateway that stops looks for connections whose answers are out. */
const SWEEP_MS = 100;
/** How long the errors of a stop may take to reach their clients. */
const LAST_WORDS_MS = 1_000;

interface ClosingState {
  readonly line: Line;
  readonly retired: ReadonlySet<Line>;
  readonly running: ReadonlySet<ExchangeState>;
  readonly responses: ReadonlySet<ServerResponse>;
}

/** A gateway on its way down: it accepts nothing any more, and waits for the answers in flight. */
export class Closing {
  /** Settles when all is closed, plugins included. */
  readonly done: Promise<void>;
  readonly #server: Server;
  readonly #running: ReadonlySet<ExchangeState>;
  #deadline: NodeJS.Timeout | undefined;
  #endsAt = Number.POSITIVE_INFINITY;
  #lastWords: NodeJS.Timeout | undefined;

  constructor(server: Server, state: ClosingState) {
    this.#server = server;
    this.#running = state.running;
    const closeIdle = server.closeIdleConnections.bind(server);
    // Node's own, which its `close` calls, too, cuts an answer that it was handed and that its client has not read yet.
    server.closeIdleConnections = () => {
      for (const { writableEnded, writableFinished } of state.responses) if (writableEnded && !writableFinished) return;
      closeIdle();
    };
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // A client keeps its connection open after the answer that was in flight.
    server.prependListener('request', (_request, response: ServerResponse) =>
      response.setHeader('connection', 'close'),
    );
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    this.done = closed.then(async () => {
      clearInterval(sweep);
      clearTimeout(this.#deadline);
      clearTimeout(this.#lastWords);
      // Who asks again finds nothing to end, and no timer is to keep the process.
      this.#endsAt = Number.NEGATIVE_INFINITY;
      const ended = [...state.retired, state.line].map(({ generation }) => generation.close());
      // All of them, whatever becomes of one.
      await Promise.allSettled(ended);
      await ended.at(-1);
    });
  }

  /** What still runs in so many ms is told that the gateway stops, and cut a little later. */
  endWithin(graceMs: number): void {
    const endsAt = performance.now() + graceMs;
    if (endsAt >= this.#endsAt) return;
    this.#endsAt = endsAt;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#end(), graceMs);
  }

  #end(): void {
    const reason = errors.unavailable('The gateway is stopping, and this answer took longer than it could wait.');
    for (const exchange of this.#running) exchange.stop(reason);
    this.#lastWords ??= setTimeout(() => this.#server.closeAllConnections(), LAST_WORDS_MS);
  }
}
