import type { HealthConfig } from './config.ts';
import { ErrorWindow } from './error-window.ts';

export type CircuitLimits = Omit<HealthConfig, 'on'>;

/** The request that finds out whether an open circuit may close. */
export interface Probe {
  /** Whether its first content has come: that is long before its end where an answer streams. */
  hasAnswered(): boolean;
}

/** `closed`: all is well. `open`: left alone. `due`: the next request is the probe. `probing`: it is under way. */
export type CircuitState = 'closed' | 'open' | 'due' | 'probing';

/** One circuit. Times in ms on the clock of `performance.now()`. */
export class Circuit {
  readonly #window = new ErrorWindow();
  #failuresInRow = 0;
  /** When the first of them happened. */
  #rowSince = 0;
  #openedAt: number | undefined = undefined;
  #openUntil = 0;
  /** In a row, without having been closed in between. */
  #openings = 0;
  #lastCode = '';
  #probe: Probe | undefined = undefined;

  get state(): CircuitState {
    if (this.#openedAt === undefined) return 'closed';
    if (this.#probe !== undefined) return 'probing';
    return performance.now() < this.#openUntil ? 'open' : 'due';
  }

  get failuresInRow(): number {
    return this.#failuresInRow;
  }

  /** The code of the last failure; `''` where there was none. */
  get lastCode(): string {
    return this.#lastCode;
  }

  /** Ms until the next probe is due; 0 where it is. */
  get opensForMs(): number {
    return this.#openedAt === undefined ? 0 : Math.max(0, this.#openUntil - performance.now());
  }

  /** Looks after the probe. @returns whether its first content has come, and closed the circuit. */
  settle(): boolean {
    if (this.#probe?.hasAnswered() !== true) return false;
    this.#close();
    return true;
  }

  /** Makes `probe` the one whose outcome decides. Only where the state is `due`. */
  beginProbe(probe: Probe): void {
    this.#probe = probe;
  }

  isProbedBy(probe: Probe): boolean {
    return this.#probe === probe;
  }

  /** The probe is over. What it has shown is told by `succeed` or `fail`, before this. */
  endProbe(probe: Probe): void {
    if (this.#probe === probe) this.#probe = undefined;
  }

  /** An answer to a try that began at `startedAt`. @returns whether that has closed it. */
  succeed(startedAt: number, { windowMs }: CircuitLimits): boolean {
    if (this.#openedAt !== undefined) {
      // An answer to a request from before shows nothing.
      if (startedAt < this.#openedAt) return false;
      this.#close();
      return true;
    }
    this.#window.record(false, performance.now(), windowMs);
    if (startedAt >= this.#rowSince) this.#failuresInRow = 0;
    return false;
  }

  /** @returns for how many ms that has opened it; `undefined`: it has not. */
  fail(code: string, retryAfterMs: number, limits: CircuitLimits, probe?: Probe): number | undefined {
    const now = performance.now();
    if (this.#openedAt !== undefined) {
      // Only the probe says for how long it stays open: others ask where there is no other way left.
      if (probe === undefined || probe !== this.#probe) return undefined;
      this.#lastCode = code;
      return this.#open(retryAfterMs, limits, now);
    }
    this.#lastCode = code;
    this.#window.record(true, now, limits.windowMs);
    if (this.#failuresInRow++ === 0) this.#rowSince = now;
    const { consecutiveFailures, errorRate, windowMs, minRequests } = limits;
    const opens =
      this.#failuresInRow >= consecutiveFailures || this.#window.errorRate(now, windowMs, minRequests) >= errorRate;
    return opens ? this.#open(retryAfterMs, limits, now) : undefined;
  }

  #open(retryAfterMs: number, { openMs, maxOpenMs }: CircuitLimits, now: number): number {
    const grownMs = Math.min(maxOpenMs, openMs * 2 ** this.#openings);
    // Not all gateways, and not all circuits, ask again at the same moment.
    const forMs = Math.max(grownMs * (1 - Math.random() / 4), Math.min(maxOpenMs, retryAfterMs));
    this.#openings++;
    this.#openedAt = now;
    this.#openUntil = now + forMs;
    this.#probe = undefined;
    return forMs;
  }

  #close(): void {
    this.#openedAt = undefined;
    this.#openings = 0;
    this.#failuresInRow = 0;
    this.#rowSince = 0;
    this.#probe = undefined;
    this.#window.clear();
  }
}
