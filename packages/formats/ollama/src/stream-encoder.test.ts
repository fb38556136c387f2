import { describe, expect, it } from '@jest/globals';
import { errors, type JsonObject, messageToEvents, type StreamEvent } from '@signalbox/kit';
import { decode, testClient } from '../test/context.ts';
import { ollama } from './index.ts';

const parse = (wire: string): JsonObject[] =>
  wire
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JsonObject);
const encode = (events: readonly StreamEvent[], client = testClient()): JsonObject[] =>
  parse(ollama.createStreamEncoder(client).encode(events));
const call = (json: string): StreamEvent[] => [
  { type: 'block-start', index: 0, block: { type: 'tool-call', id: 'c', name: 'n' } },
  { type: 'tool-input-delta', index: 0, json },
  { type: 'block-end', index: 0 },
];
const end = (stopReason: 'tool-call' | 'max-tokens' | 'refusal'): StreamEvent => ({ type: 'message-end', stopReason });

describe('a stream for a client', () => {
  it('F85 is lines, the last of which has counts and nanoseconds', () => {
    const out = encode(
      messageToEvents({
        content: [
          { type: 'reasoning', text: 'Hm', state: { origin: 'anthropic', data: 'sig' } },
          { type: 'text', text: 'Ah\n' },
        ],
        stopReason: 'max-tokens',
        usage: { promptTokens: 7, completionTokens: 3 },
      }),
    );
    expect(
      out.map(({ created_at, ...line }) => ({ ...line, dated: !Number.isNaN(Date.parse(String(created_at))) })),
    ).toEqual([
      { model: 'asked-model', message: { role: 'assistant', content: '', thinking: 'Hm' }, done: false, dated: true },
      { model: 'asked-model', message: { role: 'assistant', content: 'Ah\n' }, done: false, dated: true },
      {
        model: 'asked-model',
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: 'length',
        prompt_eval_count: 7,
        eval_count: 3,
        total_duration: expect.any(Number),
        prompt_eval_duration: expect.any(Number),
        eval_duration: expect.any(Number),
        dated: true,
      },
    ]);
    for (const key of ['total_duration', 'prompt_eval_duration', 'eval_duration']) {
      expect(Number.isInteger(out[2]?.[key]) && Number(out[2]?.[key]) > 0).toBe(true);
    }
  });

  it('F06 has calls whole, on one line each, whatever the arguments look like', () => {
    const [line] = encode([...call('{\n  "a": "x\\ny"\n}'), end('tool-call')]);
    expect(line?.message).toEqual({
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'c', function: { index: 0, name: 'n', arguments: { a: 'x\ny' } } }],
    });
  });

  it('F11 has no call whose arguments were cut, and marks others that do not parse', () => {
    const client = testClient();
    const cut = encode([...call('{"a": "x'), end('max-tokens')], client);
    expect(cut).toEqual([expect.objectContaining({ done: true, done_reason: 'length' })]);
    expect(client.notes.list).toContainEqual(expect.objectContaining({ action: 'dropped' }));
    const [broken, last] = encode([...call('{"a": nope}'), end('tool-call')]);
    expect(broken?.message).toMatchObject({ tool_calls: [{ function: { arguments: { _raw: '{"a": nope}' } } }] });
    expect(last?.done).toBe(true);
  });

  it('F21 that fails ends with an error and nothing else', () => {
    const encoder = ollama.createStreamEncoder(testClient());
    expect(encoder.fail(errors.cutStream('Cut.'))).toBe('{"error":"Cut."}\n');
    expect(encoder.encode([end('tool-call')])).toBe('');
  });

  it('F20 is kept alive with lines that say nothing', () => {
    const encoder = ollama.createStreamEncoder(testClient());
    expect(parse(encoder.open() + encoder.keepAlive())).toEqual([
      expect.objectContaining({ message: { role: 'assistant', content: '' }, done: false }),
      expect.objectContaining({ message: { role: 'assistant', content: '' }, done: false }),
    ]);
  });

  it('says a refusal that has no words of its own', () => {
    expect(encode([end('refusal')]).map(({ message }) => (message as JsonObject).content)).toEqual([
      'The model declined to answer.',
      '',
    ]);
  });

  it.each([false, true])(
    'F31 notes what the wire has no place for: refusals and cached tokens (streamed: %s)',
    (stream) => {
      const client = testClient();
      const reply = {
        content: [{ type: 'text', text: 'No.' }],
        stopReason: 'refusal',
        usage: { promptTokens: 10, cacheReadTokens: 8, cacheWriteTokens: 0, completionTokens: 1 },
      } as const;
      if (stream) encode(messageToEvents(reply), client);
      else ollama.encodeReply(reply, client);
      expect(client.notes.list.map(({ action, path }) => `${action} ${path}`)).toEqual([
        'approximated stopReason',
        'dropped usage.cacheReadTokens',
      ]);
    },
  );

  it('answers a single prompt in its own fields', () => {
    const client = testClient(decode({ model: 'm', prompt: 'Hi' }));
    const events = messageToEvents({ content: [{ type: 'text', text: 'Ho' }], stopReason: 'end-turn' });
    const [first, last] = encode(events, client);
    expect(first).toMatchObject({ model: 'm', response: 'Ho', done: false });
    expect(last).toMatchObject({ response: '', done: true, done_reason: 'stop' });
    const whole = ollama.encodeReply({ content: [{ type: 'text', text: 'Ho' }], stopReason: 'end-turn' }, client);
    expect(whole).toMatchObject({ response: 'Ho', done: true });
    expect(whole).not.toHaveProperty('message');
  });

  it('measures from the arrival of the request on, where that is known', () => {
    let now = 20;
    const client = { ...testClient(), elapsedMs: () => now };
    const encoder = ollama.createStreamEncoder(client);
    encoder.encode([{ type: 'block-start', index: 0, block: { type: 'text' } }]);
    now = 50;
    expect(parse(encoder.encode([end('max-tokens')]))).toEqual([
      expect.objectContaining({ total_duration: 50e6, prompt_eval_duration: 20e6, eval_duration: 30e6 }),
    ]);
    const whole = ollama.encodeReply({ content: [{ type: 'text', text: 'Ho' }], stopReason: 'end-turn' }, client);
    expect(whole).toMatchObject({ total_duration: 50e6 });
    expect(whole).not.toHaveProperty('eval_duration');
  });

  it('gives the durations of a provider that measures them', () => {
    const usage = { promptTokens: 1, extensions: { ollama: { $durations: { eval_duration: 42 } } } };
    const last = encode([{ type: 'usage', usage }, end('tool-call')]).at(-1);
    expect(last).toMatchObject({ eval_duration: 42, prompt_eval_count: 1 });
  });
});

describe('a whole reply', () => {
  it('F11 F87 has fresh ids for calls that the history knows, and drops what was cut', () => {
    const client = testClient(
      decode({
        model: 'm',
        messages: [{ role: 'assistant', tool_calls: [{ id: 'old', function: { name: 'n', arguments: {} } }] }],
      }),
    );
    const toolCall = (id: string, rawInput: string) =>
      ({ type: 'tool-call', id, name: 'n', input: {}, rawInput }) as const;
    const { message } = ollama.encodeReply(
      { content: [toolCall('old', '{}'), toolCall('cut', '{"a')], stopReason: 'max-tokens' },
      client,
    );
    const calls = (message as JsonObject).tool_calls as JsonObject[];
    expect(calls).toHaveLength(1);
    expect(calls[0]?.id).not.toBe('old');
    expect(client.notes.list).toEqual([expect.objectContaining({ path: 'content[1]', action: 'dropped' })]);
  });
});
