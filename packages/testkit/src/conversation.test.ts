import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type JsonObject, SseDecoder } from '@signalbox/kit';
import {
  anthropicTurn,
  conversation,
  errorFrame,
  htmlError,
  json,
  openaiChatTurn,
  providerError,
  type ScriptedProvider,
  startScriptedProvider,
  type Turn,
} from './index.ts';

const TURN: Turn = {
  reasoning: 'Two cities, so two lookups.',
  signature: 'c2ln',
  text: ['Checking ', 'both.'],
  toolCalls: [
    { id: 'call_A', name: 'weather', arguments: { city: 'Zürich 😀' } },
    { id: 'call_B', name: 'weather', arguments: '{"city": "Li' },
  ],
  usage: { promptTokens: 100, cacheReadTokens: 60, cacheWriteTokens: 10, completionTokens: 40, reasoningTokens: 7 },
};

function decode(sse: string): { event: string; data: JsonObject }[] {
  const decoder = new SseDecoder();
  return [...decoder.push(Buffer.from(sse)), ...decoder.end()]
    .filter(({ data }) => data !== '[DONE]')
    .map(({ event, data }) => ({ event, data: JSON.parse(data) as JsonObject }));
}

describe('openaiChatTurn', () => {
  const { body, sse, frames } = openaiChatTurn(TURN, { id: 'chatcmpl-1', model: 'm' });
  const chunks = decode(sse).map(({ data }) => data as JsonObject & { choices: { delta: JsonObject }[] });

  it('streams one role chunk, deltas, one finish chunk, the usage, [DONE]', () => {
    expect(chunks[0]).toMatchObject({ object: 'chat.completion.chunk', id: 'chatcmpl-1', model: 'm', usage: null });
    expect(chunks[0]?.choices).toEqual([
      { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
    ]);
    expect(chunks.at(-2)?.choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: 'tool_calls' }]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: body.usage });
    expect(frames.at(-1)).toBe('data: [DONE]\n\n');
    expect(sse).not.toContain('event:');
  });

  it('says the same in the stream and in the whole reply', () => {
    const message = { content: '', reasoning_content: '' };
    const calls: { id: string; type: string; function: { name: string; arguments: string } }[] = [];
    for (const { choices } of chunks) {
      const delta = choices[0]?.delta ?? {};
      message.content += delta.content ?? '';
      message.reasoning_content += delta.reasoning_content ?? '';
      for (const part of (delta.tool_calls ?? []) as unknown as ((typeof calls)[0] & { index: number })[]) {
        const { index, ...call } = part;
        const known = calls[index];
        if (known === undefined) calls[index] = call;
        else known.function.arguments += call.function.arguments;
      }
    }
    expect(body).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { ...message, role: 'assistant', tool_calls: calls }, finish_reason: 'tool_calls' }],
    });
    expect(message.content).toBe('Checking both.');
    expect(calls[0]?.function.arguments).toBe('{"city":"Zürich 😀"}');
    expect(calls[1]?.function.arguments).toBe('{"city": "Li');
  });

  it('counts inclusively', () => {
    expect(body.usage).toMatchObject({
      prompt_tokens: 100,
      completion_tokens: 40,
      total_tokens: 140,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 7 },
    });
  });

  it('leaves usage out where it was not asked for, and takes other names', () => {
    const turn = openaiChatTurn(
      { reasoning: 'r', text: 't', stopReason: 'max-tokens' },
      { includeUsage: false, reasoningField: 'reasoning' },
    );
    expect(turn.sse).not.toContain('usage');
    expect(turn.body.choices).toMatchObject([{ message: { reasoning: 'r', content: 't' }, finish_reason: 'length' }]);
    expect(openaiChatTurn({ rawStopReason: 'eos' }).body.choices).toMatchObject([{ finish_reason: 'eos' }]);
  });
});

describe('anthropicTurn', () => {
  const { body, sse } = anthropicTurn(TURN, { id: 'msg_1', model: 'm' });
  const events = decode(sse);

  it('names every frame after its type and keeps the grammar', () => {
    expect(events.every(({ event, data }) => event === data.type)).toBe(true);
    const collapsed = events.map(({ event }) => event).filter((event, i, all) => event !== all[i - 1]);
    const block = ['content_block_start', 'content_block_delta', 'content_block_stop'];
    expect(collapsed).toEqual([
      'message_start',
      ...[...block, ...block, ...block, ...block],
      'message_delta',
      'message_stop',
    ]);
    const starts = events.filter(({ event }) => event === 'content_block_start');
    expect(starts.map(({ data }) => data.index)).toEqual([0, 1, 2, 3]);
    expect(starts.map(({ data }) => data.content_block)).toEqual([
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'text', text: '', citations: null },
      { type: 'tool_use', id: 'call_A', name: 'weather', input: {}, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'call_B', name: 'weather', input: {}, caller: { type: 'direct' } },
    ]);
    expect(events[0]?.data.message).toMatchObject({ id: 'msg_1', model: 'm', content: [], stop_reason: null });
  });

  it('says the same in the stream and in the whole reply', () => {
    const text = (index: number, key: string) =>
      events
        .filter(({ data }) => data.type === 'content_block_delta' && data.index === index)
        .map(({ data }) => (data.delta as Record<string, string>)[key] ?? '')
        .join('');
    expect(body.content).toMatchObject([
      { type: 'thinking', thinking: text(0, 'thinking'), signature: text(0, 'signature') },
      { type: 'text', text: text(1, 'text') },
      { type: 'tool_use', id: 'call_A', input: JSON.parse(text(2, 'partial_json')) },
      { type: 'tool_use', id: 'call_B', input: {} },
    ]);
    expect(text(0, 'signature')).toBe('c2ln');
    expect(text(3, 'partial_json')).toBe('{"city": "Li');
    expect(body).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'tool_use', stop_sequence: null });
  });

  it('counts exclusively', () => {
    expect(body.usage).toMatchObject({
      input_tokens: 30,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 10,
      output_tokens: 40,
      output_tokens_details: { thinking_tokens: 7 },
    });
    expect(events.at(-2)?.data.usage).toEqual(body.usage);
  });
});

