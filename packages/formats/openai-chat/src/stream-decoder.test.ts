import { describe, expect, it } from '@jest/globals';
import { collectMessage, errors, type JsonObject, type StreamEvent } from '@signalbox/kit';
import fc from 'fast-check';
import { chunk, decodeStream, fixture, frames, joined, testTarget } from '../test/context.ts';
import { openaiChat } from './format.ts';

const local = openaiChat.with({ reasoningInContent: true });
const streams = [
  ['parallel-interleaved.openai', openaiChat],
  ['thinking-tools.deepseek', openaiChat],
  ['thinking-tools.openrouter', openaiChat],
  ['error-mid-stream.openrouter', openaiChat],
  ['thinking-tools.mistral', openaiChat],
  ['thinking.groq', openaiChat],
  ['think-tags.local', local],
] as const;

function errorOf(events: readonly StreamEvent[]) {
  const last = events.at(-1);
  return last?.type === 'error' ? last.error : undefined;
}

function decode(...data: (JsonObject | string)[]) {
  return decodeStream(openaiChat, [frames(...data)]);
}

describe('the stream decoder', () => {
  it('F01 F04 opens one block after the other, and keeps interleaved calls apart', () => {
    const events = decodeStream(openaiChat, [fixture('parallel-interleaved.openai.stream.sse')]);
    const order = events.flatMap((event) =>
      event.type === 'block-start' || event.type === 'block-end' ? [`${event.type} ${event.index}`] : [],
    );
    expect(order).toEqual([0, 1, 2].flatMap((index) => [`block-start ${index}`, `block-end ${index}`]));
    expect(collectMessage(events)).toMatchObject({
      content: [
        { type: 'text', text: 'Zwei Städte – ich sehe nach 🌦.' },
        { type: 'tool-call', id: 'call_Aa1', name: 'look_up', input: { city: 'Tromsø' } },
        { type: 'tool-call', id: 'call_Bb2', name: 'look_up', input: { city: 'Quito' } },
      ],
      stopReason: 'tool-call',
      rawStopReason: 'tool_calls',
      usage: { promptTokens: 1500, cacheReadTokens: 1024, completionTokens: 61, reasoningTokens: 0 },
    });
  });

  it('reads DeepSeek: empty first deltas open nothing, reasoning keeps its origin, usage on the finish chunk', () => {
    const target = testTarget({ reasoningOrigin: 'deepseek' });
    const message = collectMessage(decodeStream(openaiChat, [fixture('thinking-tools.deepseek.stream.sse')], target));
    expect(message.content).toMatchObject([
      { type: 'reasoning', text: 'The user wants two files.', state: { origin: 'deepseek', data: {} } },
      { type: 'text', text: 'Reading both.' },
      { type: 'tool-call', id: 'call_00_q7', input: { path: 'a.ts' } },
      { type: 'tool-call', id: 'call_01_r8', input: { path: 'b.ts' } },
    ]);
    expect(message.usage).toEqual({
      promptTokens: 900,
      cacheReadTokens: 640,
      completionTokens: 77,
      reasoningTokens: 30,
    });
  });

  it('reads OpenRouter: one text from two fields, details merged to one state, cost', () => {
    const message = collectMessage(decodeStream(openaiChat, [fixture('thinking-tools.openrouter.stream.sse')]));
    expect(message.content[0]).toEqual({
      type: 'reasoning',
      text: 'Look twice.',
      state: {
        origin: 'openrouter',
        data: [
          {
            type: 'reasoning.text',
            format: 'anthropic-claude-v1',
            index: 0,
            text: 'Look twice.',
            signature: 'c2lnbmVk',
          },
        ],
      },
    });
    expect(message.content).toHaveLength(4);
    expect(message.usage).toMatchObject({ cacheWriteTokens: 60, costUsd: 0.0021 });
  });

  it('F15 reads an error frame inside a 200, mid-stream', () => {
    const events = decodeStream(openaiChat, [fixture('error-mid-stream.openrouter.stream.sse')]);
    expect(errorOf(events)).toMatchObject({
      code: 'PROVIDER_OVERLOADED',
      message: 'Upstream went away',
      retryable: true,
    });
    expect(events.filter(({ type }) => type === 'message-end' || type === 'block-end')).toEqual([]);
  });

  it('reads Mistral: thinking parts, whole calls, one index for all', () => {
    const message = collectMessage(decodeStream(openaiChat, [fixture('thinking-tools.mistral.stream.sse')]));
    expect(message.content).toMatchObject([
      { type: 'reasoning', text: 'Both at once.' },
      { type: 'text', text: 'I will look.' },
      { type: 'tool-call', id: 'aB1cD2eF3', input: { at: 1 } },
      { type: 'tool-call', id: 'gH4iJ5kL6', input: { at: 2 } },
    ]);
  });

  it('F32 reads usage under x_groq, with CRLF lines', () => {
    const message = collectMessage(decodeStream(openaiChat, [fixture('thinking.groq.stream.sse')]));
    expect(message.usage).toEqual({ promptTokens: 9, completionTokens: 4, cacheReadTokens: 0 });
  });

  it('splits think tags at the start of the text, and only there', () => {
    const message = collectMessage(decodeStream(local, [fixture('think-tags.local.stream.sse')]));
    expect(message.content).toMatchObject([
      { type: 'reasoning', text: 'Hm, 1 < 2' },
      { type: 'text', text: 'Yes: `<think>` is a tag.' },
    ]);
  });

  it.each(streams)('F13 gives the same for %s, cut at any byte or at every byte', (name, format) => {
    const bytes = fixture(`${name}.stream.sse`);
    const whole = joined(decodeStream(format, [bytes]));
    for (let at = 0; at <= bytes.length; at++) {
      expect(joined(decodeStream(format, [bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(whole);
    }
    expect(
      joined(
        decodeStream(
          format,
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
        ),
      ),
    ).toEqual(whole);
  });

  it.each(streams)('F21 never ends %s as a success when it is cut before the finish reason', (name, format) => {
    const bytes = fixture(`${name}.stream.sse`);
    const finish = bytes.lastIndexOf('"finish_reason":"');
    for (let at = 0; at < finish; at += 7) {
      const events = decodeStream(format, [bytes.subarray(0, at)]);
      expect(events.at(-1)?.type).toBe('error');
      expect(events.filter(({ type }) => type === 'message-end')).toEqual([]);
    }
  });

  it('F38 gives usage as it is said, once, so that a stream that breaks has told what it cost', () => {
    const said = (prompt: number, completion: number): JsonObject => ({
      usage: { prompt_tokens: prompt, completion_tokens: completion },
    });
    const events = decode(
      { ...chunk({ content: 'a' }), ...said(7, 1) },
      { ...chunk({ content: 'b' }), ...said(7, 1) },
      { ...chunk({ content: 'c' }), ...said(7, 3) },
    );
    expect(events.map(({ type }) => type)).toEqual([
      'message-start',
      'block-start',
      'text-delta',
      'usage',
      'text-delta',
      'text-delta',
      'usage',
      'error',
    ]);
    expect(events.filter(({ type }) => type === 'usage')).toEqual([
      { type: 'usage', usage: { promptTokens: 7, completionTokens: 1 } },
      { type: 'usage', usage: { promptTokens: 7, completionTokens: 3 } },
    ]);
  });

  it('F32 reads usage from a last chunk that still has a choice', () => {
    const usage = { prompt_tokens: 7, completion_tokens: 1 };
    const events = decode(chunk({ content: 'a' }), chunk({}, 'stop'), { ...chunk({}), usage }, '[DONE]');
    expect(events).toContainEqual({ type: 'usage', usage: { promptTokens: 7, completionTokens: 1 } });
  });

  it('F21 tells a cut after content from an end', () => {
    expect(errorOf(decode(chunk({ content: 'So' })))?.code).toBe('CUT_STREAM');
    expect(decode(chunk({ content: 'So' }, 'stop')).at(-1)).toMatchObject({
      type: 'message-end',
      stopReason: 'end-turn',
    });
    expect(decode(chunk({ content: 'So' }), '[DONE]').at(-1)).toMatchObject({
      type: 'message-end',
      stopReason: 'end-turn',
    });
  });

  it('F07 takes an answer for one that a stop sequence ended before it began', () => {
    const empty = { role: 'assistant', content: '' };
    const end = { index: 0, delta: {}, finish_reason: 'stop', stop_reason: '###' };
    expect(decode(chunk(empty), { choices: [end] }, '[DONE]').at(-1)).toMatchObject({
      type: 'message-end',
      stopReason: 'stop-sequence',
    });
    const body = { choices: [{ index: 0, message: empty, finish_reason: 'stop', stop_reason: '###' }] };
    expect(openaiChat.inspectReply(body).error).toBeUndefined();
    expect(openaiChat.decodeReply(body, testTarget()).stopReason).toBe('stop-sequence');
    for (const content of [' \n', [{ type: 'text', text: ' ' }]]) {
      const blank = { choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] };
      expect(openaiChat.inspectReply(blank).error?.code).toBe('EMPTY_REPLY');
    }
  });

  it('F07 fails an empty success loudly', () => {
    expect(errorOf(decode(chunk({ role: 'assistant', content: '' }), chunk({}, 'stop'), '[DONE]'))?.code).toBe(
      'EMPTY_REPLY',
    );
    expect(errorOf(decode('[DONE]'))?.code).toBe('EMPTY_REPLY');
    expect(errorOf(decode(chunk({}, 'tool_calls'), '[DONE]'))?.code).toBe('EMPTY_REPLY');
    expect(decode(chunk({}, 'length'), '[DONE]').at(-1)).toMatchObject({
      type: 'message-end',
      stopReason: 'max-tokens',
    });
  });

  it('F09 decides by the calls, whatever the finish reason says', () => {
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{}' } };
    expect(decode(chunk({ tool_calls: [call] }), chunk({}, 'stop')).at(-1)).toMatchObject({
      stopReason: 'tool-call',
      rawStopReason: 'stop',
    });
  });

  it('F06 takes a whole call in one chunk, arguments as an object, and none at all', () => {
    const calls = [
      { index: 0, id: 'call_1', function: { name: 'f', arguments: { a: 1 } } },
      { index: 1, id: 'call_2', function: { name: 'g', arguments: '' } },
    ];
    expect(collectMessage(decode(chunk({ tool_calls: calls }, 'tool_calls'))).content).toMatchObject([
      { name: 'f', input: { a: 1 } },
      { name: 'g', input: {} },
    ]);
  });

  it('takes fragments without index, repeated ids and names, and a name after its arguments', () => {
    const part = (fields: object) => chunk({ tool_calls: [fields] } as never);
    const repeated = decode(
      part({ index: 0, id: 'call_1', function: { name: 'f', arguments: '{"a"' } }),
      part({ index: 0, id: 'call_1', function: { name: 'f', arguments: ':1}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(collectMessage(repeated).content).toMatchObject([{ id: 'call_1', input: { a: 1 } }]);
    const unnumbered = decode(
      part({ id: 'call_1', function: { name: 'f', arguments: '{"a"' } }),
      part({ function: { arguments: ':1}' } }),
      part({ id: 'call_2', function: { name: 'f', arguments: '{"a":2}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(collectMessage(unnumbered).content).toMatchObject([{ input: { a: 1 } }, { input: { a: 2 } }]);
    const late = decode(
      part({ index: 1, id: 'call_1', function: { arguments: '{"a":' } }),
      part({ index: 1, function: { name: 'f', arguments: '3}' } }),
      chunk({}, 'tool_calls'),
    );
    expect(collectMessage(late).content).toMatchObject([{ name: 'f', input: { a: 3 } }]);
    const nameless = decode(part({ index: 0, id: 'call_1', function: { arguments: '{}' } }), chunk({}, 'tool_calls'));
    expect(errorOf(nameless)?.code).toBe('MALFORMED_REPLY');
  });

  it('gives calls of one reply ids that differ, fresh ones where the provider repeats or forgets its own', () => {
    const calls = ['x', 'x', ''].map((id, index) => ({ index, id, function: { name: 'f', arguments: '{}' } }));
    const { content } = collectMessage(decode(chunk({ tool_calls: calls }, 'tool_calls')));
    const ids = content.map((block) => (block.type === 'tool-call' ? block.id : ''));
    expect(ids[0]).toBe('x');
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain('');
  });

  it('F11 keeps the beginning of arguments that the token limit cut off', () => {
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{"path":"/a' } };
    const message = collectMessage(decode(chunk({ tool_calls: [call] }), chunk({}, 'length'), '[DONE]'));
    expect(message).toMatchObject({ stopReason: 'max-tokens', content: [{ rawInput: '{"path":"/a', input: {} }] });
  });

  it('takes a refusal as text with its own stop reason', () => {
    const message = collectMessage(
      decode(chunk({ refusal: 'I will ' }), chunk({ refusal: 'not.' }), chunk({}, 'stop')),
    );
    expect(message).toMatchObject({ stopReason: 'refusal', content: [{ type: 'text', text: 'I will not.' }] });
  });

  it('keeps the stop sequence that vLLM names', () => {
    const end = { ...chunk({}), choices: [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: '</block>' }] };
    expect(decode(chunk({ content: 'a' }), end).at(-1)).toMatchObject({
      stopReason: 'stop-sequence',
      stopSequence: '</block>',
    });
  });

  it('unwraps nothing from custom tool calls: their text is the argument "input"', () => {
    const custom = (fields: object) => chunk({ tool_calls: [{ index: 0, ...fields }] } as never);
    const events = decode(
      custom({ id: 'call_1', type: 'custom', custom: { name: 'patch', input: '*** "a' } }),
      custom({ custom: { input: '"\n' } }),
      chunk({}, 'tool_calls'),
    );
    expect(collectMessage(events).content).toMatchObject([{ name: 'patch', input: { input: '*** "a"\n' } }]);
  });

  it('F10 makes an overflow inside the stream an error that clients compact on', () => {
    const message =
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.";
    const error = errorOf(
      decode({ error: { message, type: 'invalid_request_error', code: 'context_length_exceeded' } }),
    );
    expect(error).toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      message: 'prompt is too long: 9001 tokens > 8192 maximum',
    });
  });

  it('makes finish words that mean failure errors', () => {
    const dialect = openaiChat.with({
      finishReasons: { insufficient_system_resource: 'overloaded', sensitive: 'refusal' },
    });
    const failed = decodeStream(dialect, [
      frames(chunk({ content: 'a' }), chunk({}, 'insufficient_system_resource'), '[DONE]'),
    ]);
    expect(errorOf(failed)?.code).toBe('PROVIDER_OVERLOADED');
    const refused = decodeStream(dialect, [frames(chunk({ content: 'a' }, 'sensitive'))]);
    expect(refused.at(-1)).toMatchObject({ stopReason: 'refusal' });
    expect(errorOf(decode(chunk({ content: 'a' }, 'error')))?.code).toBe('PROVIDER_FAILED');
  });

  it('reads the bare error line of older llama.cpp servers, wherever it is cut', () => {
    const bytes = Buffer.concat([
      frames(chunk({ content: 'a\nerror: {"not":"one"}' })),
      Buffer.from('error: {"code":500,"message":"slot lost","type":"server_error"}\n\ndata: [DONE]\n\n'),
    ]);
    for (let at = 0; at <= bytes.indexOf('data: [DONE]'); at++) {
      const events = decodeStream(openaiChat, [bytes.subarray(0, at), bytes.subarray(at)]);
      expect(errorOf(events)).toMatchObject({ code: 'PROVIDER_FAILED', message: 'slot lost' });
    }
  });

  it('keeps encrypted details apart that have no index', () => {
    const details = ['a', 'b'].map((data) => ({ type: 'reasoning.encrypted', data }));
    const events = decode(
      ...details.map((detail) => chunk({ reasoning_details: [detail] })),
      chunk({ content: 'x' }, 'stop'),
    );
    expect(collectMessage(events).content[0]).toMatchObject({ text: '', state: { data: details } });
  });

  it('fails with what a dialect says about a usage it cannot read', () => {
    const strict = openaiChat.with({
      decodeUsage: () => {
        throw errors.malformedReply('No prompt_tokens.');
      },
    });
    const bytes = frames({ ...chunk({ content: 'x' }, 'stop'), usage: {} });
    expect(errorOf(decodeStream(strict, [bytes]))).toMatchObject({
      code: 'MALFORMED_REPLY',
      message: 'No prompt_tokens.',
    });
    const relay = strict.createStreamRelay({ echoModel: undefined });
    relay.push(bytes);
    expect(relay.error?.code).toBe('MALFORMED_REPLY');
  });

  it('keeps citations with their text', () => {
    const annotations = [
      { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 1 } },
    ];
    const message = collectMessage(decode(chunk({ content: 'A' }), chunk({ annotations }), chunk({}, 'stop')));
    expect(message.content[0]).toMatchObject({ extensions: { 'openai-chat': { deltas: [{ annotations }] } } });
  });

  it('notes further choices instead of mixing them in', () => {
    const target = testTarget();
    const other = { ...chunk({}), choices: [{ index: 1, delta: { content: 'other' }, finish_reason: null }] };
    const events = decodeStream(openaiChat, [frames(chunk({ content: 'one' }), other, chunk({}, 'stop'))], target);
    expect(collectMessage(events).content).toMatchObject([{ text: 'one' }]);
    expect(target.notes.list).toMatchObject([{ path: 'choices', action: 'dropped' }]);
  });

  it('ends in one way whatever the bytes are', () => {
    const bytes = fixture('thinking-tools.openrouter.stream.sse');
    const mutated = fc
      .array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((edits) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of edits) copy[at] = value;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (input) => {
        const events = decodeStream(openaiChat, [input]);
        expect(events.filter(({ type }) => type === 'error' || type === 'message-end')).toHaveLength(1);
        expect(['error', 'message-end']).toContain(events.at(-1)?.type);
      }),
      { numRuns: 400 },
    );
  });

  it('takes any JSON in a frame', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 4 }), (deltas) => {
        const events = decode(...deltas.map((delta) => chunk(delta as never)), '[DONE]');
        expect(['error', 'message-end']).toContain(events.at(-1)?.type);
      }),
      { numRuns: 300 },
    );
  });
});
