import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Listener } from './child.ts';
import type { Lane } from './gateway-config.ts';
import { LoadGenerator } from './generator-client.ts';
import type { LoadResult } from './load-protocol.ts';
import { ANSWER_TEXT, DELTAS_PER_STREAM, FIRST_TOKEN, type ScriptName, wholeBody } from './scripts.ts';
import { askOf, startTargets, startUpstream, type TargetName, type Targets, targetNames } from './targets.ts';

const REQUESTS = 20;
const lanes: readonly Lane[] = ['pass-through', 'translation'];
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

function run(target: TargetName, lane: Lane, script: ScriptName, size: '1 KB' | '100 KB'): Promise<LoadResult> {
  return generator.run({
    port: targets[target].port,
    ...askOf(target, { lane, script, size }),
    connections: 4,
    requests: REQUESTS,
    mark: FIRST_TOKEN,
    keepBodies: true,
  });
}

/** The gateway always answers in Anthropic's form; a bare proxy answers in the form of whatever is behind it. */
function speaksChat(target: TargetName, lane: Lane): boolean {
  return lane === 'translation' && target !== 'gateway';
}

describe.each(targetNames)('%s', (target) => {
  for (const lane of lanes) {
    it.each(['1 KB', '100 KB'] as const)(`answers %s requests whole, ${lane}`, async (size) => {
      const result = await run(target, lane, 'whole', size);
      expect(result).toMatchObject({ answered: REQUESTS, failed: 0, failure: undefined });
      expect(result.marksMs).toHaveLength(REQUESTS);
      expect(result.bodies).toHaveLength(REQUESTS);
      for (const body of result.bodies) expect(wholeText(JSON.parse(body), speaksChat(target, lane))).toBe(ANSWER_TEXT);
    });

    it.each(streamScripts)(`streams every delta of %s once, ${lane}`, async (script) => {
      const result = await run(target, lane, script, '1 KB');
      expect(result).toMatchObject({ answered: REQUESTS, failed: 0, failure: undefined });
      expect(result.marksMs).toHaveLength(REQUESTS);
      for (const body of result.bodies) {
        const { text, deltas, finished } = readStream(body, speaksChat(target, lane));
        expect({ text, deltas, finished }).toEqual({ text: ANSWER_TEXT, deltas: DELTAS_PER_STREAM, finished: true });
      }
    });
  }
});

describe('the lanes of the gateway', () => {
  it('are what the loads are named after', async () => {
    const sent = wholeBody('anthropic-messages').toString();
    for (const body of (await run('gateway', 'pass-through', 'whole', '1 KB')).bodies) expect(body).toBe(sent);
    const { id } = JSON.parse(sent) as { id: string };
    for (const body of (await run('gateway', 'translation', 'whole', '1 KB')).bodies) expect(body).not.toContain(id);
  });
});

describe('the yardsticks', () => {
  it('count a failure as one', async () => {
    const { port } = targets.bare;
    const result = await generator.run({ port, path: '/no-such-script', body: '{}', connections: 2, requests: 4 });
    expect(result).toMatchObject({ answered: 0, failed: 4, failure: 'status 404' });
  });
});

interface Reply {
  readonly content?: readonly { readonly text: string }[];
  readonly choices?: readonly { readonly message: { readonly content: string } }[];
}

function wholeText(reply: Reply, chat: boolean): string | undefined {
  return chat ? reply.choices?.[0]?.message.content : reply.content?.map(({ text }) => text).join('');
}

interface Frame {
  readonly type?: string;
  readonly delta?: { readonly type?: string; readonly text?: string };
  readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
}

function readStream(body: string, chat: boolean): { text: string; deltas: number; finished: boolean } {
  const frames = body.split('\n').filter((line) => line.startsWith('data: '));
  const finished = chat ? frames.at(-1) === 'data: [DONE]' : frames.at(-1)?.includes('message_stop') === true;
  const texts = frames
    .filter((frame) => frame !== 'data: [DONE]')
    .map((frame) => JSON.parse(frame.slice('data: '.length)) as Frame)
    .map(({ delta, choices }) => (chat ? choices?.[0]?.delta.content : delta?.text) ?? '')
    .filter((text) => text !== '');
  return { text: texts.join(''), deltas: texts.length, finished };
}
