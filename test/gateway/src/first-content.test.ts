import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { cutAfter, json, type Responder, raw, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';
import { skippingClock } from './skip-time.ts';

let gateway: TestGateway;
afterEach(async () => {
  jest.restoreAllMocks();
  await gateway.close();
});

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';

const start = (...targets: readonly string[]) => startTestGateway({ targets, plan: { retry: { maxRetries: 0 } } });

const frame = (event: JsonObject) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
const blockStart = (block: JsonObject) => frame({ type: 'content_block_start', index: 0, content_block: block });
const delta = (given: JsonObject) => frame({ type: 'content_block_delta', index: 0, delta: given });
const BLOCK_STOP = frame({ type: 'content_block_stop', index: 0 });
const PING = frame({ type: 'ping' });
const START = frame({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  },
});
const ending = (reason: string) =>
  frame({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 1 } }) +
  frame({ type: 'message_stop' });
const TEXT = blockStart({ type: 'text', text: '' });
const THINKING = blockStart({ type: 'thinking', thinking: '', signature: '' });
const OVERLOADED = frame({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });

const clients = {
  pass: (extra: object = {}) => gateway.post(MESSAGES, messagesBody(extra), anthropicHeaders),
  translate: (extra: object = {}) => gateway.post(CHAT, chatBody(extra)),
} as const;

describe.each(['pass', 'translate'] as const)('a stream that has begun a block and no more, %s', (lane) => {
  const broken = (held: string): [string, Responder][] => [
    ['an error', sse(held + OVERLOADED)],
    [
      'a reset',
      cutAfter(Buffer.byteLength(held), 'rst', raw(200, { 'content-type': 'text/event-stream' }, `${held} `)),
    ],
    ['a close', sse(held)],
  ];

  it.each([
    ...broken(START + TEXT),
    ...broken(START + TEXT + PING + delta({ type: 'text_delta', text: '\n' })),
    ...broken(START + THINKING + PING + delta({ type: 'thinking_delta', thinking: '' })),
  ])('F15 F22 moves on after %s', async (_how, fault) => {
    gateway = await start('anthropic/m', 'chat/m');
    gateway.provider.on(MESSAGES, fault);
    gateway.provider.on(CHAT, reply({ text: 'Second one.' }));
    const answer = await clients[lane]({ stream: true });
    expect(answer.headers.get('x-signalbox-target')).toBe('chat/m');
    const text = await answer.text();
    expect(text).toContain('Second');
    expect(text).not.toMatch(/event: error|"error"/);
  });

  it('F23 F24 has content with the first word, the first thought, and the name of a call', async () => {
    gateway = await start('anthropic/m', 'chat/m');
    const call = blockStart({ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} });
    const word = TEXT + delta({ type: 'text_delta', text: ' a' });
    const thought = THINKING + delta({ type: 'thinking_delta', thinking: 'Hm' });
    for (const begun of [call, word, thought]) {
      gateway.provider.once(MESSAGES, sse(START + begun + OVERLOADED));
      const answer = await clients[lane]({ stream: true });
      expect([answer.status, answer.headers.get('x-signalbox-target')]).toEqual([200, 'anthropic/m']);
      expect(await answer.text()).toMatch(/"error"/);
    }
    expect(gateway.provider.requests.map(({ path }) => path)).toEqual([MESSAGES, MESSAGES, MESSAGES]);
  });
});

it('what was held back goes out as it came', async () => {
  gateway = await start('anthropic/claude-test');
  const pieces = [START, PING, THINKING, delta({ type: 'signature_delta', signature: 'c2ln' }), BLOCK_STOP];
  const stream = pieces.join('') + ending('max_tokens');
  gateway.provider.on(MESSAGES, sse(stream, { chunkSize: 50, delayMs: 1 }));
  const answer = await clients.pass({ stream: true });
  expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
  expect((await answer.text()).replace('"model":"claude-test"', '"model":"m"')).toBe(stream);
});

