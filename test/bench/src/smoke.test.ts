import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readAnswer } from '../test/read-answer.ts';
import { ANSWER_TEXT, answerId, DELTAS_PER_STREAM, FIRST_TOKEN, wholeBody } from './answers.ts';
import type { Listener } from './child.ts';
import { LoadGenerator } from './generator-client.ts';
import type { LoadResult } from './load-protocol.ts';
import { lanes, type Pair } from './pair.ts';
import type { ScriptName } from './scripts.ts';
import { askOf, startTargets, startUpstream, type TargetName, type Targets, targetNames } from './targets.ts';

const REQUESTS = 20;
const streamScripts: readonly ScriptName[] = ['singles', 'eights', 'paced-eights'];

let upstream: Listener;
let targets: Targets;
let generator: LoadGenerator;

beforeAll(async () => {
  generator = new LoadGenerator();
  upstream = await startUpstream();
  targets = await startTargets(upstream.port, 'source');
});

afterAll(async () => {
  await Promise.all([...Object.values(targets ?? {}), upstream].map((listener) => listener?.stop()));
  await generator.stop();
});

function run(target: TargetName, pair: Pair, script: ScriptName, size: '1 KB' | '100 KB'): Promise<LoadResult> {
  return generator.run({
    port: targets[target].port,
    ...askOf(target, { pair, script, size }),
    connections: 4,
    requests: REQUESTS,
    mark: FIRST_TOKEN,
    keepBodies: true,
  });
}

describe.each(targetNames)('%s', (target) => {
  for (const [lane, pair] of Object.entries(lanes)) {
    // A bare proxy answers in the form of whatever is behind it.
    const format = target === 'gateway' ? pair.client : pair.provider;

    it.each(['1 KB', '100 KB'] as const)(`answers %s requests whole, ${lane}`, async (size) => {
      const result = await run(target, pair, 'whole', size);
      expect(result).toMatchObject({ answered: REQUESTS, failed: 0, failure: undefined });
      expect(result.marksMs).toHaveLength(REQUESTS);
      expect(result.bodies).toHaveLength(REQUESTS);
      for (const body of result.bodies) {
        expect(readAnswer(format, body, false)).toEqual({ text: ANSWER_TEXT, deltas: 1, finished: true });
      }
    });

    it.each(streamScripts)(`streams every delta of %s once, ${lane}`, async (script) => {
      const result = await run(target, pair, script, '1 KB');
      expect(result).toMatchObject({ answered: REQUESTS, failed: 0, failure: undefined });
      expect(result.marksMs).toHaveLength(REQUESTS);
      for (const body of result.bodies) {
        const read = readAnswer(format, body, true);
        expect(read).toEqual({ text: ANSWER_TEXT, deltas: DELTAS_PER_STREAM, finished: true });
      }
    });
  }
});

describe('the lanes of the gateway', () => {
  it('are what the loads are named after', async () => {
    const sent = wholeBody('anthropic-messages').toString();
    for (const body of (await run('gateway', lanes['pass-through'], 'whole', '1 KB')).bodies) expect(body).toBe(sent);
    const id = answerId('openai-chat');
    for (const body of (await run('gateway', lanes.translation, 'whole', '1 KB')).bodies)
      expect(body).not.toContain(id);
  });
});

describe('the yardsticks', () => {
  it('count a failure as one', async () => {
    const { port } = targets.bare;
    const result = await generator.run({ port, path: '/no-such-script', body: '{}', connections: 2, requests: 4 });
    expect(result).toMatchObject({ answered: 0, failed: 4, failure: 'status 404' });
  });
});
