import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RecentMap } from './recent-map.ts';

describe('RecentMap', () => {
  it('forgets what was neither read nor written for the longest time', () => {
    const map = new RecentMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
    map.delete('a');
    expect([map.get('a'), map.size]).toEqual([undefined, 1]);
  });

  it('keeps what is held, and lists without using', () => {
    const map = new RecentMap<number>(2, (value) => value > 1);
    map.set('held', 1);
    map.set('b', 2);
    expect([...map]).toEqual([
      ['held', 1],
      ['b', 2],
    ]);
    map.set('c', 3);
    expect([...map].map(([key]) => key)).toEqual(['held', 'c']);
    const full = new RecentMap<number>(1, () => false);
    full.set('a', 1);
    full.set('b', 2);
    expect(full.size).toBe(2);
  });

  it('never holds more than its bound, and always what was written last', () => {
    const key = fc.integer({ min: 0, max: 20 }).map(String);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.tuple(key, fc.nat())), (bound, writes) => {
        const map = new RecentMap<number>(bound);
        for (const [name, value] of writes) {
          map.set(name, value);
          expect(map.get(name)).toBe(value);
          expect(map.size).toBeLessThanOrEqual(bound);
        }
      }),
    );
  });
});