describe('conversation', () => {
  let provider: ScriptedProvider;
  beforeEach(async () => {
    provider = await startScriptedProvider();
  });
  afterEach(() => provider.close());

  const ask = (path: string, body: object) =>
    fetch(`${provider.url}${path}`, { method: 'POST', body: JSON.stringify(body) });

  it('answers turn after turn in the format and manner of each request', async () => {
    provider.on(/./, conversation([{ text: 'one' }, { text: 'two' }, { text: 'three' }, { text: 'four' }]));
    const whole = await ask('/v1/messages', { model: 'a' });
    expect(whole.headers.get('request-id')).toBe('req_scripted_0');
    expect(await whole.json()).toMatchObject({ type: 'message', model: 'a', content: [{ text: 'one' }] });
    const stream = await ask('/v1/messages', { model: 'a', stream: true });
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(decode(await stream.text()).find(({ event }) => event === 'content_block_delta')?.data.delta).toEqual({
      type: 'text_delta',
      text: 'two',
    });
    const chat = await ask('/api/v1/chat/completions', { model: 'b' });
    expect(await chat.json()).toMatchObject({ model: 'b', choices: [{ message: { content: 'three' } }] });
    const chatStream = await (await ask('/v1/chat/completions', { model: 'b', stream: true })).text();
    expect(chatStream).toContain('"content":"four"');
    expect(chatStream).not.toContain('"usage"');
  });

  it('gives every reply an id of its own, and usage where it is asked for', async () => {
    provider.on(/./, conversation([{ text: 'one' }, { text: 'two' }]));
    const body = { model: 'b', stream: true, stream_options: { include_usage: true } };
    const [first, second] = [await ask('/chat/completions', body), await ask('/chat/completions', body)];
    const ids = [first, second].map(async (response) => decode(await response.text()).at(-1)?.data.id);
    expect(await Promise.all(ids)).toEqual(['chatcmpl-scripted-0', 'chatcmpl-scripted-1']);
    expect((await provider.waitForRequest(1)).body).toEqual(body);
  });

  it('lets a turn answer by itself, keeps asides out of the count, and says when it has no more turns', async () => {
    const isTurn = ({ body }: { body: JsonObject | undefined }) => body?.model !== 'small';
    provider.on(/./, conversation([json(418, '{}'), { text: 'two' }], { isTurn, aside: { text: 'title' } }));
    expect((await ask('/v1/messages', {})).status).toBe(418);
    expect(await (await ask('/v1/messages', { model: 'small' })).text()).toContain('title');
    expect(await (await ask('/v1/messages', {})).text()).toContain('two');
    const late = await ask('/v1/messages', {});
    expect([late.status, late.headers.get('x-should-retry')]).toEqual([500, 'false']);
    expect(await late.json()).toMatchObject({
      error: { message: 'the scripted conversation has 2 turns and was asked for turn 3' },
    });
    expect((await ask('/v1/other', {})).status).toBe(404);
  });

  it('gives errors in the format of the path', async () => {
    provider.on(/./, providerError(429, { message: 'slow down', code: 'c', headers: { 'retry-after': '7' } }));
    const anthropic = await ask('/v1/messages/count_tokens', {});
    expect([anthropic.status, anthropic.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await anthropic.json()).toEqual({
      type: 'error',
      error: { type: 'api_error', message: 'slow down', details: { error_code: 'c' } },
      request_id: 'req_scripted_0',
    });
    expect(await (await ask('/v1/chat/completions', {})).json()).toEqual({
      error: { message: 'slow down', type: 'server_error', param: null, code: 'c' },
    });
    expect(errorFrame(await provider.waitForRequest(0), { message: 'm' })).toMatch(/^event: error\ndata: .*\n\n$/);
    expect(errorFrame(await provider.waitForRequest(1), { message: 'm' })).toMatch(/^data: \{"error":.*\n\n$/);
    provider.on('/v1/messages', htmlError(502));
    expect(await (await ask('/v1/messages', {})).text()).toContain('<h1>502</h1>');
  });
});
