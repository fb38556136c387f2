import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonAt, jsonItemsAt } from './json-at.ts';

const MAX = 10_000;
const items = (text: string, max = MAX) => [...jsonItemsAt(Buffer.from(text), 0, max)];

describe('jsonAt', () => {
  it('reads any value wherever it stands', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.constantFrom(undefined, 1), (before, value, indent) => {
        const body = Buffer.from(JSON.stringify({ before, value, after: 1 }, null, indent));
        const start = body.lastIndexOf('"value"') + '"value":'.length;
        expect(jsonAt(body, start, MAX)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each(['', '  ', '"cut', '{"a":1', '[1,', 'nonsense ', ']', ','])('reads nothing of %j', (text) => {
    expect(jsonAt(Buffer.from(text), 0, MAX)).toBeUndefined();
  });

  it('leaves what is too long', () => {
    expect(jsonAt(Buffer.from('"12345678"'), 0, 10)).toBe('12345678');
    expect(jsonAt(Buffer.from('"12345678"'), 0, 9)).toBeUndefined();
  });
});

describe('jsonItemsAt', () => {
  it('reads all items', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 2), (list, indent) => {
        expect(items(`${JSON.stringify(list, null, indent)},"more":1}`)).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
  });

  it('reads up to what is cut, too long or no JSON', () => {
    expect(items('[1,{"a":[2]},"cut')).toEqual([1, { a: [2] }]);
    expect(items('[1, 2, nonsense, 3]')).toEqual([1, 2]);
    expect(items('["aaaa","bbbb"]', 9)).toEqual(['aaaa']);
    expect(items('{"a":1}')).toEqual([]);
    expect(items('[]')).toEqual([]);
  });
});
