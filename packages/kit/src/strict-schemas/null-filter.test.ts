import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@signalbox/spec';
import fc from 'fast-check';
import { NullFilter } from './null-filter.ts';
import { NullPlace } from './null-places.ts';

/** Everywhere `a` and `ä"` are left out where they are null; `own` is not. */
const place = new NullPlace();
for (const name of ['a', 'ä"']) place.added.add(name);
place.own.add('own');
place.items = place;
for (const name of ['a', 'b', 'ä"', 'own', '__proto__']) place.properties.set(name, place);

function filter(pieces: readonly string[]): string {
  const nulls = new NullFilter(place);
  return pieces.map((piece) => nulls.push(piece)).join('') + nulls.end();
}

function without(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, inner]) => inner !== null || (name !== 'a' && name !== 'ä"'));
  return Object.fromEntries(kept.map(([name, inner]) => [name, without(inner ?? null)]));
}

const name = fc.constantFrom('a', 'b', 'ä"', 'own');
const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue>(null, null, true, 'null', 'a', '"a":null', -1.5e3, '\\', '😀'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('NullFilter', () => {
  it('leaves out nulls where they were added, wherever the text is cut', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(json), fc.dictionary(name, json, { noNullPrototype: true })),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom(undefined, 1, '\t'),
        (value, cuts, space) => {
          const text = JSON.stringify(value, null, space);
          const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((x, y) => x - y), text.length];
          const kept = filter(at.map((start, index) => text.slice(start, at[index + 1])));
          expect(JSON.parse(kept)).toEqual(without(value as JsonValue));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives out at once all but a key whose value has not begun', () => {
    const nulls = new NullFilter(place);
    expect(nulls.push('{"b":"one ')).toBe('{"b":"one ');
    expect(nulls.push('two')).toBe('two');
    expect(nulls.push('","a":')).toBe('"');
    expect(nulls.push('nu')).toBe('');
    expect(nulls.push('ll,"b')).toBe('');
    expect(nulls.push('":[1')).toBe(',"b":[1');
    expect(nulls.push(']}\n')).toBe(']}\n');
  });

  it.each([
    'I would rather not say {"a":null}',
    '{"a":nothing}',
    '{"b":1,"a":nu',
    '{"b":1,',
    '{"b":1,"a',
    '{"b" 1}',
    '{"b":[1,{"a":n',
    '{,"a":null}',
    '',
    'null',
    '"{\\"a\\":null}"',
  ])('gives out as it came what is no JSON, or is cut: %s', (text) => {
    expect(filter([...text])).toBe(text);
  });
});
