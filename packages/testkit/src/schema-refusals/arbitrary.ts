import type { JsonObject } from '@signalbox/kit';
import fc from 'fast-check';

const name = fc.constantFrom('a', 'b', 'c', '__proto__');
const scalar = fc.constantFrom<string | number | boolean | null>('x', '', 7, 1.5, true, null);
const TYPES = ['string', 'integer', 'number', 'boolean', 'null', 'object', 'array'];

/** Whatever somebody may write for a schema: of all keywords, with references that lead anywhere. */
export function anySchema(): fc.Arbitrary<JsonObject> {
  const own = fc.record(
    {
      type: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...TYPES) }, fc.subarray(TYPES, { maxLength: 3 })),
      description: fc.constantFrom('D', 'Ω'),
      default: scalar,
      required: fc.subarray(['a', 'b', 'c'], { maxLength: 2 }),
      minLength: fc.nat(3),
      minimum: fc.integer({ min: -3, max: 3 }),
      format: fc.constantFrom('date', 'uri', 'binary'),
      pattern: fc.constantFrom('^a+$', '(?=x)', '\\bx'),
      minItems: fc.nat(3),
      uniqueItems: fc.boolean(),
      'x-order': fc.nat(3),
    },
    { requiredKeys: [] },
  );
  const rare = fc.record(
    {
      $ref: fc.constantFrom('#', '#/$defs/a', '#/$defs/b', '#/properties/a', '#/nowhere', 'http://x/y', '#/%'),
      enum: fc.array(scalar, { maxLength: 3 }),
      const: scalar,
      not: fc.constant({ type: 'null' }),
      patternProperties: fc.constant({ '^x': {} }),
      additionalProperties: fc.constantFrom<JsonObject | boolean>(true, false, {}, { type: 'string' }),
    },
    { requiredKeys: [] },
  );
  const leaf = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<JsonObject>({ type: 'string' }, { type: ['integer', 'null'] }) },
    { weight: 2, arbitrary: own },
    { weight: 1, arbitrary: rare },
  );
  const above = (inner: fc.Arbitrary<object | boolean>): fc.Arbitrary<object> => {
    const few = fc.array(inner, { minLength: 1, maxLength: 2 });
    const properties = fc.dictionary(name, inner, { noNullPrototype: true });
    const nested = fc.oneof(
      { weight: 5, arbitrary: fc.record({ type: fc.constant('object'), properties }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('array'), items: inner }) },
      {
        weight: 2,
        arbitrary: fc.record(
          { properties, items: fc.oneof(inner, few), anyOf: few, oneOf: few, allOf: few },
          { requiredKeys: [] },
        ),
      },
    );
    return fc.oneof(
      nested,
      fc.tuple(nested, own).map(([shape, more]) => ({ ...more, ...shape })),
      fc.tuple(rare, nested).map(([less, shape]) => ({ ...less, ...shape })),
    );
  };
  const inner = above(fc.oneof({ weight: 9, arbitrary: leaf }, { weight: 1, arbitrary: fc.boolean() }));
  const defs = fc.dictionary(fc.constantFrom('a', 'b'), inner, { noNullPrototype: true });
  return fc
    .tuple(above(fc.oneof(inner, leaf)), fc.option(defs, { nil: undefined }))
    .map(([schema, $defs]) => ({ ...schema, ...($defs === undefined ? {} : { $defs }) }) as JsonObject);
}
