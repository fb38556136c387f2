import { Worker } from 'node:worker_threads';
import type { FuzzOptions, FuzzResult } from './fuzz.ts';
import { Progress } from './progress.ts';

/** Longer than any try may wait for its timers. */
const STUCK_MS = 40_000;
const LOOK_EVERY_MS = 1_000;

/** Runs the fuzz in a thread, and ends it where it hangs or eats up its memory. */
export async function watch(options: FuzzOptions): Promise<FuzzResult> {
  const progress = new Progress();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { options, memory: progress.memory },
    resourceLimits: { maxOldGenerationSizeMb: 1_500 },
  });
  const failed = (why: string): FuzzResult => {
    const { name, at } = progress.last;
    const problem = `${name}: npm run fuzz 0 ${options.seed} '${name}' ${at}\n${why}`;
    return { tries: {}, slowestMs: {}, heapBeforeMiB: 0, heapAfterMiB: 0, problems: [problem] };
  };
  let seen = { count: 0, since: performance.now() };
  let look: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FuzzResult>((resolve) => {
      worker.once('message', resolve);
      worker.once('error', (error) => resolve(failed(`the thread ended: ${(error as Error).stack ?? String(error)}`)));
      worker.once('exit', (code) => resolve(failed(`the thread ended with ${code}`)));
      look = setInterval(() => {
        const now = performance.now();
        if (progress.count !== seen.count) seen = { count: progress.count, since: now };
        else if (now - seen.since > STUCK_MS) resolve(failed(`it hangs for ${STUCK_MS} ms`));
      }, LOOK_EVERY_MS);
    });
  } finally {
    clearInterval(look);
    await worker.terminate();
  }
}
