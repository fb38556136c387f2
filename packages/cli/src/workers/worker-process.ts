import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { ReloadOutcome } from '../reload/reloader.ts';
import type { Whereabouts } from '../serve.ts';
import type { WorkerCommand, WorkerReport } from './messages.ts';
import { PLACE_VARIABLE } from './role.ts';

/** A worker that did not come to serve. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure';
  /** What it would have printed itself. */
  readonly text: string;

  constructor(reason: string, text = `signalbox: ${reason}\n`) {
    super(reason);
    this.text = text;
  }
}

/** One worker, as its primary sees it. */
export class WorkerProcess {
  /** Settles when it listens. @throws {WorkerFailure} when it ends before. */
  readonly serves: Promise<Whereabouts>;
  /** Settles with the reason when the process is gone. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #forkedAt = performance.now();
  #servesNow = false;
  #graceMs = 0;
  #leaving = false;

  /** `place`: from 1. */
  constructor(place: number, env: NodeJS.ProcessEnv, onReload: (outcome: ReloadOutcome) => void) {
    const worker = cluster.fork({ ...env, [PLACE_VARIABLE]: String(place) });
    this.#worker = worker;
    let failure: { readonly failure: string; readonly text?: string } | undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Whereabouts>();
    worker.on('message', (report: WorkerReport) => {
      if ('graceMs' in report) this.#graceMs = report.graceMs ?? this.#graceMs;
      if ('reloaded' in report) onReload(report.reloaded);
      else if ('failure' in report) failure = report;
      else {
        this.#servesNow = true;
        resolve(report.serves);
      }
    });
    this.ended = untilGone(worker).then((how) => {
      this.#servesNow = false;
      reject(new WorkerFailure(failure?.failure ?? how, failure?.text));
      return failure?.failure ?? how;
    });
    this.serves = promise;
    // Who waits for it hears of it; the others look at `ended`.
    promise.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  get ageMs(): number {
    return performance.now() - this.#forkedAt;
  }

  /** How long it waits for answers in flight when it is told to stop. */
  get graceMs(): number {
    return this.#graceMs;
  }

  get servesNow(): boolean {
    return this.#servesNow && !this.#leaving;
  }

  /** Whether its end was asked for. */
  get leaving(): boolean {
    return this.#leaving;
  }

  tell(command: WorkerCommand): void {
    if (command.command === 'stop' || command.command === 'retire') this.#leaving = true;
    // One that is just gone is noticed by `ended`.
    if (this.#worker.isConnected()) this.#worker.send(command, () => {});
  }

  kill(): void {
    this.#leaving = true;
    this.#worker.process.kill('SIGKILL');
  }
}

/** Both events: the last message may come after the process has gone. */
async function untilGone(worker: Worker): Promise<string> {
  const failed = new Promise<never>((_resolve, reject) => worker.on('error', reject));
  try {
    const ends = Promise.all([once(worker.process, 'exit'), once(worker.process, 'disconnect')]);
    const [[code, signal]] = await Promise.race([ends, failed]);
    return signal === null ? `exit code ${code}` : `signal ${signal}`;
  } catch (error) {
    return (error as Error).message;
  }
}
