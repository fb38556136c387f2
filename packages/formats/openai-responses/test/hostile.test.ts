import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@signalbox/kit';
import { openaiResponses } from '../src/index.ts';
import { decode, decodeStream, encode, frames, testRequest, testTarget } from './context.ts';

const WORDS = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
/** `String` and `Number` throw at it. */
const UNPRINTABLE: JsonValue = { toString: 1, valueOf: null };
const HOSTILE = '{"__proto__":{"$client":1}}';
const hostile = (): JsonObject => JSON.parse(HOSTILE) as JsonObject;
const body = (more: JsonObject = {}): JsonObject => ({ model: 'm', input: 'hi', ...more });

describe('words that every object knows', () => {
  it.each(WORDS)('%s is a field like any other', (word) => {
    const request = decode(body(JSON.parse(`{${JSON.stringify(word)}:true}`) as JsonObject));
    expect(JSON.stringify(encode(request))).toContain(`${JSON.stringify(word)}:true`);
  });

  it.each(WORDS)('%s is an item like any unknown one', (word) => {
    const request = decode(body({ input: [{ type: word, id: 'x' }] }));
    expect(request.messages[0]?.content[0]).toMatchObject({ type: 'opaque' });
    expect(openaiResponses.refusesElsewhere?.(request)).toBeUndefined();
  });
});

describe('a field called __proto__', () => {
  it('is a field like any other of an item', () => {
    const request = decode(body({ input: [{ role: 'user', content: 'hi', ...hostile() }] }));
    expect(JSON.stringify(encode(request))).toContain(HOSTILE.slice(1, -1));
  });
});

describe('an error that this format’s clients cannot read as it is', () => {
  it.each<JsonValue>([
    { error: { message: null, code: UNPRINTABLE } },
    { error: { message: [['a']], code: [UNPRINTABLE] } },
    { error: 'a text' },
  ])('is told in the gateway’s words: %j', (said) => {
    const error = openaiResponses.decodeError(400, {}, JSON.stringify(said));
    expect(openaiResponses.encodeError(error, { exchangeId: 'e' }).body).toMatchObject({
      error: { message: error.message, type: 'invalid_request_error' },
    });
  });
});

describe('what cannot be printed as text', () => {
  it('is the type of a block or a tool', () => {
    const value = { type: UNPRINTABLE };
    const sent = encode(
      testRequest({
        messages: [{ role: 'user', content: [{ type: 'opaque', format: 'x', value }] }],
        tools: [{ type: 'opaque', format: 'x', value }],
      }),
    );
    expect(sent).toMatchObject({ input: expect.anything() });
  });
});

describe('what else cannot be printed', () => {
  it('is a grammar, a part of an answer or the end of a command', () => {
    const format = { type: 'grammar', syntax: UNPRINTABLE, definition: UNPRINTABLE };
    expect(decode(body({ tools: [{ type: 'custom', name: 'n', format }] })).tools).toHaveLength(1);
    const output = [
      { type: 'message', role: 'assistant', content: [{ type: UNPRINTABLE }, { type: 'output_text', text: 'hi' }] },
    ];
    const reply = openaiResponses.decodeReply({ status: 'incomplete', output }, testTarget());
    expect(reply.content).toMatchObject([{ type: 'text', text: 'hi' }]);
    const outcome = { type: 'exit', exit_code: UNPRINTABLE };
    const input = [
      { type: 'shell_call', call_id: 'c', action: { commands: ['ls'] } },
      { type: 'shell_call_output', call_id: 'c', output: [{ stdout: 'a', outcome }] },
    ];
    expect(JSON.stringify(decode(body({ input })).messages)).toContain('(exit code an object)');
  });
});

describe('a stream', () => {
  it('does not grow by what is only a number in it', () => {
    const delta = { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'hm' };
    const wire = frames(
      { type: 'response.created', response: { id: 'r' } },
      { ...delta, summary_index: 0 },
      { ...delta, summary_index: 100_000_000 },
    );
    const said = decodeStream([wire]).map((event) => (event.type === 'reasoning-delta' ? event.text : ''));
    expect(said.join('')).toBe('hm\n\nhm');
  });

  it('may tell very many items at the same time', () => {
    const count = 20_000;
    const all = Array.from({ length: count }, (_, index) => index);
    const item = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] };
    const wire = frames(
      { type: 'response.created', response: { id: 'r' } },
      ...all.map((index) => ({ type: 'response.output_item.added', output_index: index, item: { type: 'message' } })),
      ...all.toReversed().map((index) => ({ type: 'response.output_item.done', output_index: index, item })),
      { type: 'response.completed', response: { status: 'completed', output: [] } },
    );
    const events = decodeStream([wire]);
    expect(events.at(-1)).toMatchObject({ type: 'message-end' });
    expect(events.filter(({ type }) => type === 'block-end')).toHaveLength(count);
  }, 10_000);
});
