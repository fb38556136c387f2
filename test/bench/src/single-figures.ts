import type { Bench } from './bench.ts';
import { measureMemory } from './measure-memory.ts';
import { measureStart } from './measure-start.ts';
import { lanes } from './pair.ts';
import { targetNames } from './targets.ts';

/** A figure that is no load: measured once, or as a median of starts. */
export interface Figure {
  readonly name: string;
  readonly target: string;
  readonly value: number | undefined;
  readonly unit: 'ms' | 'MiB' | 'KiB';
  readonly budget: string | undefined;
  readonly kept: boolean | undefined;
}

const READY_MS = 500;
const REST_MIB = 60;
const STREAM_KIB = 100;

/** Start time, memory at rest, and memory per open stream. */
export async function measureFigures(
  bench: Bench,
  { starts, streams }: { starts: number; streams: number },
): Promise<Figure[]> {
  const readyMs = await measureStart(bench, starts);
  const figures = [limited('ready after start', 'gateway', readyMs, 'ms', READY_MS)];
  const rests: Figure[] = [];
  const small = { pair: lanes.translation, size: '1 KB', streams } as const;
  for (const name of targetNames) {
    const { restBytes, perStreamBytes } = await measureMemory(bench, name, small);
    const judged = name === 'gateway';
    rests.push(limited('memory at rest', name, scaled(restBytes, 2 ** 20), 'MiB', judged ? REST_MIB : undefined));
    figures.push(
      limited(
        `memory per open stream, 1 KB request (${streams} open)`,
        name,
        scaled(perStreamBytes, 1024),
        'KiB',
        judged ? STREAM_KIB : undefined,
      ),
    );
  }
  const large = await measureMemory(bench, 'gateway', { ...small, size: '100 KB' });
  const name = `memory per open stream, 100 KB request (${streams} open)`;
  figures.push(limited(name, 'gateway', scaled(large.perStreamBytes, 1024), 'KiB', undefined));
  return [...rests, ...figures];
}

function limited(
  name: string,
  target: string,
  value: number | undefined,
  unit: Figure['unit'],
  limit: number | undefined,
): Figure {
  return {
    name,
    target,
    value,
    unit,
    budget: limit === undefined ? undefined : `≤ ${limit} ${unit}`,
    kept: limit === undefined || value === undefined ? undefined : value <= limit,
  };
}

function scaled(bytes: number | undefined, unit: number): number | undefined {
  return bytes === undefined ? undefined : bytes / unit;
}
