import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonText } from './json-text.ts';

/** What a parser makes of it, an error included. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return (error as Error).name;
  }
}

/** At every place of a memory page that a network read can leave it. */
const shifted = (bytes: Uint8Array, by: number): Buffer =>
  Buffer.concat([Buffer.alloc(by), bytes]).subarray(by) as Buffer;

describe('jsonText', () => {
  const long = 'a plain text of many words, '.repeat(40);

  it('has one byte for each character where little is beyond ASCII', () => {
    const body = Buffer.from(JSON.stringify({ text: `${long}— “é” 😀${long}` }));
    const text = jsonText(body);
    expect(text).toMatch(/^[\0-\x7f]*$/);
    expect(JSON.parse(text)).toEqual(JSON.parse(body.toString()));
  });

  it('is the text itself where there is nothing, or much of that', () => {
    for (const value of [long, '对话历史记录的长度'.repeat(9), 'é', `${long}${'é'.repeat(40)}`]) {
      const body = Buffer.from(JSON.stringify(value));
      expect(jsonText(body)).toBe(body.toString());
    }
    expect(jsonText(Buffer.alloc(0))).toBe('');
  });

  it('means what the text means, wherever it lies', () => {
    const value = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\\', '—', '😀', long)));
    fc.assert(
      fc.property(value, fc.nat(3), (strings, by) => {
        const json = JSON.stringify([long, ...strings]);
        expect(JSON.parse(jsonText(shifted(Buffer.from(json), by)))).toEqual(JSON.parse(json));
      }),
      { numRuns: 500 },
    );
  });

  it('makes nothing valid, or invalid, that was not', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom('\\', '\\\\', '—', '"', ' ', '\uFEFF', '{', long).map((text) => Buffer.from(text)),
    );
    const inString = fc.array(piece, { maxLength: 8 }).map((parts) => Buffer.concat([...parts]));
    fc.assert(
      fc.property(inString, fc.boolean(), fc.nat(3), (bytes, quoted, by) => {
        const quote = Buffer.from(quoted ? '"' : '');
        const body = shifted(Buffer.concat([quote, Buffer.from(long), bytes, quote]), by);
        expect(parsed(jsonText(body))).toEqual(parsed(body.toString()));
      }),
      { numRuns: 2000 },
    );
  });
});
