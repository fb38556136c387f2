import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonField, jsonFirstItem, jsonNextItem, jsonRawString } from './json-at.ts';

/** What a parser makes of the value at a place, with nothing but that behind it. */
function valueAt(body: Buffer, at: number): unknown {
  const text = body.toString('utf8', at);
  for (let end = text.length; end > 0; end--) {
    try {
      return JSON.parse(text.slice(0, end));
    } catch {
      // Too much of it.
    }
  }
  return undefined;
}

function items(text: string, limit = Buffer.byteLength(text)): unknown[] {
  const body = Buffer.from(text);
  const found: unknown[] = [];
  for (let at = jsonFirstItem(body, 0, limit); at !== undefined; at = jsonNextItem(body, at, limit)) {
    found.push(valueAt(body, at));
  }
  return found;
}

const key = fc.string({ unit: fc.constantFrom(...'abcdefgh') });
const long = fc.string({ unit: 'binary', minLength: 60 });
const json = fc.oneof(fc.jsonValue({ maxDepth: 2 }), long);
const again = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the items of an array', () => {
  it('are all there, in order', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 5 }), fc.constantFrom(undefined, 2), (list, indent) => {
        expect(items(` ${JSON.stringify(list, null, indent)}`)).toEqual(again(list));
      }),
      { numRuns: 60 },
    );
  });

  it('end where the array ends, where it is cut, and at the limit', () => {
    expect(items('[1,{"a":[2]}],"more":[3]}')).toEqual([1, { a: [2] }]);
    expect(items('[1,{"a":[2]},"cut')).toEqual([1, { a: [2] }, undefined]);
    expect(items('["aaaa","bbbb","cc"]', 12)).toEqual(['aaaa', 'bbbb']);
    for (const none of ['[]', '[ ]', '[', '', '{"a":1}', '"[1]"', '1']) expect(items(none)).toEqual([]);
  });
});

describe('jsonField', () => {
  it('finds the value of a key wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, json, { maxKeys: 5 }),
        key,
        fc.constantFrom(undefined, 1),
        (object, name, indent) => {
          const body = Buffer.from(` ${JSON.stringify(object, null, indent)}`);
          const at = jsonField(body, 0, name, body.length);
          expect(at === undefined ? undefined : valueAt(body, at)).toEqual(
            Object.hasOwn(object, name) ? again(object[name]) : undefined,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    '',
    '{',
    '{"a"',
    '{"a":',
    '{"a" 1}',
    '{"b":[1',
    '{"b":1 "a":2}',
    '{"b":{"a":1}}',
    '["a",1]',
    '{a:1}',
    '"a"',
  ])('finds nothing in %j', (text) => {
    const body = Buffer.from(text);
    expect(jsonField(body, 0, 'a', body.length)).toBeUndefined();
  });

  it('finds nothing behind the limit', () => {
    const body = Buffer.from('{"b":1,"a":2}');
    expect(jsonField(body, 0, 'a', 12)).toBe(11);
    for (let limit = 0; limit < 12; limit++) expect(jsonField(body, 0, 'a', limit)).toBeUndefined();
  });
});

describe('jsonRawString', () => {
  it('gives the bytes between the quotes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), long), (text) => {
        const body = Buffer.from(`${JSON.stringify(text)},"more"`);
        const raw = jsonRawString(body, 0, body.length);
        expect(JSON.parse(`"${Buffer.from(raw ?? '', 'latin1').toString()}"`)).toBe(again(text));
      }),
    );
  });

  it('gives nothing of what is cut, or no string', () => {
    const body = Buffer.from('"12345678"');
    expect(jsonRawString(body, 0, 10)).toBe('12345678');
    expect(jsonRawString(body, 0, 9)).toBeUndefined();
    expect(jsonRawString(body, 1, 10)).toBeUndefined();
    expect(jsonRawString(Buffer.from(`"${'\\\\'.repeat(60)}\\"`), 0, 200)).toBeUndefined();
  });
});
