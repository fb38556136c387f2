import { describe, expect, it } from '@jest/globals';
import { collectReply, type JsonObject, type Reply, type StreamEvent, type Tool } from '@signalbox/kit';
import { applyPlugin, fakeExchange } from '@signalbox/testkit';
import { REPAIRS } from './config.ts';
import toolRepair from './index.ts';

const tools: readonly Tool[] = [
  {
    type: 'function',
    name: 'Read',
    inputSchema: { type: 'object', properties: { path: { type: 'string' }, limit: { type: 'integer' } } },
  },
];
const config = { repairs: [...REPAIRS] };

async function run(reply: Reply, options: JsonObject = config, target = { provider: 'p', model: 'm' }) {
  const { hooks } = await applyPlugin(toolRepair, options);
  const exchange = fakeExchange({ request: { tools }, target });
  const out = await hooks.transformOut.promise(reply, exchange);
  return { out, notes: exchange.notes.list };
}

const streamOf = (...events: StreamEvent[]): Reply => ({
  kind: 'stream',
  events: (async function* () {
    for (const event of events) yield [event];
  })(),
});
async function eventsOf(reply: Reply): Promise<StreamEvent[]> {
  if (reply.kind === 'whole') throw new TypeError('the stream became whole');
  const events: StreamEvent[] = [];
  for await (const batch of reply.events) events.push(...batch);
  return events;
}
const call = (index: number, ...json: string[]): StreamEvent[] => [
  { type: 'block-start', index, block: { type: 'tool-call', id: `c${index}`, name: 'Read' } },
  ...json.map((part): StreamEvent => ({ type: 'tool-input-delta', index, json: part })),
  { type: 'block-end', index },
];
const start: StreamEvent = { type: 'message-start' };
const end: StreamEvent = { type: 'message-end', stopReason: 'tool-call' };
const whole = (rawInput: string): Reply => ({
  kind: 'whole',
  message: {
    content: [{ type: 'tool-call', id: 'c', name: 'Read', input: {}, rawInput }],
    stopReason: 'tool-call',
  },
});

describe('a stream', () => {
  it('whose calls fit comes out piece by piece as it was', async () => {
    const events = [start, ...call(0, '{"pa', 'th": "a"}'), ...call(1, '{}'), end];
    const { out, notes } = await run(streamOf(...events));
    expect(await eventsOf(out)).toEqual(events);
    expect(notes).toEqual([]);
  });

  it('gets one mended piece for a call, with a note at each place', async () => {
    const { out, notes } = await run(streamOf(start, ...call(0, '{"path":1,"li', 'mit":"2"}'), end));
    expect((await eventsOf(out)).slice(2, 4)).toEqual([
      { type: 'tool-input-delta', index: 0, json: '{"path":"1","limit":2}' },
      { type: 'block-end', index: 0 },
    ]);
    expect(notes).toEqual([
      { path: 'content[0].input.path', action: 'mapped', reason: 'Read: a number became text' },
      { path: 'content[0].input.limit', action: 'mapped', reason: 'Read: a text became a number' },
    ]);
  });

  it('says of a call that cannot be mended that it does not fit, and leaves it', async () => {
    const events = [start, ...call(0, '{"limit":"x"}'), end];
    const { out, notes } = await run(streamOf(...events));
    expect(await eventsOf(out)).toEqual(events);
    expect(notes).toEqual([
      {
        path: 'content[0].input',
        action: 'approximated',
        reason: 'does not fit the tool’s schema: /limit must be integer',
      },
    ]);
  });

  it('F11 that was cut off by its limit keeps its half call, without a note', async () => {
    for (const stopReason of ['max-tokens', 'tool-call'] as const) {
      const events: StreamEvent[] = [start, ...call(0, '{"path":"a"'), { type: 'message-end', stopReason }];
      const { out, notes } = await run(streamOf(...events));
      expect(await eventsOf(out)).toEqual(events);
      expect(notes.map(({ reason }) => reason)).toEqual(
        stopReason === 'max-tokens' ? [] : ['the arguments are no JSON'],
      );
    }
  });

  it('F11 notes a broken call that was not the last one', async () => {
    const cut: StreamEvent = { type: 'message-end', stopReason: 'max-tokens' };
    const { out, notes } = await run(streamOf(start, ...call(0, '{broken}'), ...call(1, '{"pa'), cut));
    await eventsOf(out);
    expect(notes.map(({ path }) => path)).toEqual(['content[0].input']);
  });

  it('F21 that breaks off loses nothing that had come', async () => {
    const error: StreamEvent = {
      type: 'error',
      error: { code: 'CUT_STREAM', message: 'cut', status: 502, retryable: true },
    };
    const events = [start, ...call(0, '{"pa').slice(0, 2), error];
    expect(await eventsOf((await run(streamOf(...events))).out)).toEqual(events);
  });
});

describe('a whole reply', () => {
  it('is the very same where nothing had to be mended', async () => {
    for (const raw of ['{ "path": "a" }', '{"limit":"x"}']) {
      const reply = whole(raw);
      expect((await run(reply)).out).toBe(reply);
    }
  });

  it('is mended like a stream', async () => {
    const { content } = await collectReply((await run(whole('{"limit":"2",}'))).out);
    expect(content).toEqual([
      { type: 'tool-call', id: 'c', name: 'Read', input: { limit: 2 }, rawInput: '{"limit":2}' },
    ]);
  });
});

describe('the options', () => {
  it('choose what is mended', async () => {
    const { out, notes } = await run(whole('{"limit":"2",}'), { repairs: ['trailing-commas'] });
    expect(notes).toHaveLength(1);
    expect(out).toMatchObject({ message: { content: [{ rawInput: '{"limit":"2",}' }] } });
  });

  it.each([
    ['ollama/*', false],
    ['p/*', true],
  ])('choose the targets: %s', async (pattern, mended) => {
    const reply = whole('{"limit":"2"}');
    const { out } = await run(reply, { ...config, targets: [pattern] });
    expect(out !== reply).toBe(mended);
  });
});
