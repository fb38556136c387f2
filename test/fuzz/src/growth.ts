/** Work of a size that can be chosen. */
export interface Work {
  readonly name: string;
  /** Makes what is to be worked on, which is not measured. @returns the work; `undefined`: there is none of this kind. */
  prepare(size: number): (() => void) | undefined;
}

export interface Growth {
  readonly name: string;
  /** In ms of this process's CPU, for the size to begin with, for four times that, and so on, as far as it was looked at. */
  readonly ms: readonly number[];
  /** Every time it was four times as much, it took much more than four times as long. */
  readonly steep: boolean;
}

const SIZE = 1_500;
/** Twice as much is to take up to 2.5 times as long; this is for four times as much, and what a busy machine adds. */
const MAX_FACTOR = 8;
/** Below this there is nothing to compare. */
const LEAST_MS = 4;
const MAX_ATTEMPTS = 4;
const STEPS = 2;

/** How much longer four times as much takes. What looks wrong is tried again, and with more: others share the machine. */
export function measure({ name, prepare }: Work): Growth {
  time(prepare, SIZE); // compiles it
  const ms: number[] = [];
  for (let size = SIZE; ms.length < STEPS; size *= 4) {
    let [small, large] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      small = Math.min(small, time(prepare, size));
      large = Math.min(large, time(prepare, 4 * size));
      if (!isSteep(small, large)) return { name, ms: [...ms, small, large], steep: false };
    }
    ms.push(small);
    if (ms.length === STEPS) ms.push(large);
  }
  return { name, ms, steep: true };
}

function isSteep(small: number, large: number): boolean {
  return large > MAX_FACTOR * Math.max(small, LEAST_MS);
}

function time(prepare: Work['prepare'], size: number): number {
  const work = prepare(size);
  if (work === undefined) return 0;
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
