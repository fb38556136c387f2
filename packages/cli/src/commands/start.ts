import type { CommandLine } from '../arguments.ts';
import { tellParent } from '../parent.ts';
import { announce, announceStop, type Service, serve } from '../serve.ts';
import { untilStopped } from '../shutdown.ts';
import { isWorker } from '../workers/role.ts';

/** What comes behind the grace of answers in flight: the errors of what is cut, and the plugins' ends. */
const LONGEST_END_MS = 5_000;
/** What is still to be written gets this long once all is closed. */
const LAST_WORDS_MS = 1_000;

/** Runs the gateway until it is told to stop. */
export async function run(line: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  if (isWorker(env)) return (await import('../workers/worker.ts')).runWorker(line, env);
  const { workers, common, watch } = line;
  if (workers !== undefined) return (await import('../workers/primary.ts')).runPrimary(workers, line, env);

  let service: Service | undefined;
  const stopped = untilStopped({ onHangUp: () => service?.reload() });
  service = await serve({ common, watch }, env);
  announce(service);
  void tellParent({ url: service.url });
  await stopped;
  announceStop();
  const limit = setTimeout(giveUp, service.graceMs + LONGEST_END_MS);
  try {
    await service.close();
  } finally {
    clearTimeout(limit);
    // What a plugin has left running is no reason to stay.
    setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
  }
  return 0;
}

function giveUp(): void {
  process.stderr.write('signalbox: a plugin does not end. The process ends without it.\n');
  process.exit(1);
}