describe('an answer without any content', () => {
  const wholeMessage = (content: JsonObject[], reason: string) =>
    json(200, {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content,
      stop_reason: reason,
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    });
  const wholeChat = (content: string | null, finish: string) =>
    json(200, {
      id: 'x',
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', content } }],
    });
  const chunk = (given: JsonObject, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: given, finish_reason: finish }] })}\n\n`;
  const blank = { type: 'text', text: ' \n' };

  const faults: readonly (readonly [string, string, boolean, Responder])[] = [
    ['anthropic/m', 'a blank text', false, wholeMessage([blank], 'end_turn')],
    [
      'anthropic/m',
      'a blank text',
      true,
      sse(START + TEXT + delta({ type: 'text_delta', text: ' \n' }) + BLOCK_STOP + ending('end_turn')),
    ],
    ['anthropic/m', 'an empty text', true, sse(START + TEXT + BLOCK_STOP + ending('end_turn'))],
    ['anthropic/m', 'tools without a call', false, wholeMessage([], 'tool_use')],
    ['anthropic/m', 'tools without a call', true, sse(START + ending('tool_use'))],
    ['anthropic/m', 'tools without a call, and a blank text', false, wholeMessage([blank], 'tool_use')],
    ['chat/m', 'a blank text', false, wholeChat(' \n', 'stop')],
    [
      'chat/m',
      'a blank text',
      true,
      sse(
        `${chunk({ role: 'assistant', content: '' })}${chunk({ content: '\n' })}${chunk({}, 'stop')}data: [DONE]\n\n`,
      ),
    ],
    ['chat/m', 'tools without a call', false, wholeChat(null, 'tool_calls')],
    [
      'chat/m',
      'tools without a call',
      true,
      sse(`${chunk({ role: 'assistant' })}${chunk({}, 'tool_calls')}data: [DONE]\n\n`),
    ],
  ];

  it.each(
    faults.flatMap(([...fault]) => (['pass', 'translate'] as const).map((client) => [client, ...fault] as const)),
  )('F07 is no success: a client that %ss, %s, %s, stream: %j', async (client, target, _what, stream, fault) => {
    gateway = await start(target);
    gateway.provider.on(target.startsWith('chat') ? CHAT : MESSAGES, fault);
    const answer = await clients[client]({ stream });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain('without any content');
    expect((await gateway.nextRecord()).error?.code).toBe('EMPTY_REPLY');
  });

  it.each([
    ['a limit', 'max_tokens', 'length'],
    ['a refusal', 'refusal', 'content_filter'],
    ['a stop sequence', 'stop_sequence', undefined],
  ])('is an answer where %s ended it', async (_what, reason, finish) => {
    gateway = await start('anthropic/m');
    for (const stream of [false, true]) {
      gateway.provider.once(
        MESSAGES,
        stream ? sse(START + TEXT + BLOCK_STOP + ending(reason)) : wholeMessage([blank], reason),
      );
      gateway.provider.once(
        MESSAGES,
        stream ? sse(START + TEXT + BLOCK_STOP + ending(reason)) : wholeMessage([blank], reason),
      );
      for (const client of ['pass', 'translate'] as const) expect((await clients[client]({ stream })).status).toBe(200);
    }
    if (finish === undefined) return;
    await gateway.close();
    gateway = await start('chat/m');
    gateway.provider.on(CHAT, wholeChat(null, finish));
    for (const client of ['pass', 'translate'] as const) expect((await clients[client]()).status).toBe(200);
  });

  it('is an answer where it has a thought', async () => {
    gateway = await start('anthropic/m');
    const thought = { type: 'thinking', thinking: '', signature: 'c2ln' };
    gateway.provider.on(MESSAGES, wholeMessage([thought, blank], 'end_turn'));
    expect((await clients.pass()).status).toBe(200);
  });
});

describe('a thought whose words are not shown', () => {
  const rest = [delta({ type: 'signature_delta', signature: 'c2ln' }), BLOCK_STOP, ending('max_tokens')];
  const told: Responder = async (_request, wire) => {
    wire.head(200, { 'content-type': 'text/event-stream' });
    await wire.write(Buffer.from(START + THINKING));
    for (let ping = 0; ping < 12; ping++) {
      await wire.wait(50);
      await wire.write(Buffer.from(PING));
    }
    await wire.write(Buffer.from(rest.join('')));
    await wire.end();
  };

  it.each(['pass', 'translate'] as const)('F94 is no silence before the first event, %s', async (lane) => {
    gateway = await startTestGateway({
      targets: ['anthropic/m'],
      plan: { retry: { maxRetries: 0 } },
      timeouts: { firstEventMs: 300 },
    });
    gateway.provider.on(MESSAGES, told);
    expect((await clients[lane]({ stream: true })).status).toBe(200);
  });

  it('is content once it has gone on for a while, so that its bytes pass through', async () => {
    const skip = skippingClock();
    gateway = await start('anthropic/claude-test');
    const passing = Promise.withResolvers<void>();
    gateway.provider.on(MESSAGES, async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      await wire.write(Buffer.from(START + THINKING));
      // So that it is read before the time is over.
      await wire.wait(100);
      skip(6_000);
      await wire.write(Buffer.from(PING));
      await passing.promise;
      await wire.write(Buffer.from(rest.join('')));
      await wire.end();
    });
    const answer = await clients.pass({ stream: true });
    passing.resolve();
    expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect((await answer.text()).replace('"model":"claude-test"', '"model":"m"')).toBe(
      START + THINKING + PING + rest.join(''),
    );
  });
});
