import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ResponseReader } from './response-reader.ts';

const whole = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunked = (chunks: readonly string[]) =>
  `HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n${chunks
    .map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
    .join('')}0\r\n\r\n`;

/** Reads pieces in turn; gives each response's status and body, and how many pieces ended one. */
function read(pieces: readonly Buffer[]) {
  const reader = new ResponseReader();
  const responses: { status: number; body: string }[] = [];
  let body: Buffer[] = [];
  reader.onBody = (piece) => body.push(Buffer.from(piece));
  for (const piece of pieces) {
    if (!reader.push(piece)) continue;
    responses.push({ status: reader.status, body: Buffer.concat(body).toString() });
    body = [];
  }
  return responses;
}

describe('ResponseReader', () => {
  it('reads one response after the other', () => {
    const pieces = [whole('{"a":1}'), chunked(['data: é\n\n', 'x']), whole('')].map((text) => Buffer.from(text));
    expect(read(pieces)).toEqual([
      { status: 200, body: '{"a":1}' },
      { status: 503, body: 'data: é\n\nx' },
      { status: 200, body: '' },
    ]);
  });

  it('reads the same wherever the bytes are cut', () => {
    const chunks = fc.array(fc.string({ minLength: 1 }), { maxLength: 5 });
    const cutsArbitrary = fc.uniqueArray(fc.nat(200), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.boolean(), cutsArbitrary, (texts, asChunks, cuts) => {
        const bytes = Buffer.from(asChunks ? chunked(texts) : whole(texts.join('')));
        const at = [0, ...cuts.filter((cut) => cut > 0 && cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(read(pieces)).toEqual([{ status: asChunks ? 503 : 200, body: texts.join('') }]);
      }),
    );
  });

  it('does not take a chunk that looks like the end for one', () => {
    const text = 'a\r\n0\r\n\r\n';
    expect(read([Buffer.from(chunked([text, 'b']))])).toEqual([{ status: 503, body: `${text}b` }]);
    const firstChunk = Buffer.from(chunked([text])).subarray(0, -5);
    expect(new ResponseReader().push(firstChunk)).toBe(false);
  });

  it.each([
    ['no HTTP', 'SSH-2.0-x\r\n\r\n', /not an HTTP response/],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n', /cannot be told from the next/],
    ['more than was announced', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab', /longer than its content-length/],
    ['no chunk size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', /not the size of a chunk/],
  ])('refuses %s', (_, text, message) => {
    expect(() => new ResponseReader().push(Buffer.from(text))).toThrow(message);
  });
});
