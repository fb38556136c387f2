const SLICES = 10;

interface Slice {
  readonly since: number;
  answers: number;
  failures: number;
}

/** Answers and failures of the last while, in ten slices: its size does not depend on the traffic. */
export class ErrorWindow {
  #slices: Slice[] = [];

  record(failed: boolean, now: number, windowMs: number): void {
    let last = this.#slices.at(-1);
    if (last === undefined || now - last.since >= windowMs / SLICES) {
      last = { since: now, answers: 0, failures: 0 };
      this.#slices = [...this.#slices.filter(({ since }) => since > now - windowMs), last];
    }
    if (failed) last.failures++;
    else last.answers++;
  }

  /** The share of failures; 0 where there are fewer than `minRequests` in all. */
  errorRate(now: number, windowMs: number, minRequests: number): number {
    let failures = 0;
    let all = 0;
    for (const slice of this.#slices) {
      if (slice.since <= now - windowMs) continue;
      failures += slice.failures;
      all += slice.failures + slice.answers;
    }
    return all < minRequests ? 0 : failures / all;
  }

  clear(): void {
    this.#slices = [];
  }
}
