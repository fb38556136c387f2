import { describe, expect, it } from '@jest/globals';
import {
  isAnnotation,
  type JsonObject,
  type JsonValue,
  leaveOutNulls,
  mapBatch,
  messageToEvents,
  type StrictRules,
  strictSchema,
} from '@signalbox/kit';
import { ToolSchemas } from '@signalbox/kit/tool-schemas';
import fc from 'fast-check';
import { isObject, targetOf } from './walk.ts';

const RULES: StrictRules = { takes: () => false, recursion: true, allRequired: true, typedValues: true };

/** Some value that a strict schema allows; `undefined` where it took too long to find one. */
function someValue(
  schema: JsonObject,
  root: JsonObject,
  pick: (count: number) => number,
  depth = 0,
): JsonValue | undefined {
  if (depth > 12) return undefined;
  const inner = (one: JsonValue | undefined) => (isObject(one) ? someValue(one, root, pick, depth + 1) : undefined);
  const { $ref, anyOf, enum: values, const: only, type } = schema;
  if ($ref !== undefined) return inner(targetOf(root, $ref));
  if (Array.isArray(anyOf)) return inner(anyOf[pick(anyOf.length)]);
  if (only !== undefined) return only;
  if (Array.isArray(values)) return values[pick(values.length)];
  switch (Array.isArray(type) ? type[pick(type.length)] : type) {
    case 'string':
      return ['', 'a', 'null'][pick(3)];
    case 'integer':
      return pick(5) - 2;
    case 'number':
      return [0.5, -1, 3][pick(3)];
    case 'boolean':
      return pick(2) === 0;
    case 'null':
      return null;
    case 'array': {
      const items = Array.from({ length: pick(3) }, () => inner(schema.items));
      return items.includes(undefined) ? undefined : (items as JsonValue[]);
    }
    default: {
      const value: [string, JsonValue | undefined][] = [];
      for (const name of schema.required as string[])
        value.push([name, inner((schema.properties as JsonObject)[name])]);
      return value.some(([, one]) => one === undefined) ? undefined : (Object.fromEntries(value) as JsonObject);
    }
  }
}

/** Small numbers that one number makes. */
function numbersFrom(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % count;
  };
}

/** Schemas that can be said: objects with what may be left out, choices, parts that all must hold, and recursion. */
function sayable(): fc.Arbitrary<JsonObject> {
  const leaf = fc.constantFrom<JsonObject>(
    ...[{ type: 'string' }, { type: ['integer', 'null'] }, { enum: ['a', null, 3] }, { const: 'x' }, { type: 'null' }],
    ...[{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b', description: 'B' }, { allOf: [{ $ref: '#/$defs/a' }], title: 'A' }],
  );
  const objectOf = (inner: fc.Arbitrary<JsonObject>, names: readonly string[]): fc.Arbitrary<JsonObject> =>
    fc
      .tuple(
        fc.dictionary(fc.constantFrom(...names), inner, { minKeys: 1, noNullPrototype: true }),
        fc.subarray([...names]),
      )
      .map(([properties, required]) => ({
        type: 'object',
        properties,
        required: required.filter((name) => Object.hasOwn(properties, name)),
      }));
  const above = (inner: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> => {
    const [one, other] = [objectOf(inner, ['a', 'b', 'c']), objectOf(inner, ['d', 'e'])];
    return fc.oneof(
      one,
      inner.map((items) => ({ type: 'array', items })),
      fc.array(inner, { minLength: 2, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc
        .tuple(one, other)
        .map(([first, second]) => ({ allOf: [first, second, { properties: { a: { title: 'A' } } }] })),
      fc.tuple(one, other, other).map(([schema, ...anyOf]) => ({ ...schema, anyOf })),
      fc.tuple(one, other).map(([schema, part]) => ({ ...schema, allOf: [part] })),
    );
  };
  const node = above(fc.oneof(leaf, above(leaf)));
  return fc.tuple(objectOf(node, ['a', 'b']), node, node).map(([root, a, b]) => ({ ...root, $defs: { a, b } }));
}

describe('what satisfies a strict schema', () => {
  it('satisfies the client’s own, once the added nulls are left out', () => {
    let checked = 0;
    fc.assert(
      fc.property(sayable(), fc.nat(), (schema, seed) => {
        const strict = strictSchema(schema, RULES, 'object');
        if (typeof strict === 'string') return;
        const { changes, nulls, schema: said } = strict;
        // What is only told is for the model to mind.
        if (changes.anyOf || changes.lost.length > 0 || !changes.told.every(isAnnotation)) return;
        const value = someValue(said, said, numbersFrom(seed));
        if (!isObject(value)) return;
        const call = { type: 'tool-call', id: 'c', name: 'f', input: value } as const;
        const tools = new Map(nulls === undefined ? [] : [['f', nulls] as const]);
        const events = mapBatch(
          messageToEvents({ content: [call], stopReason: 'tool-call' }),
          leaveOutNulls({ tools }),
        );
        const text = events.map((event) => (event.type === 'tool-input-delta' ? event.json : '')).join('');
        const check = new ToolSchemas().checkFor(schema);
        if (check === undefined) return;
        expect(check(JSON.parse(text) as JsonObject)).toBeUndefined();
        checked++;
      }),
      { numRuns: 800 },
    );
    expect(checked).toBeGreaterThan(15);
  });
});
