import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import fc from 'fast-check';
import { decodeSchema } from './decode-schema.ts';
import { encodeSchema } from './encode-schema.ts';

const encode = (schema: JsonObject) => {
  const { kind, schema: wire, losses } = encodeSchema(schema);
  const { told, dropped } = losses.keywords;
  return { kind, wire, lost: [...told, ...dropped.map((keyword) => `no ${keyword}`)] };
};

describe('F81 JSON Schema in Google’s words', () => {
  it.each<[string, JsonObject, JsonObject, string[]]>([
    [
      'leaves out what says nothing to the model, and says what has no keyword in the description',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        $id: 'x',
        type: 'object',
        properties: { a: { type: 'string', minLength: 1, uniqueItems: true }, b: { type: 'number', multipleOf: 2 } },
        required: ['a', 'gone'],
        additionalProperties: false,
        patternProperties: { '^x': {} },
        propertyNames: { pattern: 'x' },
      },
      {
        type: 'OBJECT',
        properties: {
          a: { type: 'STRING', minLength: 1, description: '(uniqueItems: true)' },
          b: { type: 'NUMBER', description: '(multipleOf: 2)' },
        },
        required: ['a'],
        description: '(patternProperties: {"^x":{}}, propertyNames: {"pattern":"x"})',
      },
      ['multipleOf', 'patternProperties', 'propertyNames', 'uniqueItems'],
    ],
    [
      'loses nothing that says nothing: objects have the properties that they list, and names are texts',
      {
        type: 'object',
        properties: { a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: {} } },
        additionalProperties: true,
        propertyNames: { type: 'string' },
      },
      { type: 'OBJECT', properties: { a: { type: 'OBJECT', properties: { b: { type: 'STRING' } } } } },
      [],
    ],
    [
      'says what further properties must be',
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: { type: 'integer' },
        uniqueItems: false,
      },
      {
        type: 'OBJECT',
        properties: { a: { type: 'STRING' } },
        description: '(additionalProperties: {"type":"integer"})',
      },
      ['additionalProperties'],
    ],
    [
      'inlines references, with what stands beside them',
      {
        type: 'object',
        properties: { p: { $ref: '#/$defs/point', description: 'Where.' }, q: { $ref: '#/definitions/a~1b' } },
        $defs: { point: { type: 'object', properties: { x: { type: 'integer' } }, description: 'A point.' } },
        definitions: { 'a/b': { enum: ['v'] } },
      },
      {
        type: 'OBJECT',
        properties: {
          p: { type: 'OBJECT', properties: { x: { type: 'INTEGER' } }, description: 'Where. A point.' },
          q: { type: 'STRING', enum: ['v'] },
        },
      },
      [],
    ],
    ['const is the only value', { const: 'v' }, { type: 'STRING', enum: ['v'] }, []],
    [
      'null is nullable',
      { type: ['string', 'null'], enum: ['a', null] },
      { type: 'STRING', enum: ['a'], nullable: true },
      [],
    ],
    [
      'several types are branches, each with its own values',
      { type: ['string', 'integer'], description: 'd', minimum: 0 },
      {
        description: 'd',
        anyOf: [
          { type: 'STRING', minimum: 0 },
          { type: 'INTEGER', minimum: 0 },
        ],
      },
      [],
    ],
    [
      'one branch beside null joins what stands around it',
      { anyOf: [{ type: 'object', properties: { a: { type: 'string' } } }, { type: 'null' }], description: 'd' },
      { type: 'OBJECT', properties: { a: { type: 'STRING' } }, description: 'd', nullable: true },
      [],
    ],
    [
      'oneOf is anyOf, and what stands beside it belongs to every branch',
      {
        description: 'd',
        type: 'object',
        properties: { k: { type: 'string' } },
        oneOf: [{ required: ['k'] }, { properties: { z: { type: 'boolean' } } }],
      },
      {
        description: 'd',
        anyOf: [
          { type: 'OBJECT', properties: { k: { type: 'STRING' } }, required: ['k'] },
          { type: 'OBJECT', properties: { z: { type: 'BOOLEAN' }, k: { type: 'STRING' } } },
        ],
      },
      [],
    ],
    [
      'allOf is all of them',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { type: 'string' } }, required: ['b'] },
        ],
      },
      { type: 'OBJECT', properties: { a: { type: 'STRING' }, b: { type: 'STRING' } }, required: ['a', 'b'] },
      [],
    ],
    [
      'exclusive bounds of integers move by one',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: 'INTEGER', minimum: 1, maximum: 9 },
      [],
    ],
    [
      'those of numbers are told',
      { type: 'number', exclusiveMinimum: 0, description: 'A weight.' },
      { type: 'NUMBER', description: 'A weight. (exclusiveMinimum: 0)' },
      ['exclusiveMinimum'],
    ],
    [
      'formats are kept where all models take them, and told elsewhere',
      {
        type: 'object',
        properties: {
          t: { type: 'string', format: 'date-time' },
          u: { type: 'string', format: 'uri' },
          n: { type: 'integer', format: 'int64' },
        },
      },
      {
        type: 'OBJECT',
        properties: {
          t: { type: 'STRING', format: 'date-time' },
          u: { type: 'STRING', description: '(format: uri)' },
          n: { type: 'INTEGER', format: 'int64' },
        },
      },
      ['format'],
    ],
    ['lists say what they hold', { type: 'array' }, { type: 'ARRAY', items: { type: 'STRING' } }, []],
    [
      'tuples hold any of their members',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
      {
        type: 'ARRAY',
        items: { anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }] },
        description: '(prefixItems: [{"type":"string"},{"type":"integer"}])',
      },
      ['prefixItems'],
    ],
    [
      'a type that is not said is guessed',
      { properties: { a: { items: {} }, b: { description: 'x' }, c: true, d: false } },
      {
        type: 'OBJECT',
        properties: {
          a: { type: 'ARRAY', items: { type: 'OBJECT' } },
          b: { type: 'STRING', description: 'x' },
          c: { type: 'OBJECT' },
        },
      },
      [],
    ],
    [
      'an object without properties has no empty map of them',
      { type: 'object', properties: {} },
      { type: 'OBJECT' },
      [],
    ],
    [
      'empty values are refused',
      { type: 'string', enum: ['', 'a'] },
      { type: 'STRING', enum: ['a'], description: '(enum: ["","a"])' },
      ['enum'],
    ],
    [
      'what belongs to branches is told in each',
      { type: ['string', 'integer'], description: 'd', multipleOf: 2 },
      {
        description: 'd',
        anyOf: [
          { type: 'STRING', description: '(multipleOf: 2)' },
          { type: 'INTEGER', description: '(multipleOf: 2)' },
        ],
      },
      ['multipleOf'],
    ],
    [
      'what is long, or refers to something else, is not told',
      { type: 'string', contentSchema: { $ref: '#/$defs/a' }, examples: ['x'.repeat(400)] },
      { type: 'STRING' },
      ['no contentSchema', 'no examples'],
    ],
  ])('%s', (_name, schema, wire, lost) => {
    expect(encode(schema)).toEqual({ kind: 'schema', wire, lost });
  });

  it.each<[string, JsonObject, JsonObject]>([
    [
      'recursion',
      {
        type: 'object',
        properties: { next: { $ref: '#/definitions/n' } },
        definitions: { n: { type: 'object', properties: { next: { $ref: '#/definitions/n' } }, not: {} } },
      },
      {
        type: 'object',
        properties: { next: { $ref: '#/$defs/n' } },
        $defs: { n: { type: 'object', properties: { next: { $ref: '#/$defs/n' } } } },
      },
    ],
    [
      'maps',
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'object', additionalProperties: { type: 'string' } },
    ],
    ['values that are no text', { type: 'integer', enum: [1, 2] }, { type: 'integer', enum: [1, 2] }],
    ['a number as the only value', { const: 3 }, { enum: [3] }],
    [
      'what Google does not take there',
      { type: 'integer', enum: [1, 2], default: 1, multipleOf: 1, description: 'One or two.' },
      { type: 'integer', enum: [1, 2], description: 'One or two. (default: 1, multipleOf: 1)' },
    ],
  ])('%s goes as JSON Schema', (_name, schema, wire) => {
    expect(encode(schema)).toMatchObject({ kind: 'json-schema', wire });
  });

  it('references that multiply without end go as JSON Schema, too', () => {
    const $defs: JsonObject = { d0: { type: 'string' } };
    for (let at = 1; at < 40; at++) {
      const ref = { $ref: `#/$defs/d${at - 1}` };
      $defs[`d${at}`] = { type: 'object', properties: { a: ref, b: ref } };
    }
    expect(encode({ $ref: '#/$defs/d39', $defs }).kind).toBe('json-schema');
    expect(encode({ allOf: [{ $ref: '#' }, { $ref: '#' }] }).kind).toBe('json-schema');
  });

  it('any schema is said in legal keywords and leaves its original as it was', () => {
    const legal = new Set(
      'type format title description nullable enum items minItems maxItems properties required minProperties maxProperties minLength maxLength pattern minimum maximum anyOf default'.split(
        ' ',
      ),
    );
    const check = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties, items, anyOf, ...rest } = schema as JsonObject;
      for (const key of Object.keys(rest)) expect(legal.has(key)).toBe(true);
      expect(rest.type !== undefined || anyOf !== undefined).toBe(true);
      for (const inner of Object.values((properties ?? {}) as JsonObject)) check(inner);
      check(items);
      if (Array.isArray(anyOf)) anyOf.forEach(check);
    };
    const leaf = fc.record(
      {
        type: fc.constantFrom('string', 'object', 'array', 'integer', ['string', 'null'], 'null'),
        $ref: fc.constantFrom('#', '#/properties/a', '#/nowhere', '%'),
        enum: fc.array(fc.oneof(fc.string(), fc.constant(null)), { maxLength: 2 }),
        const: fc.constantFrom('x', null),
        required: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
        not: fc.constant({}),
        exclusiveMinimum: fc.oneof(fc.integer(), fc.boolean()),
      },
      { requiredKeys: [] },
    );
    const above = (inner: fc.Arbitrary<object>): fc.Arbitrary<object> => {
      const few = fc.array(inner, { maxLength: 2 });
      const nested = fc.record(
        {
          properties: fc.dictionary(fc.constantFrom('a', 'b'), inner, { noNullPrototype: true }),
          items: fc.oneof(inner, fc.boolean(), few),
          anyOf: few,
          allOf: few,
        },
        { requiredKeys: [] },
      );
      return fc.tuple(leaf, nested).map(([own, more]) => ({ ...own, ...more }));
    };
    const keywords = above(above(above(leaf)));
    fc.assert(
      fc.property(keywords, (schema) => {
        const before = JSON.stringify(schema);
        const { kind, schema: wire } = encodeSchema(schema as JsonObject);
        if (kind === 'schema') check(wire);
        expect(JSON.stringify(schema)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});

it('reads Google’s Schema as JSON Schema, in either spelling', () => {
  expect(
    decodeSchema({
      type: 'OBJECT',
      properties: {
        a: { type: 'STRING', nullable: true, format: 'enum', enum: ['x'], max_length: '3' },
        b: { any_of: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }], nullable: true },
        some_name: { type: 'ARRAY', items: { type: 'INTEGER' }, minItems: '1', example: [1] },
      },
      property_ordering: ['a', 'b'],
      required: ['some_name'],
    }),
  ).toEqual({
    type: 'object',
    properties: {
      a: { type: ['string', 'null'], enum: ['x', null], maxLength: 3 },
      b: { anyOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'null' }] },
      some_name: { type: 'array', items: { type: 'integer' }, minItems: 1, examples: [[1]] },
    },
    required: ['some_name'],
  });
});
