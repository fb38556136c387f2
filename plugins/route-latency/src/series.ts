/** The last answers of a target are kept, at most so many. */
const MAX_SAMPLES = 64;

export interface Sample {
  readonly atMs: number;
  /** From the call to its first content. */
  readonly firstMs: number;
  /** From then on; `undefined` where it cannot be said. */
  readonly tokensPerSecond?: number;
}

export interface Measured {
  readonly samples: number;
  readonly firstMs: number;
  readonly tokensPerSecond: number | undefined;
}

/** The last answers of one target: the oldest gives way. */
export class Series {
  readonly #samples: Sample[] = [];
  #next = 0;

  add(sample: Sample): void {
    this.#samples[this.#next] = sample;
    this.#next = (this.#next + 1) % MAX_SAMPLES;
  }

  /** What the answers since `sinceMs` came to: the time that `share` of them stay under. `undefined`: there are none. */
  measure(sinceMs: number, share: number): Measured | undefined {
    const recent = this.#samples.filter(({ atMs }) => atMs >= sinceMs);
    const firstMs = quantile(
      recent.map((sample) => sample.firstMs),
      share,
    );
    if (firstMs === undefined) return undefined;
    const speeds = recent.flatMap(({ tokensPerSecond }) => tokensPerSecond ?? []);
    // Slow is what few tokens a second are.
    return { samples: recent.length, firstMs, tokensPerSecond: quantile(speeds, 1 - share) };
  }
}

/** The smallest value that at least `share` of all are not above. */
function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
