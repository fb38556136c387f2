import { RecentMap } from '@signalbox/kit';

/** Models come from clients. */
const MAX_TARGETS = 1_000;
/** Newer ones push out older ones. */
const MAX_SAMPLES = 200;

interface Samples {
  readonly ms: number[];
  next: number;
  /** In ascending order; made when it is needed. */
  sorted: readonly number[] | undefined;
}

/** How long the last answers of each target took. */
export class Latencies {
  readonly #targets = new RecentMap<Samples>(MAX_TARGETS);

  add(id: string, ms: number): void {
    let samples = this.#targets.get(id);
    if (samples === undefined) {
      samples = { ms: [], next: 0, sorted: undefined };
      this.#targets.set(id, samples);
    }
    samples.ms[samples.next] = ms;
    samples.next = (samples.next + 1) % MAX_SAMPLES;
    samples.sorted = undefined;
  }

  /** What `share` of the answers did not take longer than, in ms; `undefined` where fewer than `minSamples` are known. */
  percentile(id: string, share: number, minSamples: number): number | undefined {
    const samples = this.#targets.get(id);
    if (samples === undefined || samples.ms.length < minSamples) return undefined;
    samples.sorted ??= samples.ms.toSorted((a, b) => a - b);
    return samples.sorted[Math.ceil(share * samples.sorted.length) - 1];
  }
}
