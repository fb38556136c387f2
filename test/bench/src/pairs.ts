import type { Bench } from './bench.ts';
import { startGateway } from './gateway.ts';
import { writeGatewayConfig } from './gateway-config.ts';
import type { LoadGenerator } from './generator-client.ts';
import { type Load, pairLoads } from './loads.ts';
import { measure, type Sample } from './measure-load.ts';
import type { Options } from './options.ts';
import { allPairs, type Pair } from './pair.ts';
import { type Beside, type Row, summariseTarget } from './summary.ts';
import { startTarget, type Targets } from './targets.ts';

/** The gateway and the bare proxy under one load. */
export interface PairRow {
  readonly pair: Pair;
  readonly load: Load;
  readonly gateway: Row;
  readonly bare: Row;
}

type Timing = Pick<Options, 'rounds' | 'durationMs' | 'warmUpMs'>;
type Two = Pick<Targets, 'bare' | 'gateway'>;
const two = ['bare', 'gateway'] as const;
/** Each gateway is a fresh one. */
const WARM_UP_FACTOR = 2;
/** The bare proxy, which is the same for all, is warm after one of each. */
const LOADS_PER_PAIR = 4;

/** The loads of all pairs whose name contains `only`. */
export function chosenLoads(only: string | undefined): readonly Load[] {
  return allPairs.flatMap(pairLoads).filter(({ name }) => only === undefined || name.includes(only));
}

/**
 * Measures pair after pair, each in a gateway of its own, as most have one or two: what one pair made of the heap, and of
 * the code that the engine compiled, is nothing to the next.
 */
export async function measurePairs(
  { generator, upstream, build }: Bench,
  options: Timing & Pick<Options, 'only'>,
  progress: (text: string) => void,
): Promise<PairRow[]> {
  const rows: PairRow[] = [];
  const bare = await startTarget('bare', upstream.port, build);
  try {
    const loads = chosenLoads(options.only);
    for (const load of loads.slice(0, LOADS_PER_PAIR)) await measure(generator, bare, 'bare', load, options.warmUpMs);
    for (const pair of allPairs) {
      const own = loads.filter((load) => load.pair === pair);
      if (own.length === 0) continue;
      const gateway = await startGateway(writeGatewayConfig(upstream.port, [pair]), build);
      try {
        for (const load of own) {
          progress(`\r${rows.length + 1} of ${loads.length}: ${load.name.padEnd(60)}`);
          rows.push(await measurePair(generator, { bare, gateway }, load, options));
        }
      } finally {
        await gateway.stop();
      }
    }
  } finally {
    await bare.stop();
  }
  progress('\r\n');
  return rows;
}

async function measurePair(
  generator: LoadGenerator,
  targets: Two,
  load: Load,
  { rounds, durationMs, warmUpMs }: Timing,
): Promise<PairRow> {
  await measure(generator, targets.gateway, 'gateway', load, warmUpMs * WARM_UP_FACTOR);
  const samples: Beside[] = [];
  for (let round = 0; round < rounds; round++) {
    const sample: { own?: Sample; bare?: Sample } = {};
    for (const name of round % 2 === 0 ? two : two.toReversed()) {
      sample[name === 'bare' ? 'bare' : 'own'] = await measure(generator, targets[name], name, load, durationMs);
    }
    samples.push(sample as Beside);
  }
  const bare = samples.map((sample) => ({ own: sample.bare, bare: sample.bare }));
  return {
    pair: load.pair,
    load,
    gateway: summariseTarget(load, 'gateway', samples),
    bare: summariseTarget(load, 'bare', bare),
  };
}
