import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SseDecoder, type SseFrame } from './sse.ts';

function decode(...chunks: (string | Uint8Array)[]): SseFrame[] {
  const decoder = new SseDecoder();
  const frames = chunks.flatMap((chunk) => decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
  return [...frames, ...decoder.end()];
}

const frame = (data: string, event = ''): SseFrame => ({ event, data });

describe('SseDecoder', () => {
  it.each<[string, string, SseFrame[]]>([
    ['LF', 'data: a\n\ndata: b\n\n', [frame('a'), frame('b')]],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', [frame('a'), frame('b')]],
    ['CR', 'data: a\r\rdata: b\r\r', [frame('a'), frame('b')]],
    ['line ends of all kinds in one frame', 'event: e\rdata: a\r\ndata: b\n\n', [frame('a\nb', 'e')]],
    ['no space after the colon', 'event:e\ndata:a\n\n', [frame('a', 'e')]],
    ['one space only is taken', 'data:  a \n\n', [frame(' a ')]],
    ['several data lines', 'data: a\ndata:\ndata: b\n\n', [frame('a\n\nb')]],
    ['a field without colon', 'data\ndata\n\n', [frame('\n')]],
    ['an event without data is skipped, name and all', 'event: e\n\ndata: a\n\n', [frame('a')]],
    ['empty data is skipped', 'data:\n\ndata: a\n\n', [frame('a')]],
    ['the last event name counts', 'event: e\nevent: f\ndata: a\n\n', [frame('a', 'f')]],
    ['an event line without colon takes the name back', 'event: e\nevent\ndata: a\n\n', [frame('a')]],
    ['comments', ': hello\n:\n\ndata: a\n: OPENROUTER PROCESSING\n\n', [frame('a')]],
    ['id, retry and unknown fields', 'id: 1\nretry: 5\nfoo: bar\ndatas: x\ndata: a\n\n', [frame('a')]],
    ['a field name is case-sensitive', 'Data: x\ndata: a\n\n', [frame('a')]],
    ['a leading BOM', '\uFEFFdata: a\n\n', [frame('a')]],
    ['blank lines in a row', '\n\n\ndata: a\n\n\n\n', [frame('a')]],
    ['a last frame without its blank line', 'data: a\n\ndata: b\n', [frame('a'), frame('b')]],
    ['a last line without its end', 'data: a\n\ndata: b', [frame('a'), frame('b')]],
    ['a last line that ends in CR', 'data: a\r', [frame('a')]],
    ['nothing', '', []],
  ])('%s', (_name, text, frames) => {
    expect(decode(text)).toEqual(frames);
  });

  it('F13 gives the same frames however the bytes are cut, multi-byte characters included', () => {
    const text = '\uFEFFevent: é\r\ndata: {"a":"€😀"}\r\n\r\n: c\rdata: ü\rdata: 漢字\r\rdata: x\n\ndata: 😀';
    const bytes = Buffer.from(text);
    const frames = decode(bytes);
    expect(frames).toEqual([frame('{"a":"€😀"}', 'é'), frame('ü\n漢字'), frame('x'), frame('😀')]);
    for (let at = 0; at <= bytes.length; at++) {
      expect(decode(bytes.subarray(0, at), bytes.subarray(at))).toEqual(frames);
    }
    expect(decode(...Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1)))).toEqual(frames);
  });

  it('F13 gives the same frames for any text and any cuts', () => {
    const part = fc.constantFrom(
      'data',
      'event',
      ':',
      ' ',
      '\r',
      '\n',
      '\r\n',
      '\n\n',
      'a',
      'é',
      '😀',
      'id: 1',
      '{"a":1}',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.array(fc.nat(80), { maxLength: 8 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const offsets = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const chunks = offsets.slice(1).map((end, i) => bytes.subarray(offsets[i], end));
        expect(decode(...chunks)).toEqual(decode(bytes));
      }),
    );
  });

  it('gives a frame as soon as its blank line is there', () => {
    const decoder = new SseDecoder();
    expect(decoder.push(Buffer.from('data: a\n'))).toEqual([]);
    expect(decoder.push(Buffer.from('\nda'))).toEqual([frame('a')]);
    expect(decoder.push(Buffer.from('ta: b\n\n'))).toEqual([frame('b')]);
    expect(decoder.end()).toEqual([]);
  });

  it('does not wait for the LF of a CR that ended a line before', () => {
    const decoder = new SseDecoder();
    expect(decoder.push(Buffer.from('data: a\r\n\r'))).toEqual([]);
    expect(decoder.push(Buffer.from('\ndata: b\r\rdata'))).toEqual([frame('a'), frame('b')]);
  });

  it('refuses a line that never ends', () => {
    const decoder = new SseDecoder();
    const chunk = Buffer.alloc(16 * 1024 * 1024, 'x');
    decoder.push(chunk);
    decoder.push(chunk);
    expect(() => decoder.push(chunk)).toThrow(RangeError);
  });

  it('refuses a frame that never ends', () => {
    const decoder = new SseDecoder();
    const line = Buffer.from(`data: ${'x'.repeat(16 * 1024 * 1024)}\n`);
    decoder.push(line);
    expect(() => {
      decoder.push(line);
      decoder.push(line);
    }).toThrow(RangeError);
  });

  it('gives up once on a line that does not end, and keeps nothing of it', () => {
    const decoder = new SseDecoder();
    const piece = Buffer.alloc(1024 * 1024, 'x');
    let thrown = 0;
    for (let times = 0; times < 100; times++) {
      try {
        expect(decoder.push(piece)).toEqual([]);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        thrown++;
      }
    }
    expect(thrown).toBe(1);
    expect(decoder.push(Buffer.from('\n\ndata: x\n\n'))).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });
});
