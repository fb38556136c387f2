import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SmoothWheel } from './smooth-wheel.ts';

const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
const candidatesOf = (list: readonly number[]) => list.map((weight, index) => ({ name: `${index}`, weight }));

describe('SmoothWheel', () => {
  it('gives five, one and one without a burst', () => {
    const wheel = new SmoothWheel();
    const candidates = [
      { name: 'a', weight: 5 },
      { name: 'b', weight: 1 },
      { name: 'c', weight: 1 },
    ];
    const turns = Array.from({ length: 7 }, () => wheel.turn(candidates, true)[0]?.name);
    expect(turns.join('')).toBe('aabacaa');
  });

  it('is exact over every full round, and near in between', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 4 }), (list, rounds) => {
        const wheel = new SmoothWheel();
        const candidates = candidatesOf(list);
        const sum = list.reduce((a, b) => a + b, 0);
        const counts = list.map(() => 0);
        for (let turn = 1; turn <= sum * rounds; turn++) {
          const first = Number(wheel.turn(candidates, true)[0]?.name);
          counts[first] = (counts[first] ?? 0) + 1;
          for (const [index, weight] of list.entries()) {
            expect(Math.abs((counts[index] ?? 0) - (turn * weight) / sum)).toBeLessThan(list.length);
          }
        }
        expect(counts).toEqual(list.map((weight) => weight * rounds));
      }),
    );
  });

  it('lists everyone once, and takes no turn where it only looks', () => {
    fc.assert(
      fc.property(weights, fc.array(fc.boolean()), (list, commits) => {
        const wheel = new SmoothWheel();
        const candidates = candidatesOf(list);
        for (const commit of commits) {
          const looked = wheel.turn(candidates, false);
          expect(new Set(looked)).toEqual(new Set(candidates));
          expect(looked).toHaveLength(candidates.length);
          expect(wheel.turn(candidates, commit)).toEqual(looked);
        }
      }),
    );
  });

  it('lets whoever was away go on without catching up at once', () => {
    const wheel = new SmoothWheel();
    const [a, b] = [
      { name: 'a', weight: 1 },
      { name: 'b', weight: 1 },
    ];
    for (let turn = 0; turn < 10; turn++) wheel.turn([a], true);
    const turns = Array.from({ length: 6 }, () => wheel.turn([a, b], true)[0]?.name);
    expect(turns.join('')).toBe('ababab');
  });

  it('forgets whom nobody names any more', () => {
    const wheel = new SmoothWheel();
    const both = candidatesOf([1, 1]);
    wheel.turn(both, true);
    wheel.keep(new Set(['1']));
    // "0" is owed nothing again, "1" still a turn.
    expect(wheel.turn(both, true)[0]?.name).toBe('1');
    wheel.keep(new Set());
    expect(wheel.turn(both, true)[0]?.name).toBe('0');
  });
});
