import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashText } from './hash-text.ts';
import { newId } from './ids.ts';

const TEXTS = Array.from({ length: 20_000 }, (_, index) => `conversation ${index}`);

describe('hashText', () => {
  it('is the same for the same text, and fits into a number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const hash = hashText(text);
        expect(hashText([...text].join(''))).toBe(hash);
        expect(Number.isSafeInteger(hash)).toBe(true);
        expect(hash).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('tells texts apart that are much alike', () => {
    expect(new Set(TEXTS.map(hashText)).size).toBe(TEXTS.length);
    const changed = Array.from({ length: 2_000 }, (_, at) => `${'a'.repeat(at)}b${'a'.repeat(1_999 - at)}`);
    expect(new Set(changed.map(hashText)).size).toBe(changed.length);
    const longer = Array.from({ length: 500 }, (_, length) => '\0'.repeat(length));
    expect(new Set(longer.map(hashText)).size).toBe(longer.length);
  });

  it.each([
    ['counted texts', TEXTS],
    ['ids', Array.from({ length: 20_000 }, () => newId('sbx_'))],
  ])('is spread evenly over %s, in all of its bits', (_name, texts) => {
    const hashes = texts.map(hashText);
    for (const divisor of [1, 2 ** 16, 2 ** 32, 2 ** 43]) {
      const buckets = new Array<number>(16).fill(0);
      for (const hash of hashes) {
        const bucket = Math.floor(hash / divisor) % 16;
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      // 1,250 each; seven standard deviations.
      for (const count of buckets) expect(Math.abs(count - texts.length / 16)).toBeLessThan(7 * 34.3);
    }
    const low = hashes.filter((hash) => hash / 2 ** 53 < 0.05).length;
    expect(Math.abs(low - texts.length * 0.05)).toBeLessThan(7 * 30.8);
  });
});
