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

/** The last answers of one target: the oldest gives way. Asked for every request, so it allocates nothing to answer. */
export class Series {
  readonly #atMs = new Float64Array(MAX_SAMPLES);
  readonly #firstMs = new Float64Array(MAX_SAMPLES);
  /** NaN where it cannot be said. */
  readonly #tokensPerSecond = new Float64Array(MAX_SAMPLES);
  #size = 0;
  #next = 0;

  add({ atMs, firstMs, tokensPerSecond = Number.NaN }: Sample): void {
    this.#atMs[this.#next] = atMs;
    this.#firstMs[this.#next] = firstMs;
    this.#tokensPerSecond[this.#next] = tokensPerSecond;
    this.#next = (this.#next + 1) % MAX_SAMPLES;
    if (this.#size < MAX_SAMPLES) this.#size++;
  }

  /** What the answers since `sinceMs` came to: the time that `share` of them stay under. `undefined`: there are none. */
  measure(sinceMs: number, share: number): Measured | undefined {
    let samples = 0;
    let speeds = 0;
    for (let at = 0; at < this.#size; at++) {
      if ((this.#atMs[at] as number) < sinceMs) continue;
      sortedTimes[samples++] = this.#firstMs[at] as number;
      const speed = this.#tokensPerSecond[at] as number;
      if (!Number.isNaN(speed)) sortedSpeeds[speeds++] = speed;
    }
    const firstMs = quantile(sortedTimes.subarray(0, samples), share);
    if (firstMs === undefined) return undefined;
    // Slow is what few tokens a second are.
    return { samples, firstMs, tokensPerSecond: quantile(sortedSpeeds.subarray(0, speeds), 1 - share) };
  }
}

const sortedTimes = new Float64Array(MAX_SAMPLES);
const sortedSpeeds = new Float64Array(MAX_SAMPLES);

/** The smallest value that at least `share` of all are not above. Sorts them where they are. */
function quantile(values: Float64Array, share: number): number | undefined {
  values.sort();
  return values[Math.max(0, Math.ceil(values.length * share) - 1)];
}
