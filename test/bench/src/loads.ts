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

const throughput = (lane: Ask['lane'], script: Ask['script'], size: Ask['size'], ratio: number): Load => ({
  name: `${lane}, ${script === 'whole' ? `${size} whole` : script === 'eights' ? '200 events by eight' : '200 events one by one'}`,
  kind: 'throughput',
  lane,
  script,
  size,
  connections: 32,
  budget: { ratio },
});

const latency = (lane: Ask['lane'], size: Ask['size'], connections: number, ratePerSecond?: number): Load => ({
  name: `${lane}, ${size} whole, ${connections === 1 ? '1 connection' : `${connections} connections`}`,
  kind: 'latency',
  lane,
  script: 'whole',
  size,
  connections,
  budget: { addedMs: 1 },
  ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
});

const firstToken = (lane: Ask['lane'], size: Ask['size']): Load => ({
  name: `${lane}, ${size}, first token`,
  kind: 'first-token',
  lane,
  script: 'eights',
  size,
  connections: 1,
  budget: { addedMs: 1 },
});

const cpu = (lane: Ask['lane'], script: Ask['script'], cpuUs?: number): Load => ({
  name: `${lane}, ${script === 'paced-eights' ? 'eight events' : 'one event'} per arrival`,
  kind: 'cpu',
  lane,
  script,
  size: '1 KB',
  connections: 64,
  ...(cpuUs === undefined ? {} : { budget: { cpuUs } }),
});

/** Everything that is measured under load, with the budgets of the project's architecture. */
export const loads: readonly Load[] = [
  throughput('pass-through', 'whole', '1 KB', 1),
  throughput('pass-through', 'whole', '100 KB', 0.5),
  throughput('pass-through', 'eights', '1 KB', 0.8),
  throughput('pass-through', 'singles', '1 KB', 0.8),
  throughput('translation', 'whole', '1 KB', 0.7),
  throughput('translation', 'whole', '100 KB', 0.12),
  throughput('translation', 'eights', '1 KB', 0.65),
  throughput('translation', 'singles', '1 KB', 0.65),
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
  cpu('translation', 'paced-eights', 10),
  cpu('translation', 'paced-singles'),
];
