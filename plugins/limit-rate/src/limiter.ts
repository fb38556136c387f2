import { MinuteWindow } from './minute-window.ts';

export interface Limits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrent?: number;
  readonly queue?: { readonly maxWaitMs?: number; readonly maxQueued?: number };
}

const DEFAULT_WAIT_MS = 30_000;
const DEFAULT_QUEUED = 100;

/** A place within a limit. */
export interface Grant {
  /** Gives the place back, once; `tokens` is what the request has used in the end. */
  end(tokens: number): void;
  /** Gives it back as if it had never been taken. */
  undo(): void;
}

/** There is no place, and none within the time that one may wait. */
export class OverLimit {
  /** `20 requests per minute` */
  readonly limit: string;
  /** Ms until there may be one; `undefined`: there never will. */
  readonly waitMs: number | undefined;

  constructor(limit: string, waitMs: number | undefined) {
    this.limit = limit;
    this.waitMs = waitMs;
  }
}

interface Waiter {
  readonly tokens: number;
  readonly limits: Limits;
  readonly admit: (grant: Grant) => void;
}

/**
 * Counts what is under way and what the last minute has seen, and lets requests wait for their turn. Whoever asks says
 * under which limits: the counts outlive a change of the config.
 */
export class Limiter {
  readonly #requests = new MinuteWindow();
  readonly #tokens = new MinuteWindow();
  readonly #queue: Waiter[] = [];
  #running = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** Why there is no place, not even for who waits; `undefined`: there is one, or will be in time. Takes none. */
  refusal(tokens: number, limits: Limits): OverLimit | undefined {
    const { tokensPerMinute, queue } = limits;
    if (tokensPerMinute !== undefined && tokens > tokensPerMinute) {
      return new OverLimit(`${tokensPerMinute} tokens per minute`, undefined);
    }
    if (this.#hasRoom(tokens, limits)) return undefined;
    const over = this.#over(tokens, limits);
    if (queue === undefined || this.#queue.length >= (queue.maxQueued ?? DEFAULT_QUEUED)) return over;
    // Waiting in vain would only keep the next target from being asked.
    return over.waitMs !== undefined && over.waitMs > maxWaitOf(limits) ? over : undefined;
  }

  /**
   * A place, at once where there is one: asking and taking is one step, so that no two can pass together. Else it waits
   * as long as `limits` allow, or until one of `signals` is aborted; then it throws that signal's reason.
   * @throws {OverLimit}
   */
  acquire(tokens: number, limits: Limits, signals: () => readonly AbortSignal[]): Grant | Promise<Grant> {
    const refusal = this.refusal(tokens, limits);
    if (refusal !== undefined) throw refusal;
    return this.#hasRoom(tokens, limits) ? this.#take(tokens) : this.#wait(tokens, limits, signals());
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Nothing is counted: it can be forgotten. */
  get idle(): boolean {
    const { running, requests, tokens } = this.state();
    return running === 0 && this.#queue.length === 0 && requests === 0 && tokens === 0;
  }

  /** What runs, waits, and has come within the last minute. */
  state(): { readonly running: number; readonly waiting: number; readonly requests: number; readonly tokens: number } {
    const now = performance.now();
    return {
      running: this.#running,
      waiting: this.#queue.length,
      requests: this.#requests.sum(now),
      tokens: this.#tokens.sum(now),
    };
  }

  #hasRoom(tokens: number, limits: Limits): boolean {
    return this.#queue.length === 0 && !this.#isFull(limits) && this.#windowWaitMs(1, tokens, limits).ms === 0;
  }

  #isFull({ concurrent }: Limits): boolean {
    return concurrent !== undefined && this.#running >= concurrent;
  }

  /** How long the windows alone make one wait, and which of them. */
  #windowWaitMs(requests: number, tokens: number, { requestsPerMinute, tokensPerMinute }: Limits) {
    const now = performance.now();
    const byRequests = requestsPerMinute === undefined ? 0 : this.#requests.waitMs(requests, requestsPerMinute, now);
    const byTokens = tokensPerMinute === undefined ? 0 : this.#tokens.waitMs(tokens, tokensPerMinute, now);
    return tokensPerMinute !== undefined && (byTokens > byRequests || requestsPerMinute === undefined)
      ? { ms: byTokens, limit: `${tokensPerMinute} tokens per minute` }
      : { ms: byRequests, limit: `${requestsPerMinute} requests per minute` };
  }

  /** Why there is no place now, behind all who wait already. */
  #over(tokens: number, limits: Limits): OverLimit {
    const ahead = this.#queue.reduce((sum, waiter) => sum + waiter.tokens, 0);
    const { ms, limit } = this.#windowWaitMs(this.#queue.length + 1, ahead + tokens, limits);
    const { concurrent } = limits;
    return new OverLimit(ms === 0 && concurrent !== undefined ? `${concurrent} requests at once` : limit, ms);
  }

  #take(tokens: number): Grant {
    const now = performance.now();
    this.#running++;
    const request = this.#requests.add(1, now);
    const reserved = this.#tokens.add(tokens, now);
    const end = (delta: number): void => {
      this.#running--;
      this.#tokens.correct(reserved, delta, performance.now());
      this.#serve();
    };
    return {
      end: (used) => end(used - tokens),
      undo: () => {
        this.#requests.correct(request, -1, performance.now());
        end(-tokens);
      },
    };
  }

  #wait(tokens: number, limits: Limits, signals: readonly AbortSignal[]): Promise<Grant> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(deadline);
        for (const signal of signals) signal.removeEventListener('abort', gone);
        const at = this.#queue.indexOf(waiter);
        if (at !== -1) this.#queue.splice(at, 1);
      };
      const gone = (): void => {
        leave();
        reject(signals.find(({ aborted }) => aborted)?.reason);
        this.#serve();
      };
      const deadline = setTimeout(() => {
        // There may be room since this very moment.
        this.#serve();
        if (!this.#queue.includes(waiter)) return;
        leave();
        reject(this.#over(tokens, limits));
        this.#serve();
      }, maxWaitOf(limits));
      const waiter: Waiter = {
        tokens,
        limits,
        admit: (grant) => {
          leave();
          resolve(grant);
        },
      };
      this.#queue.push(waiter);
      for (const signal of signals) signal.addEventListener('abort', gone);
      if (signals.some(({ aborted }) => aborted)) gone();
      else this.#serve();
    });
  }

  /** Admits who waits, in order, as far as there is room, and comes back when the next one may have it. */
  #serve(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const { tokens, limits, admit } = first;
      // Without a place at all there will be one when a request ends, and that calls this.
      if (this.#isFull(limits)) return;
      const { ms } = this.#windowWaitMs(1, tokens, limits);
      if (ms > 0) {
        this.#timer = setTimeout(() => this.#serve(), Math.ceil(ms));
        return;
      }
      admit(this.#take(tokens));
    }
  }
}

function maxWaitOf({ queue }: Limits): number {
  return queue?.maxWaitMs ?? DEFAULT_WAIT_MS;
}
