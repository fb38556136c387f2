import { createHash } from 'node:crypto';
import { errors, type Principal, RecentMap } from '@signalbox/kit';
import type { ProviderRequest } from './dispatch/transport.ts';
import type { ExchangeState } from './exchange.ts';

const MAX_ANSWERS = 200;
const KEPT_MS = 60_000;

type Waiter = Pick<ExchangeState, 'onRelease' | 'stopped'>;
/** Asks the provider; `onRelease` is given what ends the call. */
type Ask = (onRelease: (cancel: () => void) => void) => Promise<number>;

/**
 * Counts that providers were asked for. An editor asks for the same one dozens of times a second: equal questions are
 * asked once, and the answer holds for a minute. What fails is asked anew.
 */
export class TokenCounts {
  readonly #questions = new RecentMap<Question>(MAX_ANSWERS);

  /**
   * @param question tells questions apart: `questionOf` the call.
   * @throws {SignalboxError} what the call throws; CLIENT_CLOSED as soon as this client has left.
   */
  ask(question: string, exchange: Waiter, ask: Ask): Promise<number> {
    let asked = this.#questions.get(question);
    if (asked === undefined || asked.over) {
      const fresh = new Question(ask);
      fresh.answer.catch(() => {
        if (this.#questions.get(question) === fresh) this.#questions.delete(question);
      });
      this.#questions.set(question, fresh);
      asked = fresh;
    }
    return asked.wait(exchange);
  }
}

/** A call to a provider as one name: all that goes over the wire, credentials included, and for whom. */
export function questionOf({ url, headers, body = '' }: ProviderRequest, principal: Principal | undefined): string {
  const hash = createHash('sha256').update(JSON.stringify([url, headers, principal?.id]));
  return hash.update(body).digest('base64');
}

class Question {
  readonly answer: Promise<number>;
  #waiting = 0;
  #cancel: () => void = () => {};
  /** Whether the last client has left before there was an answer. */
  #abandoned = false;
  #answeredMs: number | undefined;

  constructor(ask: Ask) {
    this.answer = ask((cancel) => {
      this.#cancel = cancel;
    }).then((tokens) => {
      this.#answeredMs = performance.now();
      return tokens;
    });
  }

  /** Nobody may wait for it any more. */
  get over(): boolean {
    return this.#abandoned || (this.#answeredMs !== undefined && performance.now() - this.#answeredMs > KEPT_MS);
  }

  /** The call goes on until the last of those who wait has left. */
  wait(exchange: Waiter): Promise<number> {
    this.#waiting++;
    return new Promise((resolve, reject) => {
      let waits = true;
      exchange.onRelease(() => {
        if (!waits) return;
        waits = false;
        reject(exchange.stopped ?? errors.clientClosed());
        this.#leave();
      });
      this.answer
        .finally(() => {
          waits = false;
        })
        .then(resolve, reject);
    });
  }

  #leave(): void {
    this.#waiting--;
    if (this.#waiting > 0 || this.#answeredMs !== undefined) return;
    this.#abandoned = true;
    this.#cancel();
  }
}
