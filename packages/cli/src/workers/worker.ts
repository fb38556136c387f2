import cluster from 'node:cluster';
import type { CommandLine } from '../arguments.ts';
import { describeFailure, reportFailure } from '../failure.ts';
import { tellParent } from '../parent.ts';
import type { ReloadOutcome } from '../reload/reloader.ts';
import { type Service, serve } from '../serve.ts';
import { handOver } from './hand-over.ts';
import type { WorkerCommand } from './messages.ts';

/** How long answers may take when another worker has this one's place: there is no hurry. */
const RETIRE_GRACE_MS = 600_000;
/** How long the errors of a stop and the plugins' ends may take. */
const LAST_WORDS_MS = 3_000;

/** One of several processes that serve a port: does what its primary says, and ends when that is gone. */
export async function runWorker({ common, watch }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  // A terminal sends these to all processes in it. What they mean is up to the primary.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  // Otherwise the loss of the primary ends this process before its answers are out.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;

  let service: Service | undefined;
  let reloadWhenUp = false;
  const told = new Promise<'stop' | 'retire'>((resolve) => {
    let leaving = false;
    const leave = (how: 'stop' | 'retire'): void => {
      if (service === undefined) process.exit(0);
      // One that has the long grace and is told to hurry hurries; a plugin that never closes cannot hold it.
      if (leaving && how === 'stop') {
        void service.close();
        setTimeout(() => process.exit(0), service.graceMs + LAST_WORDS_MS).unref();
      }
      leaving = true;
      resolve(how);
    };
    process.once('SIGTERM', () => leave('stop'));
    process.once('disconnect', () => leave('stop'));
    process.on('message', (message: WorkerCommand) => {
      if (message.command === 'stop' || message.command === 'retire') leave(message.command);
      else if (message.command === 'show-problem') service?.showProblem(message.problem);
      else if (service === undefined) reloadWhenUp = true;
      else service.reload();
    });
  });

  try {
    const onReload = (reloaded: ReloadOutcome): void => {
      void tellParent(service === undefined ? { reloaded } : { reloaded, graceMs: service.graceMs });
    };
    service = await serve({ common, watch, onReload }, env);
  } catch (error) {
    const { message, text, exitCode } = describeFailure(error, env);
    await tellParent({ failure: message, text });
    process.exit(exitCode);
  }
  const { listensOn, url, summary, graceMs } = service;
  void tellParent({ serves: { listensOn, url, summary }, graceMs });
  if (reloadWhenUp) service.reload();
  let exitCode = 0;
  try {
    if ((await told) === 'stop') {
      await service.close();
    } else {
      await handOver();
      await service.close(Math.max(RETIRE_GRACE_MS, service.graceMs));
    }
  } catch (error) {
    exitCode = reportFailure(error, env);
  }
  // What a plugin has left running is no reason to stay.
  process.exit(exitCode);
}
