import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TextSearch } from './text-search.ts';

describe('TextSearch', () => {
  it('finds what the engine finds, from any place on', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'e', '"', 'x', 'Q', '_', '\\'),
      minLength: 1,
      maxLength: 5,
    });
    const body = fc.string({ unit: fc.constantFrom('a', 'e', '"', 'x', 'Q', '_', '\\', 'é'), maxLength: 60 });
    fc.assert(
      fc.property(body, letters, fc.nat({ max: 70 }), (haystack, needle, from) => {
        const bytes = Buffer.from(haystack);
        expect(new TextSearch(needle).indexIn(bytes, from)).toBe(bytes.indexOf(needle, from));
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds texts at both ends', () => {
    const body = Buffer.from('"image" and x');
    expect(new TextSearch('"image"').indexIn(body)).toBe(0);
    expect(new TextSearch('x').indexIn(body)).toBe(12);
    expect(new TextSearch('"image"').indexIn(body, 1)).toBe(-1);
    expect(new TextSearch('image').indexIn(Buffer.alloc(0))).toBe(-1);
  });
});
