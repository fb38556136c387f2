import type { Load } from './loads.ts';
import type { Sample } from './measure-load.ts';
import { median } from './statistics.ts';
import { type TargetName, targetNames } from './targets.ts';

/** The samples of one load: one record per round, one sample per target. */
export type Rounds = readonly Readonly<Record<TargetName, Sample>>[];

/** One target's sample of a round, and the bare proxy's. */
export interface Beside {
  readonly own: Sample;
  readonly bare: Sample;
}

/** One row of the report. Medians over all rounds; times in ms; what is compared is compared within its round. */
export interface Row {
  readonly load: string;
  readonly target: TargetName;
  readonly requestsPerSecond: number | undefined;
  /** Requests per second over the bare proxy's. */
  readonly ratio: number | undefined;
  readonly addedP50Ms: number | undefined;
  readonly addedP99Ms: number | undefined;
  readonly cpuPerRequestUs: number | undefined;
  readonly cpuPerEventUs: number | undefined;
  readonly cores: number | undefined;
  readonly failed: number;
  readonly failure: string | undefined;
  readonly budget: string | undefined;
  /** `undefined` where there is no budget, or nothing was measured. */
  readonly kept: boolean | undefined;
}

export function summarise(load: Load, rounds: Rounds): Row[] {
  return targetNames.map((target) => {
    const samples = rounds.map((round) => ({ own: round[target], bare: round.bare }));
    return summariseTarget(load, target, samples);
  });
}

export function summariseTarget(load: Load, target: TargetName, rounds: readonly Beside[]): Row {
  const over = (read: (round: Beside) => number | undefined): number | undefined =>
    median(rounds.flatMap((round) => read(round) ?? []));
  const figures = {
    requestsPerSecond: over(({ own }) => own.requestsPerSecond),
    ratio: over(({ own, bare }) => own.requestsPerSecond / bare.requestsPerSecond),
    addedP50Ms: over(({ own, bare }) => minus(own.p50Ms, bare.p50Ms)),
    addedP99Ms: over(({ own, bare }) => minus(own.p99Ms, bare.p99Ms)),
    cpuPerRequestUs: over(({ own }) => own.cpuPerRequestUs),
    cpuPerEventUs: over(({ own }) => own.cpuPerEventUs),
    cores: over(({ own }) => own.cores),
  };
  const failed = rounds.reduce((sum, { own }) => sum + own.failed, 0);
  const failure = rounds.find(({ own }) => own.failure !== undefined)?.own.failure;
  const judged = target === 'gateway' ? judge(load, figures, failed) : { budget: undefined, kept: undefined };
  return { load: load.name, target, ...figures, failed, failure, ...judged };
}

type Figures = Pick<Row, 'ratio' | 'addedP99Ms' | 'cpuPerEventUs'>;

/** An answer that failed breaks every budget: speed counts for right answers only. */
function judge({ budget }: Load, figures: Figures, failed: number): Pick<Row, 'budget' | 'kept'> {
  if (budget === undefined) return { budget: undefined, kept: undefined };
  if ('ratio' in budget) {
    return verdict(`ratio ≥ ${budget.ratio}`, figures.ratio, failed, (ratio) => ratio >= budget.ratio);
  }
  if ('addedMs' in budget) {
    return verdict(`p99 ≤ +${budget.addedMs} ms`, figures.addedP99Ms, failed, (added) => added <= budget.addedMs);
  }
  return verdict(`≤ ${budget.cpuUs} µs/event`, figures.cpuPerEventUs, failed, (cpu) => cpu <= budget.cpuUs);
}

function verdict(
  budget: string,
  value: number | undefined,
  failed: number,
  keeps: (value: number) => boolean,
): Pick<Row, 'budget' | 'kept'> {
  return { budget, kept: value === undefined ? undefined : failed === 0 && keeps(value) };
}

function minus(value: number | undefined, yardstick: number | undefined): number | undefined {
  return value === undefined || yardstick === undefined ? undefined : value - yardstick;
}
