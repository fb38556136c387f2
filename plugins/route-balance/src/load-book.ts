import { type AttemptRecord, RecentMap } from '@signalbox/kit';

/** More targets and keys than a config has; models come from clients. */
const MAX_ENTRIES = 2_000;
/** The share of a new answer in what is believed of a latency. */
const NEWEST_SHARE = 0.2;
/** How fast an old latency fades, so that who was slow is asked again. */
const FADE_MS = 60_000;
/** What a failure counts as: slower than any answer should be. */
const FAILURE_MS = 30_000;
/** What a call counts as at a target that has never answered: one of them is enough to find out. */
const UNTRIED_MS = 1_000_000;

interface Load {
  inFlight: number;
  /** Until the first content; `undefined`: not known. */
  latencyMs: number | undefined;
  /** When that was learnt. */
  learntAt: number;
}

/** How many calls each target and key has, and how fast it is. */
export class LoadBook {
  readonly #loads = new RecentMap<Load>(MAX_ENTRIES, ({ inFlight }) => inFlight === 0);

  /** Counts one call for all of `ids`. The function it returns ends it, and learns from it. */
  start(ids: readonly string[]): (attempt: AttemptRecord) => void {
    const startedAt = performance.now();
    const loads = ids.map((id) => this.#use(id));
    for (const load of loads) load.inFlight++;
    return (attempt) => {
      const now = performance.now();
      for (const load of loads) {
        load.inFlight--;
        learn(load, attempt, now - startedAt, now);
      }
    };
  }

  inFlight(id: string): number {
    return this.#loads.get(id)?.inFlight ?? 0;
  }

  /** What one more call is expected to take, in ms; 0 where nothing is known, so that everyone is tried. */
  cost(id: string): number {
    const load = this.#loads.get(id);
    if (load === undefined) return 0;
    const { inFlight, latencyMs, learntAt } = load;
    if (latencyMs === undefined) return inFlight * UNTRIED_MS;
    return latencyMs * Math.exp((learntAt - performance.now()) / FADE_MS) * (inFlight + 1);
  }

  /** The calls that run, by target and key. */
  running(): Record<string, number> {
    const running: Record<string, number> = {};
    for (const [id, { inFlight }] of this.#loads) if (inFlight > 0) running[id] = inFlight;
    return running;
  }

  #use(id: string): Load {
    let load = this.#loads.get(id);
    if (load === undefined) {
      load = { inFlight: 0, latencyMs: undefined, learntAt: 0 };
      this.#loads.set(id, load);
    }
    return load;
  }
}

function learn(load: Load, attempt: AttemptRecord, tookMs: number, now: number): void {
  const sampleMs = latencyOf(attempt, tookMs, load.latencyMs);
  if (sampleMs === undefined) return;
  const { latencyMs: before } = load;
  load.latencyMs = before === undefined ? sampleMs : before + (sampleMs - before) * NEWEST_SHARE;
  load.learntAt = now;
}

/** Ms until the first content; `undefined` where a call says nothing about that. */
function latencyOf(
  { outcome, error, committedMs, endedMs }: AttemptRecord,
  tookMs: number,
  known: number | undefined,
): number | undefined {
  if (outcome === 'cut' || (outcome === 'failed' && error?.retryable === true)) return Math.max(FAILURE_MS, tookMs);
  if (committedMs !== undefined) return Math.max(0, tookMs - (endedMs - committedMs));
  // Nobody waited for it any more: it would have taken longer than that.
  if (outcome === 'aborted' && known !== undefined && tookMs > known) return tookMs;
  return undefined;
}
