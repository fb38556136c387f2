import { describe, expect, it } from '@jest/globals';
import type { Load } from './loads.ts';
import type { Sample } from './measure-load.ts';
import { type Rounds, summarise } from './summary.ts';

const sample = (requestsPerSecond: number, p99Ms: number, rest: Partial<Sample> = {}): Sample => ({
  requestsPerSecond,
  p50Ms: p99Ms / 2,
  p99Ms,
  cpuPerRequestUs: 100,
  cpuPerEventUs: 5,
  cores: 1,
  failed: 0,
  failure: undefined,
  ...rest,
});
const load: Load = {
  name: 'l',
  kind: 'throughput',
  pair: { client: 'anthropic-messages', provider: 'openai-chat' },
  script: 'whole',
  size: '1 KB',
  connections: 1,
};
const round = (bare: Sample, gateway: Sample): Rounds[number] => ({ bare, koa: bare, gateway });
const judged = (budget: NonNullable<Load['budget']>, rounds: Rounds) => summarise({ ...load, budget }, rounds)[2];

describe('summarise', () => {
  it('compares within a round before it takes the median', () => {
    // The machine was slow in the second round: for both, so the ratio of that round is as good as any.
    const rounds = [
      round(sample(1000, 1), sample(900, 2)),
      round(sample(100, 10), sample(80, 13)),
      round(sample(1000, 1), sample(500, 9)),
    ];
    expect(judged({ ratio: 0.8 }, rounds)).toMatchObject({
      target: 'gateway',
      ratio: 0.8,
      addedP99Ms: 3,
      addedP50Ms: 1.5,
      kept: true,
    });
    expect(judged({ ratio: 0.81 }, rounds)).toMatchObject({ budget: 'ratio ≥ 0.81', kept: false });
    expect(judged({ addedMs: 1 }, rounds)).toMatchObject({ kept: false });
    expect(judged({ addedMs: 3 }, rounds)).toMatchObject({ kept: true });
    expect(judged({ cpuUs: 5 }, rounds)).toMatchObject({ budget: '≤ 5 µs/event', kept: true });
  });

  it('keeps no budget with a failed answer, and judges nothing that was not measured', () => {
    const failing = [round(sample(100, 1), sample(100, 1, { failed: 1, failure: 'status 500' }))];
    expect(judged({ ratio: 0.5 }, failing)).toMatchObject({ kept: false, failed: 1, failure: 'status 500' });
    const unknown = [round(sample(100, 1), { ...sample(100, 1), cpuPerEventUs: undefined })];
    expect(judged({ cpuUs: 10 }, unknown)).toMatchObject({ cpuPerEventUs: undefined, kept: undefined });
    expect(summarise(load, failing)[2]).toMatchObject({ budget: undefined, kept: undefined });
  });
});
