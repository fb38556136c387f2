import { describe, expect, it } from '@jest/globals';
import { type JsonObject, type JsonValue, Notes, type StreamEvent } from '@signalbox/kit';
import { ollama } from '../src/index.ts';
import { testClient, testRequest, testTarget } from './context.ts';

/** `String` and `Number` throw at it. */
const UNPRINTABLE: JsonValue = { toString: 1, valueOf: null };
const HOSTILE = '{"__proto__":{"type":"string"}}';
const hostile = (): JsonObject => JSON.parse(HOSTILE) as JsonObject;
const decode = (more: JsonObject) =>
  ollama.decodeRequest(
    { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...more },
    { headers: {}, notes: new Notes() },
  );

describe('a field called __proto__', () => {
  it('is a field like any other of a request and its options', () => {
    const request = decode({ options: hostile(), ...hostile() });
    expect(Object.keys(request.extensions?.ollama ?? {})).toEqual(['__proto__', 'options.__proto__']);
    expect(JSON.stringify(ollama.encodeRequest(request, testTarget())).split(HOSTILE.slice(1, -1))).toHaveLength(3);
  });

  it('is a property of a tool’s arguments like any other', () => {
    const inputSchema = { type: 'object', properties: hostile(), oneOf: [{ properties: hostile() }] };
    const sent = ollama.encodeRequest(
      testRequest({ tools: [{ type: 'function', name: 'n', inputSchema }] }),
      testTarget(),
    );
    expect(JSON.stringify(sent)).toContain(HOSTILE);
  });
});

describe('an error that this format’s clients cannot read as it is', () => {
  it.each<JsonValue>([{ error: { message: 'no' } }, { error: [['no']] }, { error: '' }, { message: 'no' }])(
    'is told in the gateway’s words: %j',
    (said) => {
      const error = ollama.decodeError(400, {}, JSON.stringify(said));
      expect(ollama.encodeError(error, { exchangeId: 'e' }).body).toEqual({ error: error.message });
    },
  );
});

describe('what cannot be printed as text', () => {
  it('is the type of a block or a tool', () => {
    const value = { type: UNPRINTABLE };
    const sent = ollama.encodeRequest(
      testRequest({
        messages: [{ role: 'user', content: [{ type: 'opaque', format: 'x', value }] }],
        tools: [{ type: 'opaque', format: 'x', value }],
      }),
      testTarget(),
    );
    expect(sent).toMatchObject({ messages: expect.anything() });
  });

  it('is no name of a tool', () => {
    const tools = [{ type: 'function', function: { name: UNPRINTABLE, parameters: {} } }];
    expect(() => decode({ tools })).toThrow(/tools\[0\]/);
  });
});

describe('a word of this format’s own from elsewhere', () => {
  it.each(['load', 'unload'])('%s does not say that an answer has none', (rawStopReason) => {
    const end = { stopReason: 'end-turn', rawStopReason } as const;
    const client = testClient();
    const whole = ollama.encodeReply({ content: [{ type: 'text', text: 'hi' }], ...end }, client);
    expect(whole.done_reason).toBe('stop');
    expect(ollama.encodeReply({ content: [], ...end }, client).done_reason).toBe(rawStopReason);
    const stream = (...said: readonly StreamEvent[]) =>
      ollama.createStreamEncoder(client).encode([{ type: 'message-start' }, ...said, { type: 'message-end', ...end }]);
    expect(stream()).toContain(`"done_reason":"${rawStopReason}"`);
    const text: readonly StreamEvent[] = [
      { type: 'block-start', index: 0, block: { type: 'text' } },
      { type: 'text-delta', index: 0, text: 'hi' },
      { type: 'block-end', index: 0 },
    ];
    expect(stream(...text)).toContain('"done_reason":"stop"');
  });
});
