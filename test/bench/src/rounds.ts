import type { LoadGenerator } from './generator-client.ts';
import type { Load } from './loads.ts';
import { measure, type Sample } from './measure-load.ts';
import type { Options } from './options.ts';
import type { Rounds } from './summary.ts';
import { type TargetName, type Targets, targetNames } from './targets.ts';

/**
 * Every load on every target, round by round: within a round the targets follow one another at once, so that whatever
 * else the machine does hits all alike. The order changes from round to round.
 */
export async function runRounds(
  generator: LoadGenerator,
  targets: Targets,
  loads: readonly Load[],
  { rounds, durationMs, warmUpMs }: Options,
  progress: (text: string) => void,
): Promise<ReadonlyMap<Load, Rounds>> {
  const results = new Map<Load, Record<TargetName, Sample>[]>(loads.map((load) => [load, []]));
  for (const load of loads) {
    if (load.kind !== 'throughput') continue;
    for (const target of targetNames) await measure(generator, targets[target], target, load, warmUpMs);
  }
  for (let round = 0; round < rounds; round++) {
    const order = targetNames.map((_, index) => targetNames[(index + round) % targetNames.length] ?? 'bare');
    for (const [at, load] of loads.entries()) {
      progress(`\rround ${round + 1} of ${rounds}, load ${at + 1} of ${loads.length} `);
      const samples: Partial<Record<TargetName, Sample>> = {};
      for (const target of order) {
        samples[target] = await measure(generator, targets[target], target, load, durationMs);
      }
      results.get(load)?.push(samples as Record<TargetName, Sample>);
    }
  }
  progress('\r\n');
  return results;
}
