import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cachedTokensOfText } from './token-cache.ts';
import { tokensOfText } from './token-text.ts';

describe('cachedTokensOfText', () => {
  it('says what a fresh count says, the first time and later', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 900 }), (text) => {
        const fresh = tokensOfText(text);
        expect([cachedTokensOfText(text), cachedTokensOfText(`${text.slice(0, 3)}${text.slice(3)}`)]).toEqual([
          fresh,
          fresh,
        ]);
      }),
    );
  });

  it('tells histories apart that differ by a word at either end', () => {
    const middle = 'The harbour was quiet when the first boats came back. '.repeat(400);
    for (const [first, second] of [
      [`1 ${middle}`, `a ${middle}`],
      [`${middle} 1 1 1 1 1 1 1`, `${middle} aaaaaaaaaaaaa`],
    ] as const) {
      expect([cachedTokensOfText(first), cachedTokensOfText(second)]).toEqual([
        tokensOfText(first),
        tokensOfText(second),
      ]);
    }
  });

  it('holds no more than its slots, whatever passes through it', () => {
    const text = (index: number) => `${index} `.repeat(60);
    for (let index = 0; index < 60_000; index++) cachedTokensOfText(text(index));
    const before = process.memoryUsage().arrayBuffers;
    for (let index = 60_000; index < 120_000; index++) cachedTokensOfText(text(index));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    expect(cachedTokensOfText(text(3))).toBe(tokensOfText(text(3)));
  });
});
