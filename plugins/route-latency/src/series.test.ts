import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Series } from './series.ts';

const seriesOf = (...times: readonly number[]) => {
  const series = new Series();
  for (const [atMs, firstMs] of times.entries()) series.add({ atMs, firstMs });
  return series;
};

describe('Series', () => {
  it('gives the time that a share of the answers stay under', () => {
    const series = seriesOf(...Array.from({ length: 20 }, (_, index) => (20 - index) * 10));
    expect(series.measure(0, 0.5)).toEqual({ samples: 20, firstMs: 100, tokensPerSecond: undefined });
    expect(series.measure(0, 0.95)?.firstMs).toBe(190);
    expect(seriesOf(7).measure(0, 0.95)?.firstMs).toBe(7);
  });

  it('gives the speed that a share of them are above', () => {
    const series = new Series();
    for (const tokensPerSecond of [10, 20, 30, 40]) series.add({ atMs: 0, firstMs: 1, tokensPerSecond });
    series.add({ atMs: 0, firstMs: 1 });
    expect(series.measure(0, 0.5)).toMatchObject({ samples: 5, tokensPerSecond: 20 });
    expect(series.measure(0, 0.95)?.tokensPerSecond).toBe(10);
  });

  it('forgets what is too old, and keeps 64', () => {
    expect(seriesOf(1, 2, 3).measure(2, 0.5)).toMatchObject({ samples: 1, firstMs: 3 });
    expect(seriesOf(1, 2, 3).measure(3, 0.5)).toBeUndefined();
    const many = seriesOf(...Array.from({ length: 200 }, (_, index) => index));
    expect(many.measure(0, 0)).toMatchObject({ samples: 64, firstMs: 136 });
  });

  it('gives a time that was measured, with the share of them that it says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 64 }),
        fc.constantFrom(0.5, 0.95),
        (times, share) => {
          const { firstMs = -1 } = seriesOf(...times).measure(0, share) ?? {};
          expect(times).toContain(firstMs);
          expect(times.filter((ms) => ms <= firstMs).length).toBeGreaterThanOrEqual(times.length * share);
          expect(times.filter((ms) => ms < firstMs).length).toBeLessThan(Math.max(1, times.length * share));
        },
      ),
    );
  });
});
