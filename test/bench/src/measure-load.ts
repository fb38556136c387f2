import { DELTAS_PER_STREAM, FIRST_TOKEN } from './answers.ts';
import type { Listener } from './child.ts';
import type { LoadGenerator } from './generator-client.ts';
import type { LoadResult } from './load-protocol.ts';
import type { Load } from './loads.ts';
import { cpuMicroseconds } from './process-stats.ts';
import { scripts } from './scripts.ts';
import { percentile } from './statistics.ts';
import { askOf, type TargetName } from './targets.ts';

/** One target under one load in one round. Times in ms; `undefined` where nothing was measured. */
export interface Sample {
  readonly requestsPerSecond: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** CPU of the target's process, in µs: per request, and per text delta of a stream. */
  readonly cpuPerRequestUs: number | undefined;
  readonly cpuPerEventUs: number | undefined;
  /** Share of one core that the target used. Far below 1 under a `throughput` load, something else was the limit. */
  readonly cores: number | undefined;
  readonly failed: number;
  readonly failure: string | undefined;
}

/** Loads at a given rate run longer, or their percentiles would rest on too few requests. */
const PACED_FACTOR = 1.5;

/** Runs one load against one target, which should be warm; `name` says which of the three it is. */
export async function measure(
  generator: LoadGenerator,
  { pid, port }: Pick<Listener, 'pid' | 'port'>,
  name: TargetName,
  load: Load,
  durationMs: number,
): Promise<Sample> {
  const { connections, kind, ratePerSecond } = load;
  const before = cpuMicroseconds(pid);
  const startedAt = performance.now();
  const result = await generator.run({
    port,
    ...askOf(name, load),
    connections,
    ...(kind === 'cpu'
      ? { requests: connections * streamsWithin(load, durationMs), spreadMs: scripts[load.script].intervalMs }
      : { durationMs: ratePerSecond === undefined ? durationMs : durationMs * PACED_FACTOR }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(kind === 'first-token' ? { mark: FIRST_TOKEN } : {}),
  });
  const elapsedUs = (performance.now() - startedAt) * 1000;
  const after = cpuMicroseconds(pid);
  return toSample(load, result, before === undefined || after === undefined ? undefined : after - before, elapsedUs);
}

/** How many paced streams fit into a time one after the other; at least one, because CPU is counted for whole streams. */
function streamsWithin({ script }: Load, durationMs: number): number {
  const { eventsPerWrite, intervalMs } = scripts[script];
  return Math.max(1, Math.round((durationMs * eventsPerWrite) / (DELTAS_PER_STREAM * intervalMs)));
}

function toSample({ kind, script }: Load, result: LoadResult, cpuUs: number | undefined, elapsedUs: number): Sample {
  const times = kind === 'first-token' ? result.marksMs : result.latenciesMs;
  const perRequest = cpuUs === undefined || result.worked === 0 ? undefined : cpuUs / result.worked;
  const streamed = scripts[script].eventsPerWrite > 0;
  return {
    requestsPerSecond: (result.answered * 1000) / result.elapsedMs,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    cpuPerRequestUs: perRequest,
    cpuPerEventUs: streamed && perRequest !== undefined ? perRequest / DELTAS_PER_STREAM : undefined,
    cores: cpuUs === undefined ? undefined : cpuUs / elapsedUs,
    failed: result.failed,
    failure: result.failure,
  };
}
