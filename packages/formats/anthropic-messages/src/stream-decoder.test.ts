import { describe, expect, it } from '@jest/globals';
import { collectMessage, type JsonObject, type StreamEvent } from '@signalbox/kit';
import { block, decodeStream, ending, START, STOP, sse, target } from '../test/support.ts';
import { anthropicMessages } from './index.ts';

const text = (value: string) => ({ type: 'text_delta', text: value });
const json = (value: string) => ({ type: 'input_json_delta', partial_json: value });
const tool = (id: string) => ({ type: 'tool_use', id, name: 'f', input: {} });
const TEXT = { type: 'text', text: '' };
const at = (index: number, delta: JsonObject) => ({ type: 'content_block_delta', index, delta });

/** Events in short. */
const shape = (events: readonly StreamEvent[]) =>
  events.map((event) => {
    switch (event.type) {
      case 'block-start':
        return `${event.index}[${event.block.type}`;
      case 'block-end':
        return `${event.index}]`;
      case 'text-delta':
      case 'reasoning-delta':
        return event.text;
      case 'tool-input-delta':
        return event.json;
      case 'error':
        return event.error.code;
      case 'message-end':
        return event.stopReason;
      default:
        return event.type;
    }
  });
const run = (...events: JsonObject[]) => shape(decodeStream([sse(...events)]));

