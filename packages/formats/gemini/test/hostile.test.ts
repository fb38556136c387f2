import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@signalbox/kit';
import { gemini } from '../src/index.ts';
import { decode, encode, parseFrames, replyOf, testClient, testRequest, testTarget } from './support.ts';

const WORDS = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
/** `String` and `Number` throw at it. */
const UNPRINTABLE: JsonValue = { toString: 1, valueOf: null };
const HOSTILE = '{"__proto__":{"type":"string"}}';
const hostile = (): JsonObject => JSON.parse(HOSTILE) as JsonObject;
const contents: JsonValue = [{ role: 'user', parts: [{ text: 'hi' }] }];

describe('words that every object knows', () => {
  it.each(WORDS)('%s is no thinking level', (word) => {
    const body = { contents, generationConfig: { thinkingConfig: { thinkingLevel: word } } };
    expect(decode(body).reasoning?.effort).toBeUndefined();
  });

  it.each(WORDS)('%s is no type of a file', (word) => {
    const source = { type: 'url', url: `https://a.example/file.${word}` } as const;
    const content = [{ type: 'document', source }] as const;
    const request = testRequest({ messages: [{ role: 'user', content }] });
    expect(() => encode(request, {}, gemini.with({ mediaUrls: true }))).toThrow(/does not fetch URLs/);
  });
});

describe('a field called __proto__', () => {
  it('is a field like any other of a reply', () => {
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, ...hostile() };
    const reply = gemini.decodeReply({ ...replyOf([{ text: 'hi' }]), usageMetadata, ...hostile() }, testTarget());
    expect(JSON.stringify(reply.extensions)).toContain(HOSTILE);
    expect(JSON.stringify(reply.usage?.extensions)).toContain(HOSTILE);
    const told = gemini.encodeReply(reply, testClient());
    expect(JSON.stringify(told).split(HOSTILE.slice(1, -1))).toHaveLength(3);
  });

  it('is a property of a tool’s arguments like any other', () => {
    const parameters = { type: 'OBJECT', properties: hostile() };
    const [tool] = decode({ contents, tools: [{ functionDeclarations: [{ name: 'n', parameters }] }] }).tools;
    expect(JSON.stringify(tool)).toContain(HOSTILE);
    for (const inputSchema of [
      { type: 'object', properties: hostile() },
      { type: 'object', properties: hostile(), patternProperties: { a: {} }, additionalProperties: { type: 'string' } },
      { allOf: [{ properties: hostile() }, { properties: { b: { type: 'string' } } }] },
    ]) {
      const sent = encode(testRequest({ tools: [{ type: 'function', name: 'n', inputSchema }] }));
      expect(JSON.stringify(sent)).toMatch(/"__proto__":\{"type":"string"\}/i);
    }
  });
});

describe('what only this format says about a reply', () => {
  it('does not stand in the place of what the gateway says', () => {
    const extensions = { gemini: { index: 2, finishReason: 'OTHER', content: { parts: [] } } };
    const reply = { content: [{ type: 'text', text: 'hi' }], stopReason: 'end-turn', extensions } as const;
    const [whole] = gemini.encodeReply(reply, testClient()).candidates as JsonObject[];
    expect(whole).toMatchObject({ index: 0, finishReason: 'STOP', content: { parts: [{ text: 'hi' }] } });
    const encoder = gemini.createStreamEncoder(testClient());
    const wire = encoder.encode([
      { type: 'message-start', extensions },
      { type: 'block-start', index: 0, block: { type: 'text' } },
      { type: 'text-delta', index: 0, text: 'hi' },
      { type: 'block-end', index: 0 },
      { type: 'message-end', stopReason: 'end-turn' },
    ]);
    const [last] = (parseFrames(wire).at(-1)?.candidates ?? []) as JsonObject[];
    expect(last).toMatchObject({ index: 0, finishReason: 'STOP', content: { role: 'model' } });
  });
});

describe('an error that this format’s clients cannot read as it is', () => {
  it.each<JsonValue>([
    { error: { code: 400, message: null, status: 'INVALID_ARGUMENT' } },
    { error: { code: 'a text', message: 'no', status: 'INVALID_ARGUMENT' } },
    { error: { code: 400, message: [UNPRINTABLE], status: UNPRINTABLE, details: [{ reason: UNPRINTABLE }] } },
  ])('is told in the gateway’s words: %j', (said) => {
    const error = gemini.decodeError(400, {}, JSON.stringify(said));
    expect(gemini.encodeError(error, { exchangeId: 'e' }).body).toMatchObject({ error: { message: error.message } });
  });
});

describe('what cannot be printed as text', () => {
  it('is the type of a block, a tool or a schema', () => {
    const value = { type: UNPRINTABLE };
    const inputSchema = { type: [UNPRINTABLE, 'string'], properties: { a: { type: UNPRINTABLE } } };
    const sent = encode(
      testRequest({
        messages: [{ role: 'user', content: [{ type: 'opaque', format: 'x', value }] }],
        tools: [
          { type: 'opaque', format: 'x', value },
          { type: 'function', name: 'n', inputSchema },
        ],
      }),
    );
    expect(sent).toMatchObject({ body: { contents: expect.anything() } });
  });
});
