import { createHash } from 'node:crypto';
import { errors, type Principal, RecentMap, type SignalboxError } from '@signalbox/kit';
import type { ProviderRequest } from './dispatch/transport.ts';
import type { ExchangeState } from './exchange.ts';

const MAX_ANSWERS = 200;
const KEPT_MS = 60_000;
/** A count is a courtesy: beyond this an estimate serves better. */
const LIMIT_MS = 5_000;
const MAX_RESTING = 1_000;
/** How long a place is left alone that has no counts: a server may be updated. */
const MISSING_MS = 600_000;
/** The same for one that kept clients waiting. */
const SLOW_MS = 30_000;
const MISSING = new Set([404, 405, 501]);

type Waiter = Pick<ExchangeState, 'onRelease' | 'stopped'>;
/** Asks the provider; `onRelease` is given what ends the call. */
type Ask = (onRelease: (cancel: () => void) => void) => Promise<number>;

/**
 * Counts that providers were asked for. An editor asks for the same one dozens of times a second: equal questions are
 * asked once, and the answer holds for a minute. What fails is asked anew.
 */
export class TokenCounts {
  readonly #questions = new RecentMap<Question>(MAX_ANSWERS);
  /** Until when nobody is asked there, by place. */
  readonly #resting = new RecentMap<number>(MAX_RESTING);

  /** Whether a place is not to be asked now, after what it answered last. */
  rests(place: string): boolean {
    const until = this.#resting.get(place);
    return until !== undefined && performance.now() < until;
  }

  /** Remembers what a failure says about the next question at a place: that there is nobody, or that it takes too long. */
  failed(place: string, { status, code }: SignalboxError): void {
    const missing = isMissing({ status });
    if (!missing && !code.endsWith('_TIMEOUT') && code !== 'PROVIDER_UNREACHABLE') return;
    this.#resting.set(place, performance.now() + (missing ? MISSING_MS : SLOW_MS));
  }

  /**
   * @param question tells questions apart: `questionOf` the call.
   * @throws {SignalboxError} what the call throws; TOTAL_TIMEOUT after five seconds; CLIENT_CLOSED as soon as this client
   *   has left.
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

/** Whether a failure says that there are no counts at a place at all. */
export function isMissing({ status }: Pick<SignalboxError, 'status'>): boolean {
  return MISSING.has(status);
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
  /** Whether the last client has left before there was an answer, or the time was up. */
  #ended = false;
  #answeredMs: number | undefined;

  constructor(ask: Ask) {
    this.answer = new Promise<number>((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(errors.timeout('TOTAL', `The provider did not count the tokens within ${LIMIT_MS} ms.`));
        this.#end();
      }, LIMIT_MS);
      ask((cancel) => {
        this.#cancel = cancel;
        if (this.#ended) cancel();
      })
        .finally(() => clearTimeout(limit))
        .then(resolve, reject);
    }).then((tokens) => {
      this.#answeredMs = performance.now();
      return tokens;
    });
  }

  /** Nobody may wait for it any more. */
  get over(): boolean {
    return this.#ended || (this.#answeredMs !== undefined && performance.now() - this.#answeredMs > KEPT_MS);
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
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#cancel();
  }
}
