import { setTimeout as sleep } from 'node:timers/promises';
import { FIRST_TOKEN } from './answers.ts';
import type { Bench } from './bench.ts';
import type { BodySize } from './bodies.ts';
import type { Pair } from './pair.ts';
import { residentBytes } from './process-stats.ts';
import { askOf, startTarget, type TargetName } from './targets.ts';

export interface MemorySample {
  /** Before any request, in bytes. */
  readonly restBytes: number | undefined;
  /** Growth of resident memory per open stream, in bytes. */
  readonly perStreamBytes: number | undefined;
}

/** Enough requests that code and pools are there before the streams are. */
const WARM_UP_REQUESTS = 200;
const SETTLE_MS = 1000;

/**
 * Opens slow streams at a process of its own, because one that has been under load has memory to spare and would show
 * no growth.
 */
export async function measureMemory(
  { generator, upstream, build }: Bench,
  name: TargetName,
  { pair, size, streams }: { pair: Pair; size: BodySize; streams: number },
): Promise<MemorySample> {
  const listener = await startTarget(name, upstream.port, build);
  try {
    await sleep(SETTLE_MS);
    const restBytes = residentBytes(listener.pid);
    const target = { port: listener.port };
    const warmUp = askOf(name, { pair, size, script: 'eights' });
    await generator.run({ ...target, ...warmUp, connections: 8, requests: WARM_UP_REQUESTS });
    const before = residentBytes(listener.pid);
    await generator.hold({
      ...target,
      ...askOf(name, { pair, size, script: 'endless' }),
      connections: streams,
      mark: FIRST_TOKEN,
    });
    await sleep(SETTLE_MS);
    const after = residentBytes(listener.pid);
    await generator.release();
    return {
      restBytes,
      perStreamBytes: before === undefined || after === undefined ? undefined : Math.max(0, after - before) / streams,
    };
  } finally {
    await listener.stop();
  }
}
