import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { median, percentile } from './statistics.ts';

describe('median', () => {
  it('is the middle, the mean of two middles, or nothing', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2, 4, 1])).toBe(3);
    expect(median([])).toBeUndefined();
  });
});

describe('percentile', () => {
  it('is the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  it('is a value that enough others do not exceed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, share) => {
          const found = percentile(values, share) ?? Number.NaN;
          expect(values).toContain(found);
          expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(
            Math.floor(share * values.length),
          );
          expect(values.filter((value) => value < found).length).toBeLessThan(Math.ceil(share * values.length));
        },
      ),
    );
  });
});
