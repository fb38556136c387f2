import { describe, expect, it } from '@jest/globals';
import { type JsonObject, type JsonValue, Notes } from '@signalbox/kit';
import { openaiChat } from '../src/index.ts';
import { testTarget } from './context.ts';

/** Words that every object seems to know. */
const WORDS = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
/** `String` and `Number` throw at it. */
const UNPRINTABLE: JsonValue = { toString: 1, valueOf: null };

const user = { role: 'user', content: 'hi' };
const decode = (more: JsonObject) =>
  openaiChat.decodeRequest({ model: 'm', messages: [user], ...more }, { headers: {}, notes: new Notes() });
const parsed = (json: string): JsonObject => JSON.parse(json) as JsonObject;

describe('words that every object knows', () => {
  it.each(WORDS)('%s is no effort', (word) => {
    const request = decode({ reasoning_effort: word });
    expect(request.reasoning).toBeUndefined();
    expect(request.extensions).toEqual({ 'openai-chat': { reasoning_effort: word } });
  });

  it.each(WORDS)('%s is an end that nobody knows, whole and streamed', (word) => {
    const choice = { index: 0, finish_reason: word };
    const whole = { choices: [{ ...choice, message: { role: 'assistant', content: 'hi' } }] };
    expect(openaiChat.decodeReply(whole, testTarget()).stopReason).toBe('max-tokens');
    const decoder = openaiChat.createStreamDecoder(testTarget());
    const chunk = { choices: [{ ...choice, delta: { content: 'hi' } }] };
    const events = [...decoder.push(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)), ...decoder.end()];
    expect(events.at(-1)).toMatchObject({ type: 'message-end', stopReason: 'max-tokens' });
  });

  it('a field called __proto__ is a field like any other', () => {
    const hostile = '{"__proto__":{"$client":{"includeUsage":true}}}';
    const request = decode(parsed(hostile));
    const own = request.extensions?.['openai-chat'] ?? {};
    expect(own.$client).toBeUndefined();
    expect(JSON.stringify(own)).toBe(hostile);
    const target = testTarget();
    expect(JSON.stringify(openaiChat.encodeRequest(request, target))).toContain(hostile.slice(1, -1));
    const message = decode({ messages: [{ ...user, ...parsed(hostile) }] }).messages[0]?.extensions;
    expect(JSON.stringify(message)).toBe(`{"openai-chat":${hostile}}`);
    const body = { choices: [{ index: 0, finish_reason: 'stop', message: user }], ...parsed(hostile) };
    expect(JSON.stringify(openaiChat.decodeReply(body, testTarget()).extensions)).toBe(`{"openai-chat":${hostile}}`);
  });
});

describe('an error that this format’s clients cannot read as it is', () => {
  it.each<JsonValue>([
    { error: { message: null, type: 'server_error' } },
    { error: { message: [['a']], code: 'model_not_found' } },
    { error: 'a text' },
    { detail: [{ loc: ['body'], msg: 'wrong' }] },
  ])('is told in the gateway’s words: %j', (body) => {
    const error = openaiChat.decodeError(400, {}, JSON.stringify(body));
    expect(openaiChat.encodeError(error, { exchangeId: 'e' }).body).toEqual({
      error: {
        message: error.message,
        type: 'invalid_request_error',
        param: null,
        code: error.code === 'MODEL_NOT_FOUND' ? 'model_not_found' : null,
      },
    });
  });
});

describe('what cannot be printed as text', () => {
  it.each<[string, JsonValue]>([
    ['a code', { error: { message: 'no', code: UNPRINTABLE } }],
    ['a code in a list', { error: { message: 'no', code: [UNPRINTABLE] } }],
    ['details', { detail: [{ loc: [UNPRINTABLE, 'a'], msg: UNPRINTABLE }] }],
  ])('is an error with %s', (_name, body) => {
    expect(openaiChat.decodeError(400, {}, JSON.stringify(body)).status).toBe(400);
  });

  it('is a part of an answer, a fragment or a grammar', () => {
    const message = { role: 'assistant', content: [{ type: UNPRINTABLE }, { type: 'text', text: 'hi' }] };
    const reply = openaiChat.decodeReply({ choices: [{ index: 0, finish_reason: 'stop', message }] }, testTarget());
    expect(reply.content).toEqual([{ type: 'text', text: 'hi' }]);
    const details = { reasoning_details: [{ type: UNPRINTABLE, index: UNPRINTABLE, text: 'hm' }], content: 'hi' };
    const decoder = openaiChat.createStreamDecoder(testTarget());
    decoder.push(Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta: details }] })}\n\n`));
    expect(decoder.push(Buffer.from('data: [DONE]\n\n')).at(-1)?.type).toBe('message-end');
    const grammar = { syntax: UNPRINTABLE, definition: UNPRINTABLE };
    const tools = [{ type: 'custom', custom: { name: 'n', format: { type: 'grammar', grammar } } }];
    expect(decode({ tools }).tools).toHaveLength(1);
  });

  it('is the input of a custom tool, or the type of a foreign one', () => {
    const custom = { id: 'c', type: 'custom', custom: { name: 'n', input: UNPRINTABLE } };
    const message = { role: 'assistant', content: null, tool_calls: [custom] };
    const reply = openaiChat.decodeReply({ choices: [{ index: 0, finish_reason: 'stop', message }] }, testTarget());
    expect(reply.content[0]).toMatchObject({ name: 'n', input: { input: JSON.stringify(UNPRINTABLE) } });
    const tools = [{ type: 'opaque', format: 'x', value: { type: UNPRINTABLE } }] as const;
    const content = [{ type: 'opaque', format: 'x', value: { type: UNPRINTABLE } }] as const;
    const request = { ...decode({}), tools, messages: [{ role: 'user', content }] as const };
    expect(openaiChat.encodeRequest(request, testTarget())).toMatchObject({ model: expect.any(String) });
  });

  it('says whose a body is', () => {
    expect(openaiChat.resembles?.({ messages: [{ role: UNPRINTABLE }] })).toBeGreaterThan(0);
  });
});
