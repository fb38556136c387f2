import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAnswer } from '../test/read-answer.ts';
import { ANSWER_TEXT, answerId, DELTAS_PER_STREAM, streamFrames, wholeBody } from './answers.ts';
import type { Listener } from './child.ts';
import { startGateway } from './gateway.ts';
import { writeGatewayConfig } from './gateway-config.ts';
import { LoadGenerator } from './generator-client.ts';
import { type Load, pairLoads } from './loads.ts';
import { allPairs, laneOf } from './pair.ts';
import { chosenLoads, measurePairs, type PairRow } from './pairs.ts';
import { printPairs } from './pairs-report.ts';
import type { Row } from './summary.ts';
import { askOf, startUpstream } from './targets.ts';

describe('the pairs', () => {
  let upstream: Listener;
  let gateway: Listener;
  let generator: LoadGenerator;

  beforeAll(async () => {
    generator = new LoadGenerator();
    upstream = await startUpstream();
    gateway = await startGateway(writeGatewayConfig(upstream.port, allPairs), 'source');
  });

  afterAll(async () => {
    await Promise.all([gateway, upstream].map((listener) => listener?.stop()));
    await generator.stop();
  });

  const loads = allPairs.flatMap(pairLoads).map((load) => [load.name, load] as const);

  it.each(loads)('%s: every answer is right, and took the lane that the pair says', async (_name, load) => {
    const { pair, script } = load;
    const streamed = script !== 'whole';
    const asked = { ...askOf('gateway', load), connections: 2, requests: 4, keepBodies: true };
    const result = await generator.run({ port: gateway.port, ...asked });
    expect(result).toMatchObject({ answered: 4, failed: 0, failure: undefined });
    const { opening, deltas, closing } = streamFrames(pair.provider);
    const sent = streamed ? opening + deltas.join('') + closing : wholeBody(pair.provider).toString();
    for (const body of result.bodies) {
      const expected = { text: ANSWER_TEXT, deltas: streamed ? DELTAS_PER_STREAM : 1, finished: true };
      expect(readAnswer(pair.client, body, streamed)).toEqual(expected);
      if (laneOf(pair) === 'pass-through') expect(body).toBe(sent);
      else expect(body).not.toContain(answerId(pair.provider) ?? sent);
    }
  });

  it('are measured beside the bare proxy', async () => {
    const options = { rounds: 1, durationMs: 30, warmUpMs: 10, only: 'gemini to ollama' };
    const rows = await measurePairs({ generator, upstream, build: 'source' }, options, () => {});
    expect(rows.map(({ load }) => load.name)).toEqual([
      'gemini to ollama, 1 KB whole',
      'gemini to ollama, 100 KB whole',
      'gemini to ollama, 200 events one by one',
      'gemini to ollama, 200 events by eight',
    ]);
    for (const { gateway: own, bare } of rows) {
      expect(own.failed + bare.failed).toBe(0);
      expect(own.ratio).toBeGreaterThan(0);
      expect(bare.ratio).toBe(1);
    }
  });
});

it('are five times five, with four loads each', () => {
  expect(allPairs).toHaveLength(25);
  expect(chosenLoads(undefined)).toHaveLength(100);
  expect(chosenLoads('to gemini, 1 KB whole')).toHaveLength(5);
  const budgets = (only: string) => chosenLoads(only).map(({ budget }) => budget);
  expect(budgets('ollama to ollama')).toEqual([{ ratio: 1 }, { ratio: 0.5 }, { ratio: 0.8 }, { ratio: 0.8 }]);
  expect(budgets('ollama to gemini')).toEqual([{ ratio: 0.7 }, { ratio: 0.12 }, { ratio: 0.65 }, { ratio: 0.65 }]);
});

describe('printPairs', () => {
  const row = (load: Load, ratio: number, kept: boolean, cpu: Partial<Row> = {}): PairRow => {
    const gateway = { ratio, kept, budget: 'ratio', failed: 0, cpuPerRequestUs: 100, cpuPerEventUs: undefined, ...cpu };
    const bare = { ratio: 1, cpuPerRequestUs: 50, cpuPerEventUs: 1 };
    return { pair: load.pair, load, gateway: gateway as Row, bare: bare as Row };
  };
  const [small, large, alone, batched] = chosenLoads('gemini to ollama') as [Load, Load, Load, Load];

  it('has a row per pair, and counts the budgets', () => {
    const rows = [
      row(small, 0.9, true),
      row(large, 0.1, false),
      row(alone, 0.8, true, { cpuPerEventUs: 60 }),
      row(batched, 0.7, true, { cpuPerEventUs: 11 }),
    ];
    const lines = printPairs(rows, 12).split('\n');
    expect(lines.find((line) => line.startsWith('gemini'))?.split(/\s{2,}/)).toEqual([
      'gemini',
      'ollama',
      '0.90 ✓',
      '100/50',
      '0.10 ✗',
      '100/50',
      '0.80 ✓',
      '60.0/1.0',
      '0.70 ✓',
      '11.0/1.0 ✗',
    ]);
    expect(lines.at(-1)).toContain('3 of 5 budgets kept');
  });

  it('says what failed', () => {
    const [failing] = chosenLoads('ollama to ollama, 1 KB') as [Load];
    const text = printPairs([row(failing, 2, false, { failed: 3, failure: 'status 500' })], 1);
    expect(text).toContain('2.00 ✗');
    expect(text).toContain('3 failed: status 500');
    expect(text).toContain('0 of 1 budgets kept');
  });
});
