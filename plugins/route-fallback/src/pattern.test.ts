import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bySpecificity, compilePattern } from './pattern.ts';

describe('compilePattern', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/bc', false],
    ['*', '', true],
    ['a/*', 'a/x/y', true],
    ['a/*', 'b/a/x', false],
    ['*haiku*', 'claude-haiku-4-5', true],
    ['ab*ba', 'aba', false],
    ['*a*a', 'aa', true],
    ['*a*a', 'a', false],
    ['a.c', 'abc', false],
  ])('%j on %j: %j', (pattern, name, expected) => {
    expect(compilePattern(pattern).fits(name)).toBe(expected);
  });

  it('fits whatever is put in the place of its stars', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 4 }), (pieces) => {
        const pattern = pieces.map(([literal]) => literal).join('*');
        const name = pieces.map(([literal, fill], at) => literal + (at < pieces.length - 1 ? fill : '')).join('');
        expect(compilePattern(pattern).fits(name)).toBe(true);
      }),
    );
  });
});

it('bySpecificity puts names first, then the longest literal start, then the longer pattern', () => {
  const sorted = ['*', '*-mini', 'gpt-*', 'gpt-5*', 'g', 'gpt-*-mini'].map(compilePattern).sort(bySpecificity);
  expect(sorted.map(({ text }) => text)).toEqual(['g', 'gpt-5*', 'gpt-*-mini', 'gpt-*', '*-mini', '*']);
});
