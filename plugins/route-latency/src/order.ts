import { type Exchange, formatTarget, hashText, type Target } from '@signalbox/kit';
import type { LatencyConfig } from './config.ts';
import type { Latencies } from './latencies.ts';
import type { Measured } from './series.ts';

type Options = Omit<LatencyConfig, 'candidates'>;

/** Targets in a new order, and why. */
export interface Order {
  readonly targets: readonly Target[];
  readonly why: string;
}

interface Known {
  readonly target: Target;
  readonly measured: Measured;
}

interface Timed {
  readonly target: Target;
  readonly ms: number;
}

/**
 * The fastest first, then by their times, then those of which too little is known; for a share of the requests one of the
 * latter goes first. `undefined`: nothing is known of any.
 */
export function order(
  candidates: readonly Target[],
  exchange: Pick<Exchange, 'id' | 'stream'>,
  latencies: Latencies,
  options: Options,
): Order | undefined {
  const sinceMs = Date.now() - options.windowMinutes * 60_000;
  const share = options.percentile === 'p95' ? 0.95 : 0.5;
  const known: Known[] = [];
  const little: { readonly target: Target; readonly samples: number }[] = [];
  for (const target of candidates) {
    const measured = latencies.measure(target, exchange.stream, sinceMs, share);
    if (measured !== undefined && measured.samples >= options.minSamples) known.push({ target, measured });
    else little.push({ target, samples: measured?.samples ?? 0 });
  }
  if (known.length === 0) return undefined;
  const unknown = little.sort((a, b) => a.samples - b.samples).map(({ target }) => target);
  const { timed, unit } = time(known, options.outputTokens);
  const [fastest, ...slower] = byTime(timed, options.tolerance);
  if (fastest === undefined) return undefined;
  const [untried, ...rest] = unknown;
  if (untried !== undefined && fraction(exchange.id) < options.explore) {
    return {
      targets: [untried, fastest.target, ...slower.map(({ target }) => target), ...rest],
      why: `${formatTarget(untried)} is tried, as too little is known of its speed`,
    };
  }
  return {
    targets: [fastest.target, ...slower.map(({ target }) => target), ...unknown],
    why: `${formatTarget(fastest.target)} is the fastest of ${candidates.length} (${options.percentile} ${Math.round(fastest.ms)} ms ${unit})`,
  };
}

/** The times to compare. The speed counts only where it was measured of all, so that like is compared with like. */
function time(
  known: readonly Known[],
  outputTokens: number,
): { readonly timed: readonly Timed[]; readonly unit: string } {
  const withSpeed = outputTokens > 0 && known.every(({ measured }) => measured.tokensPerSecond !== undefined);
  const timed = known.map(({ target, measured: { firstMs, tokensPerSecond = Infinity } }) => ({
    target,
    ms: firstMs + (withSpeed ? (outputTokens * 1_000) / tokensPerSecond : 0),
  }));
  return { timed, unit: withSpeed ? `for ${outputTokens} tokens` : 'to the first content' };
}

/** By time, but for the first one of the given order that is as good as the fastest. */
function byTime(timed: readonly Timed[], tolerance: number): readonly Timed[] {
  const sorted = timed.toSorted((a, b) => a.ms - b.ms);
  const enough = (sorted[0]?.ms ?? 0) * (1 + tolerance);
  const first = timed.find(({ ms }) => ms <= enough);
  return first === undefined ? sorted : [first, ...sorted.filter((one) => one !== first)];
}

/** Between 0 and 1, by the request's id: the same request is decided the same way. */
function fraction(id: string): number {
  return hashText(id) / 2 ** 53;
}
