import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tokensOfText } from './token-text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 }).map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom('a', 'B', 'é', '1', ' ', '\n', '.', '<', '|', 'я', '語', '😀', '\uffff'),
    maxLength: 90,
  }),
);

describe('tokensOfText', () => {
  it('is nothing for nothing, and something for anything', () => {
    expect(tokensOfText('')).toBe(0);
    fc.assert(fc.property(anyText, (text) => tokensOfText(text) > 0 || text === ''));
  });

  it('is never more than one token per byte', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokensOfText(text)).toBeLessThanOrEqual(Buffer.byteLength(text) + 1e-6);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says the same however the string came about, and whatever was counted before', () => {
    fc.assert(
      fc.property(anyText, anyText, (first, second) => {
        const whole = first + second;
        const tokens = tokensOfText(whole);
        tokensOfText(second);
        expect(tokensOfText(Buffer.from(whole, 'utf16le').toString('utf16le'))).toBe(tokens);
      }),
    );
  });

  it('grows with the text, within a token per cut', () => {
    fc.assert(
      fc.property(fc.lorem({ mode: 'sentences', maxCount: 60 }), fc.nat(), (text, seed) => {
        const at = seed % (text.length + 1);
        const parts = tokensOfText(text.slice(0, at)) + tokensOfText(text.slice(at));
        expect(Math.abs(parts - tokensOfText(text))).toBeLessThan(2);
      }),
    );
  });

  it.each([
    ['one word', 'word', 1],
    ['a word with its space', ' word', 1],
    ['three digits', '123', 1],
    ['seven digits', '1234567', 3],
    ['an indentation', '\n            return', 3],
    ['a line of one mark', '='.repeat(72), 5],
  ])('knows %s', (_name, text, tokens) => {
    expect(Math.round(tokensOfText(text))).toBe(tokens);
  });

  it('extrapolates a text of megabytes from parts of it', () => {
    const line = 'const answer = await exchange.request(target, { signal });\n';
    const short = line.repeat(100);
    const long = line.repeat(50_000);
    expect(tokensOfText(long) / tokensOfText(short)).toBeCloseTo(500, -1);
  });

  it('sees every stretch of a long text, not its start alone', () => {
    const digits = '7 '.repeat(150_000);
    const words = 'understanding '.repeat(21_428);
    const mixed = tokensOfText(words + digits);
    expect(mixed).toBeGreaterThan(tokensOfText(words) * 3);
    expect(mixed).toBeLessThan((tokensOfText(words) + tokensOfText(digits)) * 1.3);
  });
});