describe('the stream decoder', () => {
  it('reads a plain reply', () => {
    expect(run(START, ...block(0, TEXT, text('he'), text('y')), ending('end_turn'), STOP)).toEqual([
      'message-start',
      'usage',
      '0[text',
      'he',
      'y',
      '0]',
      'usage',
      'end-turn',
    ]);
  });

  it('F03 ignores a second message_start', () => {
    expect(run(START, START, ending('end_turn'), STOP).filter((word) => word === 'message-start')).toHaveLength(1);
  });

  it('F04 puts interleaved blocks one after the other', () => {
    const start = (index: number, id: string) => ({ type: 'content_block_start', index, content_block: tool(id) });
    const stop = (index: number) => ({ type: 'content_block_stop', index });
    expect(
      run(
        START,
        start(0, 'a'),
        start(1, 'b'),
        at(0, json('{"x"')),
        at(1, json('{"y":2}')),
        stop(1),
        at(0, json(':1}')),
        stop(0),
        ending('tool_use'),
        STOP,
      ),
    ).toEqual([
      'message-start',
      'usage',
      '0[tool-call',
      '{"x"',
      ':1}',
      '0]',
      '1[tool-call',
      '{"y":2}',
      '1]',
      'usage',
      'tool-call',
    ]);
  });

  it('F04 gives a block that waited as soon as its turn comes', () => {
    const start = (index: number) => ({ type: 'content_block_start', index, content_block: TEXT });
    const stop = (index: number) => ({ type: 'content_block_stop', index });
    const decoder = anthropicMessages.createStreamDecoder(target());
    decoder.push(Buffer.from(sse(START, start(0), start(1), at(1, text('b')), stop(1), start(2), at(2, text('c')))));
    expect(shape(decoder.push(Buffer.from(sse(stop(0)))))).toEqual(['0]', '1[text', 'b', '1]', '2[text', 'c']);
  });

  it('F06 takes input that stands in the start, and text there', () => {
    const filled = { ...tool('a'), input: { x: 1 } };
    expect(
      run(START, ...block(0, filled), ...block(1, { type: 'text', text: 'hey' }), ending('tool_use'), STOP),
    ).toEqual(['message-start', 'usage', '0[tool-call', '{"x":1}', '0]', '1[text', 'hey', '1]', 'usage', 'tool-call']);
  });

  it('F09 ends with tool-call where there are calls', () => {
    expect(run(START, ...block(0, tool('a'), json('{}')), ending('end_turn'), STOP).at(-1)).toBe('tool-call');
  });

  it('F11 keeps arguments that max_tokens cut', () => {
    const [call] = collectMessage(
      decodeStream([sse(START, ...block(0, tool('a'), json('{"x":')), ending('max_tokens'), STOP)]),
    ).content;
    expect(call).toMatchObject({ input: {}, rawInput: '{"x":' });
  });

  it.each([
    ['nothing at all', []],
    ['pings only', [{ type: 'ping' }]],
    ['a start only', [START]],
    ['an open block', [START, ...block(0, TEXT, text('x')).slice(0, 2)]],
    ['a finished block', [START, ...block(0, TEXT, text('x'))]],
    [
      'a message_delta without a stop reason',
      [START, { type: 'message_delta', delta: { stop_reason: null }, usage: {} }],
    ],
  ] as [string, JsonObject[]][])('F21 takes an end after %s as a cut', (_, events) => {
    expect(run(...events).at(-1)).toBe('CUT_STREAM');
  });

  it('F11 F21 never closes a call that was cut', () => {
    expect(run(START, ...block(0, tool('a'), json('{"x"')).slice(0, 2))).not.toContain('0]');
  });

  it('takes a missing message_stop after a stop reason, and missing block stops', () => {
    expect(run(START, ...block(0, TEXT, text('x')).slice(0, 2), ending('end_turn'))).toEqual([
      'message-start',
      'usage',
      '0[text',
      'x',
      '0]',
      'usage',
      'end-turn',
    ]);
  });

  it('F15 F17 gives an error event for an error frame, before and after content, with and without its name', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(run(error)).toEqual(['PROVIDER_OVERLOADED']);
    expect(run(START, ...block(0, TEXT, text('x')), error).at(-1)).toBe('PROVIDER_OVERLOADED');
    expect(shape(decodeStream(['data: {"error":{"message":"boom"}}\n\n']))).toEqual(['PROVIDER_FAILED']);
  });

  it('F10 makes an overflow in the stream an overflow', () => {
    const message = 'prompt is too long: 210000 tokens > 200000 maximum';
    expect(run({ type: 'error', error: { type: 'invalid_request_error', message } })).toEqual(['CONTEXT_OVERFLOW']);
  });

  it.each(['data: {"type":"content_block_delta"\n\n', 'event: x\ndata: nonsense\n\n'])(
    'calls %j malformed, and says nothing after it',
    (frame) => {
      expect(shape(decodeStream([sse(START) + frame + sse(ending('end_turn'), STOP)])).at(-1)).toBe('MALFORMED_REPLY');
    },
  );

  it('ignores pings, unknown events, foreign chunks and [DONE]', () => {
    const noise = [{ type: 'ping' }, { type: 'not_invented_yet', x: 1 }];
    const events = decodeStream([
      `: comment\n\n${sse(...noise, START, ...noise, ...block(0, TEXT, text('x')))}data: {"object":"chat.completion.chunk"}\n\n${sse(ending('end_turn'), STOP)}data: [DONE]\n\n`,
    ]);
    expect(shape(events)).toEqual(['message-start', 'usage', '0[text', 'x', '0]', 'usage', 'end-turn']);
  });

  it('F13 decodes UTF-8 cut anywhere, with CRLF and a BOM', () => {
    const wire = Buffer.from(
      `\uFEFF${sse(START, ...block(0, TEXT, text('Grüße 🌊')), ending('end_turn'), STOP)}`.replaceAll('\n', '\r\n'),
    );
    const bytes = [...wire].map((byte) => Uint8Array.of(byte));
    expect(shape(decodeStream(bytes))).toContain('Grüße 🌊');
  });

  it('F25 F32 merges the usage of start and end', () => {
    const events = decodeStream([sse(START, ending('end_turn', { input_tokens: 0, output_tokens: 9 }), STOP)]);
    expect(collectMessage(events).usage).toEqual({ promptTokens: 3, completionTokens: 9 });
  });

  it('keeps usage out of an open block', () => {
    const early = { type: 'message_delta', delta: {}, usage: { output_tokens: 2 } };
    const [start, delta, stop] = block(0, TEXT, text('x')) as [JsonObject, JsonObject, JsonObject];
    expect(run(START, start, early, delta, stop, ending('end_turn'), STOP)).toEqual([
      'message-start',
      'usage',
      '0[text',
      'x',
      '0]',
      'usage',
      'end-turn',
    ]);
  });

  it('keeps citations as they are, and blocks of this format alone whole', () => {
    const citation = { type: 'char_location', cited_text: 'x' };
    const server = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    const message = collectMessage(
      decodeStream([
        sse(
          START,
          ...block(0, server, json('{"query"'), json(':"q"}')),
          ...block(1, TEXT, text('x'), { type: 'citations_delta', citation }),
          ending('end_turn'),
          STOP,
        ),
      ]),
    );
    expect(message.content).toEqual([
      {
        type: 'opaque',
        format: 'anthropic-messages',
        value: { ...server, input: { query: 'q' } },
        webSearch: { query: 'q' },
      },
      {
        type: 'text',
        text: 'x',
        extensions: { 'anthropic-messages': { deltas: [{ type: 'citations_delta', citation }] } },
      },
    ]);
  });

  it('F75 gives reasoning its state last, whole, also where nothing was shown', () => {
    const thinking = { type: 'thinking', thinking: '', signature: '' };
    const signature = { type: 'signature_delta', signature: 'c2ln' };
    const events = decodeStream([sse(START, ...block(0, thinking, signature), ending('end_turn'), STOP)]);
    expect(collectMessage(events).content).toEqual([
      { type: 'reasoning', text: '', state: { origin: 'anthropic', data: 'c2ln' } },
    ]);
  });

  it('fails rather than closing a call that is started anew in its place', () => {
    const start = { type: 'content_block_start', index: 0, content_block: tool('a') };
    expect(run(START, start, at(0, json('{"x"')), start).at(-1)).toBe('MALFORMED_REPLY');
  });
});
