import { describe, expect, it } from '@jest/globals';
import { type ClientContext, errors, type JsonObject, packReasoningState, type StreamEvent } from '@signalbox/kit';
import { client, frames } from '../test/support.ts';
import { anthropicMessages } from './index.ts';

const START: StreamEvent = { type: 'message-start', id: 'theirs', model: 'theirs' };
const END: StreamEvent = { type: 'message-end', stopReason: 'end-turn' };
const TEXT: StreamEvent[] = [
  { type: 'block-start', index: 0, block: { type: 'text' } },
  { type: 'text-delta', index: 0, text: 'a\n"b' },
  { type: 'block-end', index: 0 },
];
const encoder = (context: ClientContext = client()) => anthropicMessages.createStreamEncoder(context);
const write = (events: readonly StreamEvent[], context?: ClientContext) => frames(encoder(context).encode(events));
const names = (events: readonly StreamEvent[]) => write(events).map(({ event }) => event);
const usageOf = (frame: { data: JsonObject } | undefined) => {
  const { usage, message } = (frame?.data ?? {}) as { usage?: JsonObject; message?: { usage: JsonObject } };
  return usage ?? message?.usage;
};

describe('the stream encoder', () => {
  it('F18 writes the event line and the type of every frame alike', () => {
    const written = write([START, ...TEXT, END]);
    expect(written.map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    for (const { event, data } of written) expect(data.type).toBe(event);
    expect(written[2]?.data).toEqual({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'a\n"b' },
    });
  });

  it('gives a fresh id and the model that was asked for', () => {
    const ids = [write([START])[0], write([START])[0]].map(
      (frame) => frame?.data.message as { id: string; model: string },
    );
    expect(ids[0]?.model).toBe('asked');
    expect(ids[0]?.id).not.toBe(ids[1]?.id);
  });

  it('F25 F03 starts once, with the usage that came with it or an estimate', () => {
    const usage = { promptTokens: 10, cacheReadTokens: 4, completionTokens: 2 };
    expect(usageOf(write([START, { type: 'usage', usage }])[0])).toMatchObject({
      input_tokens: 6,
      cache_read_input_tokens: 4,
    });
    expect(usageOf(write([START])[0])).toMatchObject({ input_tokens: 77, output_tokens: 1 });
    const opened = encoder();
    expect(frames(opened.open())).toHaveLength(1);
    expect(opened.encode([START])).toBe('');
    expect(opened.open()).toBe('');
  });

  it('does not estimate where the provider counted', () => {
    const context = client({
      estimatePromptTokens: () => {
        throw new Error('asked');
      },
    });
    expect(write([START, { type: 'usage', usage: { promptTokens: 1 } }], context)).toHaveLength(1);
  });

  it('F25 F35 ends with the usage known by then, and with no input count that nobody gave', () => {
    const late = write([START, ...TEXT, { type: 'usage', usage: { promptTokens: 9, completionTokens: 5 } }, END]);
    expect(usageOf(late.at(-2))).toMatchObject({ input_tokens: 9, output_tokens: 5 });
    expect(usageOf(write([START, END]).at(-2))).toEqual({ output_tokens: 0 });
  });

  it('F01 signs reasoning before it ends, with the genuine signature or the packed state', () => {
    const reasoning = (state?: { origin: string; data: string }): StreamEvent[] => [
      START,
      { type: 'block-start', index: 0, block: { type: 'reasoning' } },
      { type: 'reasoning-delta', index: 0, text: 'hm' },
      ...(state === undefined ? [] : [{ type: 'signature' as const, index: 0, state }]),
      { type: 'block-end', index: 0 },
    ];
    const signature = (events: StreamEvent[]) => {
      const written = write(events);
      expect(written.at(-1)?.event).toBe('content_block_stop');
      return written.at(-2)?.data.delta;
    };
    const foreign = { origin: 'deepseek', data: 'x' };
    expect(signature(reasoning({ origin: 'anthropic', data: 'sig' }))).toEqual({
      type: 'signature_delta',
      signature: 'sig',
    });
    expect(signature(reasoning(foreign))).toEqual({ type: 'signature_delta', signature: packReasoningState(foreign) });
    expect(signature(reasoning())).toEqual({ type: 'signature_delta', signature: '' });
  });

  it('writes withheld reasoning whole', () => {
    const state = { origin: 'anthropic', data: 'ZGF0YQ==' };
    const written = write([
      START,
      { type: 'block-start', index: 0, block: { type: 'reasoning', redacted: true } },
      { type: 'signature', index: 0, state },
      { type: 'block-end', index: 0 },
      { type: 'block-start', index: 1, block: { type: 'text' } },
    ]);
    expect(written.slice(1).map(({ data }) => data)).toMatchObject([
      { type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'ZGF0YQ==' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1 },
    ]);
  });

  it('F06 streams arguments as deltas and starts every call empty', () => {
    const written = write([
      START,
      { type: 'block-start', index: 0, block: { type: 'tool-call', id: 'functions.f:0', name: 'f' } },
      { type: 'tool-input-delta', index: 0, json: '{"a":1}' },
      { type: 'block-end', index: 0 },
    ]);
    expect(written[1]?.data.content_block).toMatchObject({
      type: 'tool_use',
      name: 'f',
      input: {},
      id: expect.stringMatching(/^[\w-]+$/),
    });
    expect(written[2]?.data.delta).toEqual({ type: 'input_json_delta', partial_json: '{"a":1}' });
  });

  it('keeps the indexes contiguous where a block cannot be told, and notes it', () => {
    const context = client();
    const written = write(
      [
        START,
        { type: 'block-start', index: 0, block: { type: 'opaque', format: 'openai-chat', value: { type: 'audio' } } },
        { type: 'block-end', index: 0 },
        { type: 'block-start', index: 1, block: { type: 'text' } },
        { type: 'extension-delta', index: 1, format: 'openai-chat', value: { type: 'url_citation' } },
        { type: 'text-delta', index: 1, text: 'x' },
      ],
      context,
    );
    expect(written.slice(1).map(({ data }) => data.index)).toEqual([0, 0]);
    expect(context.notes.list.map(({ path, action }) => `${path} ${action}`)).toEqual([
      'content[0] dropped',
      'content[1] dropped',
    ]);
  });

  it('says nothing of what another format has said of a text that no client needs to be told', () => {
    const context = client();
    const delta: StreamEvent = {
      type: 'extension-delta',
      index: 0,
      format: 'acme',
      value: { mood: 'good', $citations: [] },
    };
    const [start, text, end] = TEXT as [StreamEvent, StreamEvent, StreamEvent];
    const written = write([START, start, text, delta, end, END], context);
    expect(written.map(({ event }) => event)).toEqual(names([START, ...TEXT, END]));
    expect(context.notes.list).toEqual([]);
  });

  it('tells at the end what a whole reply knew at its start, also when it was opened early', () => {
    const own = { stop_details: { type: 'refusal', category: 'bio' }, context_management: { edits: [] } };
    const start: StreamEvent = { type: 'message-start', extensions: { 'anthropic-messages': own } };
    const late = encoder();
    late.open();
    expect(frames(late.encode([start, END])).at(-2)?.data).toMatchObject({
      delta: { stop_details: own.stop_details },
      context_management: { edits: [] },
    });
    const [first, last] = write([start, END]);
    expect(first?.data.message).toMatchObject({ stop_details: null, context_management: { edits: [] } });
    expect(last?.data).toMatchObject({ delta: { stop_details: own.stop_details } });
    expect(last?.data).not.toHaveProperty('context_management');
  });

  it('F20 keeps alive by an empty delta in the open block, else by a ping', () => {
    const kept = encoder();
    kept.encode([START]);
    expect(frames(kept.keepAlive())[0]?.data).toEqual({ type: 'ping' });
    for (const [block, delta] of [
      [{ type: 'text' }, { type: 'text_delta', text: '' }],
      [{ type: 'reasoning' }, { type: 'thinking_delta', thinking: '' }],
      [
        { type: 'tool-call', id: 'i', name: 'f' },
        { type: 'input_json_delta', partial_json: '' },
      ],
    ] as const) {
      kept.encode([{ type: 'block-start', index: 0, block }]);
      expect(frames(kept.keepAlive())[0]?.data).toMatchObject({ type: 'content_block_delta', delta });
      kept.encode([{ type: 'block-end', index: 0 }]);
    }
    expect(frames(kept.keepAlive())[0]?.data).toEqual({ type: 'ping' });
    kept.encode([END]);
    expect(kept.keepAlive()).toBe('');
  });

  it('F17 F18 F21 fails without any mark of success, and says nothing after it', () => {
    const failed = encoder();
    failed.encode([START, ...TEXT]);
    const error = errors.cutStream('cut');
    expect(frames(failed.fail(error))).toEqual([
      { event: 'error', data: { type: 'error', error: { type: 'api_error', message: 'cut' } } },
    ]);
    expect(failed.encode([END]) + failed.fail(error) + failed.keepAlive()).toBe('');
    expect(names([START, { type: 'error', error: error.info() }, END])).not.toContain('message_stop');
  });

  it('F10 fails with the wording that makes Claude Code compact', () => {
    const [frame] = frames(
      encoder().fail(errors.contextOverflow('maximum context length is 200000 tokens, you sent 210000')),
    );
    expect(frame?.data.error).toEqual({
      type: 'invalid_request_error',
      message: 'prompt is too long: 210000 tokens > 200000 maximum',
    });
  });
});
