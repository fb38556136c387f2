import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bySpecificity, compilePattern } from './name-pattern.ts';

describe('compilePattern', () => {
  it.each<[string, string, readonly string[] | undefined]>([
    ['a', 'a', []],
    ['a', 'ab', undefined],
    ['*', '', ['']],
    ['*', 'any/thing', ['any/thing']],
    ['claude-*', 'claude-opus', ['opus']],
    ['claude-*', 'claud', undefined],
    ['*haiku*', 'claude-haiku-4-5', ['claude-', '-4-5']],
    ['a*b', 'ab', ['']],
    ['ab*ba', 'aba', undefined],
    ['*/*', 'x/y/z', ['x', 'y/z']],
    ['*a*a', 'aa', ['', '']],
    ['*a*a', 'a', undefined],
    ['a.c', 'abc', undefined],
    ['claude-*', 'Claude-x', undefined],
  ])('%j on %j: %j', (pattern, name, expected) => {
    expect(compilePattern(pattern).match(name)).toEqual(expected);
  });

  it('gives the name back when its captures are put in', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-'), maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(part, { maxLength: 4 }),
        (literals, fills) => {
          const pattern = compilePattern(literals.join('*'));
          const name = literals
            .map((literal, at) => literal + (at < literals.length - 1 ? (fills[at] ?? '') : ''))
            .join('');
          const captures = pattern.match(name);
          expect(captures).toBeDefined();
          expect(literals.map((literal, at) => literal + (captures?.[at] ?? '')).join('')).toBe(name);
        },
      ),
    );
  });
});

describe('bySpecificity', () => {
  it('puts the longest literal start first, then the longer pattern', () => {
    const sorted = ['*', '*-mini', 'gpt-*', 'gpt-5*', 'gpt-*-mini'].map(compilePattern).sort(bySpecificity);
    expect(sorted.map(({ text }) => text)).toEqual(['gpt-5*', 'gpt-*-mini', 'gpt-*', '*-mini', '*']);
  });
});
