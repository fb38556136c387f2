import { type Lane, laneOf, lanes, type Pair } from './pair.ts';
import type { Ask } from './targets.ts';

/**
 * What a load is compared by. `throughput` and `cpu` ask again at once, `latency` and `first-token` are compared by the
 * time that a target adds to the bare proxy's.
 */
export type LoadKind = 'throughput' | 'latency' | 'first-token' | 'cpu';

export interface Load extends Ask {
  readonly name: string;
  readonly kind: LoadKind;
  readonly connections: number;
  readonly ratePerSecond?: number;
  /** `ratio`: requests per second over the bare proxy's, at least. `addedMs`: at most, p99. `cpuUs`: per event, at most. */
  readonly budget?: { readonly ratio: number } | { readonly addedMs: number } | { readonly cpuUs: number };
}

/** Of the gateway, per translated event that does not arrive alone. */
export const MOST_CPU_US = 10;

/** Requests per second over the bare proxy's, at least. */
const RATIOS: Readonly<Record<Lane, Readonly<Record<'1 KB' | '100 KB' | 'stream', number>>>> = {
  'pass-through': { '1 KB': 1, '100 KB': 0.5, stream: 0.8 },
  translation: { '1 KB': 0.7, '100 KB': 0.12, stream: 0.65 },
};

function throughput(of: string, pair: Pair, script: 'whole' | 'eights' | 'singles', size: Ask['size']): Load {
  const what = { whole: `${size} whole`, eights: '200 events by eight', singles: '200 events one by one' };
  const ratio = RATIOS[laneOf(pair)][script === 'whole' ? size : 'stream'];
  return { name: `${of}, ${what[script]}`, kind: 'throughput', pair, script, size, connections: 32, budget: { ratio } };
}

/** What is measured of each pair of formats. */
export const pairLoads = (pair: Pair): readonly Load[] => {
  const of = `${pair.client} to ${pair.provider}`;
  return [
    throughput(of, pair, 'whole', '1 KB'),
    throughput(of, pair, 'whole', '100 KB'),
    throughput(of, pair, 'singles', '1 KB'),
    throughput(of, pair, 'eights', '1 KB'),
  ];
};

const latency = (lane: Lane, size: Ask['size'], connections: number, ratePerSecond?: number): Load => ({
  name: `${lane}, ${size} whole, ${connections === 1 ? '1 connection' : `${connections} connections`}`,
  kind: 'latency',
  pair: lanes[lane],
  script: 'whole',
  size,
  connections,
  budget: { addedMs: 1 },
  ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
});

const firstToken = (lane: Lane, size: Ask['size']): Load => ({
  name: `${lane}, ${size}, first token`,
  kind: 'first-token',
  pair: lanes[lane],
  script: 'eights',
  size,
  connections: 1,
  budget: { addedMs: 1 },
});

const cpu = (lane: Lane, script: Ask['script'], cpuUs?: number): Load => ({
  name: `${lane}, ${script === 'paced-eights' ? 'eight events' : 'one event'} per arrival`,
  kind: 'cpu',
  pair: lanes[lane],
  script,
  size: '1 KB',
  connections: 64,
  ...(cpuUs === undefined ? {} : { budget: { cpuUs } }),
});

/** Everything that is measured under load, with the budgets of the project's architecture. */
export const loads: readonly Load[] = [
  ...Object.entries(lanes).flatMap(([lane, pair]) => [
    throughput(lane, pair, 'whole', '1 KB'),
    throughput(lane, pair, 'whole', '100 KB'),
    throughput(lane, pair, 'eights', '1 KB'),
    throughput(lane, pair, 'singles', '1 KB'),
  ]),
  latency('pass-through', '1 KB', 1),
  latency('pass-through', '1 KB', 16, 400),
  latency('pass-through', '100 KB', 1),
  latency('pass-through', '100 KB', 16, 100),
  latency('translation', '1 KB', 1),
  latency('translation', '1 KB', 16, 400),
  latency('translation', '100 KB', 1),
  latency('translation', '100 KB', 16, 100),
  firstToken('pass-through', '1 KB'),
  firstToken('pass-through', '100 KB'),
  firstToken('translation', '1 KB'),
  firstToken('translation', '100 KB'),
  cpu('pass-through', 'paced-eights'),
  cpu('pass-through', 'paced-singles'),
  cpu('translation', 'paced-eights', MOST_CPU_US),
  cpu('translation', 'paced-singles'),
];
