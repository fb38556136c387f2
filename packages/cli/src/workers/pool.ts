import type { Logger } from '@signalbox/kit';
import { oneLine } from '../one-line.ts';
import type { ReloadOutcome } from '../reload/reloader.ts';
import type { Whereabouts } from '../serve.ts';
import type { WorkerCommand } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A worker that ends within this time has not proved itself. */
const YOUNG_MS = 10_000;
const MAX_YOUNG_DEATHS = 5;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
/** A worker that is told to stop has its own grace; one that hangs is ended so long after it. */
const LONGEST_END_MS = 5_000;

/** Forks the worker of one place, from 1. */
export type Fork = (place: number, onReload: (outcome: ReloadOutcome) => void) => WorkerProcess;

/** Keeps one worker alive at each place. */
export class WorkerPool {
  readonly #places: Place[];
  /** Settles with the last reason when workers end as soon as they begin, and none is left that serves. */
  readonly givenUp: Promise<string>;
  readonly #giveUp: (reason: string) => void;
  readonly #fork: Fork;
  readonly #log: Logger;
  /** All processes that have not ended, those that have left their place included. */
  readonly #alive = new Set<WorkerProcess>();
  #stopping = false;
  #rolling: Promise<void> | undefined;
  #rollAgain = false;

  constructor(count: number, fork: Fork, log: Logger) {
    this.#places = Array.from({ length: count }, (_, index) => ({ number: index + 1, youngDeaths: 0 }));
    this.#fork = fork;
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.givenUp = promise;
    this.#giveUp = resolve;
  }

  /** Waits until all serve. @throws {WorkerFailure} where one does not. */
  async start(): Promise<Whereabouts> {
    const workers = this.#places.map((place) => [place, this.#begin(place)] as const);
    const [first] = await Promise.all(workers.map(([, worker]) => worker.serves));
    for (const [place, worker] of workers) this.#install(place, worker);
    return first as Whereabouts;
  }

  /**
   * Puts a new worker in each place, one after the other: the old one goes when the new one listens. The first that does
   * not come up ends it, and all that are there stay.
   */
  roll(): Promise<void> {
    this.#rollAgain = true;
    this.#rolling ??= this.#rollAll().finally(() => {
      this.#rolling = undefined;
    });
    return this.#rolling;
  }

  /** Ends all workers, with their grace. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { backoff } of this.#places) clearTimeout(backoff);
    for (const worker of this.#alive) worker.tell({ command: 'stop' });
    const graceMs = Math.max(0, ...[...this.#alive].map((worker) => worker.graceMs));
    const limit = setTimeout(() => this.kill(), graceMs + LONGEST_END_MS);
    await Promise.all([...this.#alive].map(({ ended }) => ended));
    clearTimeout(limit);
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#stopping = true;
    for (const worker of this.#alive) worker.kill();
  }

  #begin({ number }: Place): WorkerProcess {
    const worker = this.#fork(number, (outcome) => {
      // The worker of the first place watches the files.
      if (number === 1 && !worker.leaving) this.#tellOthers(worker, outcome);
    });
    this.#alive.add(worker);
    void worker.ended.then(() => this.#alive.delete(worker));
    return worker;
  }

  #install(place: Place, worker: WorkerProcess): void {
    place.worker = worker;
    void worker.ended.then((reason) => this.#onEnd(place, worker, reason));
  }

  #onEnd(place: Place, worker: WorkerProcess, reason: string): void {
    if (this.#stopping || place.worker !== worker) return;
    place.worker = undefined;
    place.youngDeaths = worker.ageMs < YOUNG_MS ? place.youngDeaths + 1 : 0;
    const { number, youngDeaths } = place;
    const who = `Worker ${number} (pid ${worker.pid}) has ended: ${oneLine(reason)}`;
    if (youngDeaths >= MAX_YOUNG_DEATHS && !this.#anyProven()) {
      this.#giveUp(reason);
      return;
    }
    const waitMs = youngDeaths === 0 ? 0 : Math.min(FIRST_BACKOFF_MS * 2 ** (youngDeaths - 1), MAX_BACKOFF_MS);
    this.#log.error({}, `${who}. Another one takes its place${waitMs === 0 ? '' : ` in ${waitMs} ms`}`);
    place.backoff = setTimeout(() => this.#replace(place), waitMs);
  }

  #replace(place: Place): void {
    const worker = this.#begin(place);
    this.#install(place, worker);
    worker.serves.then(
      () => {
        this.#log.info({}, `Worker ${place.number} (pid ${worker.pid}) serves`);
        // While nobody watched the files they may have changed.
        if (place.number === 1) this.#tellOthers(worker, { problem: undefined });
      },
      () => {}, // its end is seen to
    );
  }

  #anyProven(): boolean {
    return this.#places.some(
      ({ worker, youngDeaths }) => worker?.servesNow && (youngDeaths === 0 || worker.ageMs >= YOUNG_MS),
    );
  }

  /** The others follow where the first one went on well. One that is just coming may have read what was there before. */
  #tellOthers(first: WorkerProcess, { problem }: ReloadOutcome): void {
    const command: WorkerCommand = problem === undefined ? { command: 'reload' } : { command: 'show-problem', problem };
    for (const worker of this.#alive) if (worker !== first && !worker.leaving) worker.tell(command);
  }

  async #rollAll(): Promise<void> {
    while (this.#rollAgain && !this.#stopping) {
      this.#rollAgain = false;
      this.#log.info({}, `Rolling restart of ${this.#places.length} workers`);
      if (await this.#rollEach()) this.#log.info({}, 'Rolling restart done: all workers are new');
    }
  }

  async #rollEach(): Promise<boolean> {
    for (const place of this.#places) if (!(await this.#rollOne(place))) return false;
    return true;
  }

  async #rollOne(place: Place): Promise<boolean> {
    if (this.#stopping) return false;
    const next = this.#begin(place);
    try {
      await next.serves;
    } catch (error) {
      if (!this.#stopping) {
        const reason = oneLine((error as Error).message);
        this.#log.error(
          {},
          `Rolling restart ended at worker ${place.number}, the workers that are there stay: ${reason}`,
        );
      }
      return false;
    }
    if (this.#stopping) return false;
    // One that is being replaced anyway is replaced by this one.
    clearTimeout(place.backoff);
    place.worker?.tell({ command: 'retire' });
    this.#install(place, next);
    place.youngDeaths = 0;
    return true;
  }
}

interface Place {
  readonly number: number;
  worker?: WorkerProcess | undefined;
  /** In a row. */
  youngDeaths: number;
  backoff?: NodeJS.Timeout;
}
