import { describe, expect, it } from '@jest/globals';
import { BlockSequencer } from './block-sequencer.ts';

/** Compact form of the events: `text0:hi`. */
function shape(sequencer: BlockSequencer): string[] {
  return sequencer.take().map((event) => {
    if (event.type === 'block-start') {
      return event.block.type === 'tool-call'
        ? `${event.index}[${event.block.name}`
        : `${event.index}[${event.block.type}`;
    }
    if (event.type === 'block-end') return `${event.index}]`;
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') return event.text;
    if (event.type === 'tool-input-delta') return event.json;
    return event.type;
  });
}

describe('BlockSequencer', () => {
  it('F01 closes reasoning before text opens', () => {
    const blocks = new BlockSequencer();
    blocks.reasoning('hm');
    blocks.text('hi');
    blocks.end({ stopReason: 'end-turn' });
    expect(shape(blocks)).toEqual(['message-start', '0[reasoning', 'hm', '0]', '1[text', 'hi', '1]', 'message-end']);
  });

  it('F03 starts a message once', () => {
    const blocks = new BlockSequencer();
    blocks.start({ id: 'a' });
    blocks.start({ id: 'b' });
    blocks.text('x');
    expect(shape(blocks)).toEqual(['message-start', '0[text', 'x']);
  });

  it('F04 serialises parallel calls whose fragments interleave', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a', 'id-a');
    blocks.toolStart('1', 'b', 'id-b');
    blocks.toolInput('0', '{"x"');
    blocks.toolInput('1', '{"y"');
    blocks.toolInput('0', ':1}');
    blocks.toolInput('1', ':2}');
    blocks.end({ stopReason: 'tool-call' });
    expect(shape(blocks)).toEqual(['message-start', '0[a', '{"x"', ':1}', '0]', '1[b', '{"y":2}', '1]', 'message-end']);
  });

  it('streams the next call as soon as the one before it is whole', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{"x":1}');
    blocks.toolStart('1', 'b');
    blocks.toolInput('1', '{"y"');
    expect(shape(blocks)).toEqual(['message-start', '0[a', '{"x":1}', '0]', '1[b', '{"y"']);
  });

  it('holds text back while a call is incomplete', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{"x"');
    blocks.text('after');
    blocks.toolInput('0', ':1}');
    blocks.end({ stopReason: 'tool-call' });
    expect(shape(blocks)).toEqual([
      'message-start',
      '0[a',
      '{"x"',
      ':1}',
      '0]',
      '1[text',
      'after',
      '1]',
      'message-end',
    ]);
  });

  it('keeps text in order when the call before it becomes whole', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{"x"');
    blocks.text('one ');
    blocks.toolInput('0', ':1}');
    blocks.text('two');
    blocks.toolStart('1', 'b');
    blocks.end({ stopReason: 'tool-call' });
    expect(shape(blocks)).toEqual([
      ...['message-start', '0[a', '{"x"', ':1}', '0]'],
      ...['1[text', 'one ', 'two', '1]', '2[b', '2]', 'message-end'],
    ]);
  });

  it('F11 never closes an incomplete call because reasoning or another block arrives', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{"x"');
    blocks.reasoning('hm');
    blocks.reasoningState({ origin: 'o', data: 1 });
    blocks.opaque({ type: 'opaque', format: 'f', value: {} });
    expect(shape(blocks)).toEqual(['message-start', '0[a', '{"x"']);
    blocks.toolInput('0', ':1}');
    blocks.text('x');
    expect(shape(blocks)).toEqual([
      ':1}',
      '0]',
      '1[reasoning',
      'hm',
      'signature',
      '1]',
      '2[opaque',
      '2]',
      '3[text',
      'x',
    ]);
  });

  it('F11 says what it held back when the reply ends inside a call', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{"x"');
    blocks.text('A');
    blocks.reasoning('hm');
    blocks.end({ stopReason: 'max-tokens' });
    expect(shape(blocks)).toEqual([
      'message-start',
      '0[a',
      '{"x"',
      '0]',
      '1[text',
      'A',
      '1]',
      '2[reasoning',
      'hm',
      '2]',
      'message-end',
    ]);
  });

  it('fails on arguments for a call that was closed already', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{}');
    blocks.text('x');
    blocks.toolInput('0', '{}');
    expect(shape(blocks).at(-1)).toBe('error');
    blocks.end({ stopReason: 'end-turn' });
    expect(blocks.take()).toEqual([]);
  });

  it('leaves an open tool call open when the stream fails', () => {
    const blocks = new BlockSequencer();
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{"x"');
    blocks.fail({ code: 'CUT_STREAM', message: 'cut', status: 502, retryable: true });
    blocks.toolEnd('0');
    blocks.close();
    expect(shape(blocks)).toEqual(['message-start', '0[a', '{"x"', 'error']);
  });

  it('takes arguments in very many pieces, with others in between', () => {
    const blocks = new BlockSequencer();
    const began = process.cpuUsage();
    blocks.toolStart('0', 'a');
    blocks.toolStart('1', 'b');
    blocks.toolInput('0', '{"x":"');
    blocks.toolInput('1', '{"y":"');
    for (let piece = 0; piece < 100_000; piece++) {
      blocks.toolInput('0', '} ');
      blocks.toolInput('1', '} ');
      blocks.text('t');
    }
    blocks.toolInput('0', '"}');
    blocks.toolInput('1', '"}');
    blocks.end({ stopReason: 'tool-call' });
    expect(shape(blocks).at(-1)).toBe('message-end');
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(8_000);
  });

  it('does not hold back without end what waits for a call', () => {
    const blocks = new BlockSequencer();
    const piece = 'x'.repeat(1024 * 1024);
    blocks.toolStart('0', 'a');
    blocks.toolInput('0', '{"x":"');
    for (let times = 0; times < 40; times++) blocks.text(piece);
    expect(blocks.take().at(-1)).toMatchObject({ type: 'error', error: { code: 'MALFORMED_REPLY' } });
  });

  it('does not keep arguments without end', () => {
    const blocks = new BlockSequencer();
    const piece = 'x'.repeat(1024 * 1024);
    blocks.toolStart('0', 'a');
    blocks.toolStart('1', 'b');
    for (let times = 0; times < 40; times++) blocks.toolInput('0', piece);
    expect(blocks.take().at(-1)).toMatchObject({ type: 'error', error: { code: 'MALFORMED_REPLY' } });
  });
});
