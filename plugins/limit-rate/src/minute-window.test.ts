import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MinuteWindow } from './minute-window.ts';

/** Looking forgets what is over by then: for a look ahead one needs another window. */
function replayed(taken: readonly number[]): MinuteWindow {
  const window = new MinuteWindow();
  for (const at of taken) window.add(1, at);
  return window;
}

describe('MinuteWindow', () => {
  it('never has more than the limit in any minute, and nothing waits longer than it must', () => {
    const gap = fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 20_000 }));
    const gaps = fc.array(gap, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 10 }), (steps, limit) => {
        const window = new MinuteWindow();
        const taken: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          const waitMs = window.waitMs(1, limit, now);
          const within = taken.filter((at) => at > now - 60_000).length;
          if (waitMs === 0) {
            window.add(1, now);
            taken.push(now);
            expect(within).toBeLessThan(limit);
          } else {
            // Only what lies in one slice with a later one may still count.
            expect(taken.filter((at) => at > now - 60_500).length).toBeGreaterThanOrEqual(limit);
            expect(replayed(taken).waitMs(1, limit, now + waitMs)).toBe(0);
            expect(replayed(taken).waitMs(1, limit, now + waitMs - 1)).toBeGreaterThan(0);
          }
        }
      }),
    );
  });

  it('knows when there is room', () => {
    const window = new MinuteWindow();
    window.add(6, 0);
    window.add(3, 10_000);
    expect(window.waitMs(1, 10, 20_000)).toBe(0);
    expect(window.waitMs(2, 10, 20_000)).toBe(40_000);
    expect(window.waitMs(8, 10, 20_000)).toBe(50_000);
    expect(window.waitMs(18, 10, 20_000)).toBe(110_000);
    expect(window.sum(60_000)).toBe(3);
  });

  it('lets nothing go before its minute is over, though it came soon after something else', () => {
    const window = new MinuteWindow();
    window.add(1, 0);
    window.add(1, 400);
    expect(window.sum(60_399)).toBe(2);
    expect(replayed([0, 400]).waitMs(1, 2, 60_100)).toBe(300);
    expect(window.sum(60_400)).toBe(0);
  });

  it('takes corrections where they belong', () => {
    const window = new MinuteWindow();
    const slice = window.add(100, 0);
    window.correct(slice, -60, 10);
    expect(window.sum(20)).toBe(40);
    window.correct(slice, 10, 59_999);
    expect(window.sum(59_999)).toBe(50);
    expect(window.sum(60_000)).toBe(0);
    window.correct(slice, -5, 61_000);
    expect(window.sum(61_000)).toBe(0);
    window.correct(slice, 7, 62_000);
    expect(window.sum(121_999)).toBe(7);
    expect(window.sum(122_000)).toBe(0);
  });

  it('has the same size whatever the traffic', () => {
    const window = new MinuteWindow();
    const slices = new Set(Array.from({ length: 10_000 }, (_, at) => window.add(1, at)));
    expect(slices.size).toBe(20);
    expect(window.sum(10_000)).toBe(10_000);
  });
});
