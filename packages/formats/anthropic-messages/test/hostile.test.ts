import { describe, expect, it } from '@jest/globals';
import { type JsonObject, type JsonValue, Notes } from '@signalbox/kit';
import { anthropicMessages } from '../src/index.ts';
import { client, decodeRequest, request, target } from './support.ts';

/** `String` and `Number` throw at it. */
const UNPRINTABLE: JsonValue = { toString: 1, valueOf: null };
const HOSTILE = '{"__proto__":{"type":"text","text":"polluted"}}';
const hostile = (): JsonObject => JSON.parse(HOSTILE) as JsonObject;

const message = (more: JsonObject = {}): JsonObject => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
  ...more,
});
const body = (more: JsonObject = {}): JsonObject => ({
  model: 'm',
  max_tokens: 1,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
});
const stream = (...events: readonly JsonObject[]) => {
  const decoder = anthropicMessages.createStreamDecoder(target());
  const wire = events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  return [...decoder.push(Buffer.from(wire)), ...decoder.end()];
};

describe('a field called __proto__', () => {
  it('is a field like any other of a request', () => {
    const decoded = decodeRequest(body(hostile()));
    expect(JSON.stringify(decoded.extensions)).toBe(`{"anthropic-messages":${HOSTILE}}`);
    expect(Object.getPrototypeOf(decoded.extensions?.['anthropic-messages'])).toBe(Object.prototype);
    expect(JSON.stringify(anthropicMessages.encodeRequest(decoded, target()))).toContain(HOSTILE.slice(1, -1));
  });

  it('is a field like any other of a reply, its usage and its start', () => {
    const usage = { input_tokens: 1, output_tokens: 1, ...hostile() };
    const reply = anthropicMessages.decodeReply(message({ usage, ...hostile() }), target());
    expect(JSON.stringify(reply.extensions)).toBe(`{"anthropic-messages":${HOSTILE}}`);
    expect(JSON.stringify(reply.usage?.extensions)).toBe(`{"anthropic-messages":${HOSTILE}}`);
    expect(JSON.stringify(anthropicMessages.encodeReply(reply, client()).usage)).toContain(HOSTILE.slice(1, -1));
    const [start] = stream({ type: 'message_start', message: message({ content: [], ...hostile() }) });
    expect(JSON.stringify(start)).toContain(HOSTILE);
  });

  it('is a property of a tool’s arguments like any other', () => {
    const properties = JSON.parse('{"__proto__":{"type":"string"},"a":{"type":"string"}}') as JsonObject;
    const inputSchema = { anyOf: [{ properties }, { properties: { b: { type: 'string' } } }] };
    const sent = anthropicMessages.encodeRequest(
      request({ tools: [{ type: 'function', name: 'n', inputSchema }] }),
      target(),
    );
    expect(JSON.stringify(sent.tools)).toContain('"__proto__":{"type":"string"}');
  });
});

describe('a number that JSON can hold and nobody can mean', () => {
  it.each(['temperature', 'top_p', 'top_k', 'max_tokens'])('is refused as %s', (field) => {
    // A parser makes infinity of it, and a printer nothing.
    const sent = JSON.parse(`{"${field}":1e999}`) as JsonObject;
    expect(() => decodeRequest(body(sent))).toThrow(new RegExp(`^${field}: `));
  });
});

describe('a call without a name', () => {
  it.each<JsonValue>([undefined as never, '', 7, null])('is a broken answer: %j', (name) => {
    const call = { type: 'tool_use', id: 'toolu_1', name, input: {} };
    const reply = message({ content: [call], stop_reason: 'tool_use' });
    expect(() => anthropicMessages.decodeReply(reply, target())).toThrow(/tool call without a name/);
    const events = stream(
      { type: 'message_start', message: message({ content: [] }) },
      { type: 'content_block_start', index: 0, content_block: call },
    );
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'MALFORMED_REPLY' } });
  });
});

describe('an error that this format’s clients cannot read as it is', () => {
  it.each<JsonValue>([
    { type: 'error', error: { type: 'api_error', message: null } },
    { type: 'error', error: { type: 'api_error', message: [['a']] } },
    { type: 'error', error: { type: UNPRINTABLE, message: 'no' } },
    { type: 'error', error: { type: 'not a word', message: 'no' } },
  ])('is told in the gateway’s words: %j', (said) => {
    const error = anthropicMessages.decodeError(422, {}, JSON.stringify(said));
    expect(anthropicMessages.encodeError(error, { exchangeId: 'e' }).body).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: error.message },
    });
  });
});

describe('what cannot be printed as text', () => {
  it('is the type of a block of a reply, or of a citation', () => {
    const whole = { type: 'opaque', format: 'anthropic-messages', value: { type: UNPRINTABLE } } as const;
    const encoder = anthropicMessages.createStreamEncoder(client());
    const start = { type: 'block-start', index: 0, block: whole } as const;
    const events = [{ type: 'message-start' }, start, { type: 'block-end', index: 0 }] as const;
    expect(encoder.encode(events)).toContain('content_block_start');
    const foreign = { ...whole, format: 'x' };
    const notes = new Notes();
    anthropicMessages.encodeReply({ content: [foreign], stopReason: 'end-turn' }, client({ notes }));
    expect(notes.list).toHaveLength(1);
  });

  it('is where somebody searches the web from', () => {
    const userLocation = { city: UNPRINTABLE, country: 'DE' } as never;
    const tool = { type: 'opaque', format: 'x', value: {}, webSearch: { userLocation } } as const;
    const format = anthropicMessages.with({ webSearch: true });
    expect(JSON.stringify(format.encodeRequest(request({ tools: [tool] }), target()))).toContain('web_search');
    const search = { type: 'web_search_20250305', name: 'web_search', user_location: { city: UNPRINTABLE } };
    expect(decodeRequest(body({ tools: [search] })).tools).toHaveLength(1);
  });
});

describe('blocks that wait for each other', () => {
  it('may be very many', () => {
    const count = 20_000;
    const all = Array.from({ length: count }, (_, index) => index);
    const events = stream(
      { type: 'message_start', message: message({ content: [] }) },
      ...all.map((index) => ({ type: 'content_block_start', index, content_block: { type: 'text', text: 'a' } })),
      ...all.toReversed().map((index) => ({ type: 'content_block_stop', index })),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    );
    expect(events.at(-1)?.type).toBe('message-end');
    expect(events.filter(({ type }) => type === 'block-end')).toHaveLength(count);
  }, 10_000);
});
