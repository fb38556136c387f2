import { describe, expect, it } from '@jest/globals';
import { addAll } from './lists.ts';

describe('addAll', () => {
  it('adds in order', () => {
    const list = [1];
    addAll(list, [2, 3]);
    addAll(list, new Set([4]));
    expect(list).toEqual([1, 2, 3, 4]);
  });

  it('takes more than a call has room for', () => {
    const many = Array.from({ length: 1_000_000 }, () => 0);
    const list: number[] = [];
    expect(() => list.push(...many)).toThrow(RangeError);
    addAll(list, many);
    expect(list).toHaveLength(many.length);
  });
});
