import { describe, expect, it } from '@jest/globals';
import { type ChatRequest, errors, type JsonObject, Notes, type StreamEvent } from '@signalbox/kit';
import OpenAI from 'openai';
import { testClient, testRequest } from '../test/context.ts';
import { openaiChat } from './format.ts';

function encode(events: readonly StreamEvent[], request: ChatRequest = testRequest({ stream: true })) {
  const client = testClient(request);
  const wire = openaiChat.createStreamEncoder(client).encode(events);
  const data = wire
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => frame.replace(/^data: /, ''));
  const chunks = data.filter((frame) => frame !== '[DONE]').map((frame) => JSON.parse(frame) as JsonObject);
  const choices = chunks.map(({ choices: list }) => (list as JsonObject[] | undefined)?.[0]);
  return {
    wire,
    data,
    chunks,
    deltas: choices.map((choice) => choice?.delta as JsonObject | undefined),
    choices,
    notes: client.notes.list,
  };
}

function decoded(body: JsonObject): ChatRequest {
  const messages = [{ role: 'user', content: 'x' }];
  return openaiChat.decodeRequest(
    { model: 'asked-model', stream: true, messages, ...body },
    { headers: {}, notes: new Notes() },
  );
}

const start: StreamEvent = { type: 'message-start', id: 'theirs', model: 'theirs' };
const end: StreamEvent = { type: 'message-end', stopReason: 'end-turn' };
const said = (text: string): StreamEvent[] => [
  { type: 'block-start', index: 0, block: { type: 'text' } },
  { type: 'text-delta', index: 0, text },
  { type: 'block-end', index: 0 },
];
const called = (index: number, name: string, ...json: string[]): StreamEvent[] => [
  { type: 'block-start', index, block: { type: 'tool-call', id: `toolu_${index}`, name } },
  ...json.map((part): StreamEvent => ({ type: 'tool-input-delta', index, json: part })),
  { type: 'block-end', index },
];

