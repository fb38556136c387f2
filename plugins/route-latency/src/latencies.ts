import { type AttemptRecord, type Exchange, formatTarget, RecentMap, type Target, targetId } from '@signalbox/kit';
import { type Measured, Series } from './series.ts';

const MAX_SERIES = 1_000;
/** Fewer tokens, or less time, say nothing about a speed. */
const MIN_TOKENS = 20;
const MIN_MS = 100;
/** Of a target of which nothing is known yet: who leaves earlier has not waited for it. */
const MIN_SILENCE_MS = 10_000;

/**
 * How long the last answers of each target took. Streams and whole answers are kept apart, as the first content of a whole
 * one is its end. Bounded: it forgets the targets that were not used for longest.
 */
export class Latencies {
  readonly #series = new RecentMap<Series>(MAX_SERIES);

  learn(attempt: AttemptRecord, { stream, operation }: Pick<Exchange, 'stream' | 'operation'>): void {
    const firstMs = firstMsOf(attempt);
    if (operation !== 'chat' || firstMs === undefined) return;
    if (attempt.committedMs === undefined && attempt.outcome === 'aborted') {
      // Somebody who presses a key after a moment makes no target fast.
      const usualMs = this.measure(attempt.target, stream, 0, 0.5)?.firstMs ?? MIN_SILENCE_MS;
      if (firstMs <= usualMs) return;
    }
    const speed = stream ? speedOf(attempt) : undefined;
    const sample = { atMs: Date.now(), firstMs, ...(speed === undefined ? {} : { tokensPerSecond: speed }) };
    const { target } = attempt;
    this.#of(formatTarget(target), stream).add(sample);
    if (target.key !== undefined) this.#of(targetId(target), stream).add(sample);
  }

  measure(target: Target, stream: boolean, sinceMs: number, share: number): Measured | undefined {
    return this.#series.get(nameOf(targetId(target), stream))?.measure(sinceMs, share);
  }

  #of(id: string, stream: boolean): Series {
    const name = nameOf(id, stream);
    const series = this.#series.get(name) ?? new Series();
    this.#series.set(name, series);
    return series;
  }
}

function nameOf(id: string, stream: boolean): string {
  return `${stream ? 'stream' : 'whole'} ${id}`;
}

/**
 * `undefined` for a failure, which says nothing about speed. A silence that ended with a timer or with the client’s
 * patience would have been longer still: it counts for as long as it was, if that was long.
 */
function firstMsOf({ committedMs, startedMs, endedMs, outcome, error }: AttemptRecord): number | undefined {
  if (committedMs !== undefined) return committedMs - startedMs;
  return outcome === 'aborted' || error?.code.endsWith('_TIMEOUT') === true ? endedMs - startedMs : undefined;
}

function speedOf({ committedMs, endedMs, outcome, usage }: AttemptRecord): number | undefined {
  const tokens = usage?.completionTokens ?? 0;
  if (outcome !== 'answered' || committedMs === undefined || tokens < MIN_TOKENS) return undefined;
  const ms = endedMs - committedMs;
  return ms < MIN_MS ? undefined : (tokens * 1_000) / ms;
}
