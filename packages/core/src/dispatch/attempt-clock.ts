import { errors, type SignalboxError, type Timeouts } from '@signalbox/kit';

/** Chosen for reasoning models, which may think for minutes before they say anything. */
export const defaultTimeouts: Timeouts = Object.freeze({
  connectMs: 10_000,
  headersMs: 300_000,
  firstEventMs: 300_000,
  idleMs: 300_000,
  totalMs: 3_600_000,
});

/** The limits of one attempt, watched by one timer that is set anew only when it fires: a byte costs one assignment. */
export class AttemptClock {
  readonly #timeouts: Timeouts;
  readonly #who: string;
  readonly #onExpired: (error: SignalboxError) => void;
  readonly #startedAt = performance.now();
  #phase: 'headers' | 'first-event' | 'idle' = 'headers';
  #phaseAt = this.#startedAt;
  #byteAt = this.#startedAt;
  #paused = false;
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;

  constructor(timeouts: Timeouts, who: string, onExpired: (error: SignalboxError) => void) {
    this.#timeouts = timeouts;
    this.#who = who;
    this.#onExpired = onExpired;
    this.#arm(Math.min(timeouts.headersMs, timeouts.totalMs));
  }

  headers(): void {
    this.#phase = 'first-event';
    this.#phaseAt = performance.now();
    this.#byteAt = this.#phaseAt;
    // The limit that now comes first may lie before the one the timer was set for.
    this.#arm(this.#next(this.#phaseAt).inMs);
  }

  byte(): void {
    this.#byteAt = performance.now();
  }

  /** The client is slower than the provider, which has to wait: nobody is silent. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#byteAt = performance.now();
  }

  firstEvent(): void {
    this.#phase = 'idle';
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), Math.max(1, Math.ceil(ms)));
  }

  #check(isLast = false): void {
    const next = this.#next(performance.now());
    if (next.inMs > 0) {
      this.#arm(next.inMs);
      return;
    }
    if (!isLast) {
      // A process that stood still finds its timers due before it reads what came meanwhile: that is heard first.
      this.#lastLook = setImmediate(() => this.#check(true));
      return;
    }
    this.stop();
    this.#onExpired(errors.timeout(next.limit, next.message));
  }

  #next(now: number): { inMs: number; limit: 'HEADERS' | 'FIRST_EVENT' | 'IDLE' | 'TOTAL'; message: string } {
    const { headersMs, firstEventMs, idleMs, totalMs } = this.#timeouts;
    const total = {
      inMs: this.#startedAt + totalMs - now,
      limit: 'TOTAL',
      message: `${this.#who} did not finish within ${totalMs} ms.`,
    } as const;
    if (this.#phase === 'headers') {
      const headers = {
        inMs: this.#phaseAt + headersMs - now,
        limit: 'HEADERS',
        message: `${this.#who} sent no response headers within ${headersMs} ms.`,
      } as const;
      return headers.inMs <= total.inMs ? headers : total;
    }
    const idle = {
      inMs: this.#paused ? idleMs : this.#byteAt + idleMs - now,
      limit: 'IDLE',
      message: `${this.#who} was silent for ${idleMs} ms in the middle of its answer.`,
    } as const;
    const first = {
      inMs: this.#phaseAt + firstEventMs - now,
      limit: 'FIRST_EVENT',
      message: `${this.#who} sent no content within ${firstEventMs} ms.`,
    } as const;
    const candidates = this.#phase === 'first-event' ? [first, idle, total] : [idle, total];
    return candidates.reduce((soonest, candidate) => (candidate.inMs < soonest.inMs ? candidate : soonest));
  }
}