describe('the stream encoder', () => {
  it('F87 begins with the role, keeps one id and the asked model, and ends with [DONE]', () => {
    const { chunks, deltas, choices, data } = encode([start, ...said('Hi'), end]);
    expect(deltas).toEqual([{ role: 'assistant', content: '', refusal: null }, { content: 'Hi' }, {}]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]).toMatchObject({
      object: 'chat.completion.chunk',
      model: 'asked-model',
      id: expect.stringMatching(/^chatcmpl-/),
    });
    expect(Number(chunks[0]?.created)).toBeLessThan(10_000_000_000);
    expect(choices.map((choice) => choice?.finish_reason)).toEqual([null, null, 'stop']);
    expect(data.at(-1)).toBe('[DONE]');
  });

  it('F87 counts tool calls from 0, whatever blocks stand before them, each with arguments', () => {
    const { deltas, choices } = encode([
      start,
      ...said('Hi'),
      ...called(1, 'f', '{"a"', ':1}'),
      ...called(2, 'g'),
      { ...end, stopReason: 'tool-call' },
    ]);
    expect(deltas.slice(2, -1)).toEqual([
      { tool_calls: [{ index: 0, id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 1, id: 'toolu_2', type: 'function', function: { name: 'g', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
    ]);
    expect(choices.at(-1)?.finish_reason).toBe('tool_calls');
  });

  it('shows usage in a chunk of its own only to a client that asked', () => {
    const events: StreamEvent[] = [
      start,
      ...said('Hi'),
      { type: 'usage', usage: { promptTokens: 7, cacheReadTokens: 5, completionTokens: 2 } },
      end,
    ];
    expect(encode(events).wire).not.toContain('usage');
    const { chunks } = encode(events, decoded({ stream_options: { include_usage: true } }));
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9, prompt_tokens_details: { cached_tokens: 5 } },
    });
  });

  it('opens early, once', () => {
    const encoder = openaiChat.createStreamEncoder(testClient());
    expect(encoder.open()).toContain('"role":"assistant"');
    expect(encoder.encode([start])).toBe('');
    expect(encoder.keepAlive()).toBe(': keep-alive\n\n');
  });

  it('F17 F21 ends a failed stream with the error alone: no finish reason, no [DONE]', () => {
    const { data, choices } = encode([
      start,
      ...said('Hi'),
      { type: 'error', error: errors.cutStream('Cut.').info() },
      end,
    ]);
    expect(JSON.parse(data.at(-1) ?? '')).toEqual({
      error: { message: 'Cut.', type: 'server_error', param: null, code: null },
    });
    expect(choices.some((choice) => typeof choice?.finish_reason === 'string')).toBe(false);
    const encoder = openaiChat.createStreamEncoder(testClient());
    encoder.encode([start]);
    expect(encoder.fail(errors.rateLimited('Slow.'))).toBe(
      'data: {"error":{"message":"Slow.","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}\n\n',
    );
    expect(encoder.fail(errors.rateLimited('Slow.'))).toBe('');
  });

  it('F73 gives an Anthropic signature and foreign state to the client in a form that comes back to their origin', () => {
    const reasoning = (index: number, text: string, origin: string, data: JsonObject | string): StreamEvent[] => [
      { type: 'block-start', index, block: { type: 'reasoning' } },
      { type: 'reasoning-delta', index, text },
      { type: 'signature', index, state: { origin, data } },
      { type: 'block-end', index },
    ];
    const { deltas } = encode([
      start,
      ...reasoning(0, 'One.', 'anthropic', 'c2ln'),
      ...reasoning(1, 'Two.', 'gemini', { a: 1 }),
      ...said('x'),
      end,
    ]);
    const details = deltas.flatMap((delta) => (delta?.reasoning_details as JsonObject[] | undefined) ?? []);
    expect(details[0]).toMatchObject({
      type: 'reasoning.text',
      text: 'One.',
      signature: 'c2ln',
      format: 'anthropic-claude-v1',
    });
    const history = decoded({
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'y', reasoning_content: 'One.Two.', reasoning_details: details },
      ],
    });
    expect(history.messages[1]?.content.slice(0, 2)).toEqual([
      { type: 'reasoning', text: 'One.', state: { origin: 'anthropic', data: 'c2ln' } },
      { type: 'reasoning', text: 'Two.', state: { origin: 'gemini', data: { a: 1 } } },
    ]);
  });

  it('F88 unwraps the calls of custom tools', () => {
    const request = decoded({ tools: [{ type: 'custom', custom: { name: 'apply_patch' } }] });
    const { deltas } = encode([start, ...called(0, 'apply_patch', '{"input":"*** Be', 'gin\\n"}'), end], request);
    expect(deltas[1]).toEqual({
      tool_calls: [{ index: 0, id: 'toolu_0', type: 'custom', custom: { name: 'apply_patch', input: '*** Begin\n' } }],
    });
  });

  it('answers "functions" with one function_call', () => {
    const request = decoded({ functions: [{ name: 'f' }] });
    const { deltas, choices, notes } = encode(
      [start, ...called(0, 'f', '{}'), ...called(1, 'f', '{"b":1}'), { ...end, stopReason: 'tool-call' }],
      request,
    );
    expect(deltas.slice(1, -1)).toEqual([
      { function_call: { name: 'f', arguments: '' } },
      { function_call: { arguments: '{}' } },
    ]);
    expect(choices.at(-1)?.finish_reason).toBe('function_call');
    expect(notes).toHaveLength(1);
  });

  it.each([
    ['stop-sequence', 'stop'],
    ['max-tokens', 'length'],
    ['context-window-exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['pause-turn', 'length'],
  ] as const)('says %s as %s', (stopReason, word) => {
    expect(encode([start, ...said('x'), { ...end, stopReason }]).choices.at(-1)?.finish_reason).toBe(word);
  });

  it('says that a reply without text is a refusal', () => {
    expect(encode([start, { ...end, stopReason: 'refusal' }]).deltas[1]?.refusal).toEqual(expect.stringMatching(/\w/));
  });

  it('notes what only another format has', () => {
    const { notes, deltas } = encode([
      start,
      {
        type: 'block-start',
        index: 0,
        block: { type: 'opaque', format: 'anthropic-messages', value: { type: 'server_tool_use' } },
      },
      { type: 'block-end', index: 0 },
      { type: 'block-start', index: 1, block: { type: 'text' } },
      { type: 'extension-delta', index: 1, format: 'anthropic-messages', value: { type: 'citations_delta' } },
      { type: 'block-end', index: 1 },
      end,
    ]);
    expect(notes.map(({ action }) => action)).toEqual(['dropped', 'dropped']);
    expect(deltas).toHaveLength(2);
  });

  it('F87 is read by the official SDK, call by call', async () => {
    const events = [
      start,
      ...said('Hi'),
      ...called(1, 'f', '{"a"', ':1}'),
      ...called(2, 'g'),
      { type: 'usage', usage: { promptTokens: 7, completionTokens: 2 } } as const,
      { ...end, stopReason: 'tool-call' } as const,
    ];
    const { wire } = encode(events, decoded({ stream_options: { include_usage: true } }));
    const fetch = async () => new Response(wire, { headers: { 'content-type': 'text/event-stream' } });
    const client = new OpenAI({ apiKey: 'test', baseURL: 'http://gateway.test/v1', fetch });
    const reply = await client.chat.completions
      .stream({
        model: 'asked-model',
        messages: [{ role: 'user', content: 'x' }],
        stream_options: { include_usage: true },
      })
      .finalChatCompletion();
    expect(reply).toMatchObject({
      model: 'asked-model',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: 'Hi',
            tool_calls: [
              { id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
              { id: 'toolu_2', type: 'function', function: { name: 'g', arguments: '{}' } },
            ],
          },
        },
      ],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
  });

  it('F17 makes the official SDK throw on a failed stream', async () => {
    const { wire } = encode([start, ...said('Hi'), { type: 'error', error: errors.cutStream('Cut.').info() }]);
    const fetch = async () => new Response(wire, { headers: { 'content-type': 'text/event-stream' } });
    const client = new OpenAI({ apiKey: 'test', baseURL: 'http://gateway.test/v1', fetch, maxRetries: 0 });
    const stream = client.chat.completions.stream({ model: 'asked-model', messages: [{ role: 'user', content: 'x' }] });
    await expect(stream.finalChatCompletion()).rejects.toThrow('Cut.');
  });
});
