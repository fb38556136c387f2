import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { narrowSchema } from './tool-schema.ts';

const property = (schema: JsonObject, root: JsonObject = {}) =>
  (narrowSchema({ ...root, type: 'object', properties: { x: schema } }).schema.properties as JsonObject).x;
const loosened = (schema: JsonObject) => [...narrowSchema(schema).loosened].sort();

describe('a tool’s schema', () => {
  it('is the same object where Ollama reads all of it', () => {
    const schema: JsonObject = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { a: { type: ['string', 'null'], enum: ['b'] }, c: { type: 'array', items: { type: 'integer' } } },
      required: ['a'],
      additionalProperties: false,
    };
    expect(narrowSchema(schema).schema).toBe(schema);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['oneOf', { oneOf: [{ type: 'string' }, { const: 1 }] }, { anyOf: [{ type: 'string' }, { enum: [1] }] }],
    [
      'allOf',
      {
        allOf: [
          { type: 'object', properties: { a: {} }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: {}, b: {} }, required: ['a', 'b'] },
    ],
    [
      'constraints',
      { type: 'string', description: 'A day.', format: 'date', minLength: 10, default: 'today' },
      { type: 'string', description: 'A day. (format: date, minLength: 10, default: today)' },
    ],
    ['items', { type: 'array', items: { const: 1 } }, { type: 'array', items: { enum: [1] } }],
    ['a schema that is true', { type: 'array', items: true }, { type: 'array', items: {} }],
  ])('F81 has %s in other words', (_name, schema, expected) => {
    expect(property(schema)).toEqual(expected);
  });

  it('F81 has its references written out, and what refers to itself open', () => {
    const $defs: JsonObject = {
      Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, at: { $ref: '#/$defs/Point' } } },
      Point: { type: 'string', description: 'x,y' },
    };
    expect(property({ $ref: '#/$defs/Node', description: 'A node' }, { $defs })).toEqual({
      type: 'object',
      description: 'A node',
      properties: { next: {}, at: { type: 'string', description: 'x,y' } },
    });
  });

  it('F81 has the properties of all variants of its root', () => {
    const schema: JsonObject = {
      anyOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] },
      ],
    };
    expect(loosened(schema)).toEqual(['anyOf']);
    expect(narrowSchema(schema).schema).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
    });
  });

  it('is the same when it is narrowed again', () => {
    const { schema } = narrowSchema({
      type: 'object',
      properties: { x: { type: 'string', pattern: 'a+', const: 'a' } },
    });
    expect(narrowSchema(schema).schema).toBe(schema);
  });

  it('F81 tells what holds no longer from what is only said in other words', () => {
    const object = (x: JsonObject): JsonObject => ({ type: 'object', properties: { x } });
    expect(loosened(object({ type: 'string', format: 'uri', default: 'a', const: 'a' }))).toEqual([]);
    expect(loosened(object({ oneOf: [{ type: 'string' }, { $ref: '#/$defs/a' }] }))).toEqual(['$ref']);
    expect(loosened({ ...object({ $ref: '#/$defs/a' }), $defs: { a: { type: 'string' } } })).toEqual([]);
    expect(loosened({ ...object({ $ref: '#/$defs/a' }), $defs: { a: object({ $ref: '#/$defs/a' }) } })).toEqual([
      '$ref',
    ]);
    expect(loosened(object({ type: 'string', minLength: 1, pattern: 'x' }))).toEqual(['minLength', 'pattern']);
    expect(loosened(object({ type: 'string', examples: ['x'.repeat(1_000)] }))).toEqual(['examples']);
  });

  it('F81 says what the values of a map are', () => {
    const map = (additionalProperties: JsonObject | boolean): JsonObject => ({ type: 'object', additionalProperties });
    expect(property(map({ type: 'integer' }))).toEqual({
      type: 'object',
      description: '(additionalProperties: {"type":"integer"})',
    });
    const plain: JsonObject = { type: 'object', properties: { a: map(true), b: map(false), c: map({}) } };
    expect(narrowSchema(plain).schema).toBe(plain);
  });

  it('does not explode where references multiply, in depth or in width', () => {
    const $defs: JsonObject = { L0: { type: 'string' } };
    for (let level = 1; level <= 20; level++) {
      const below = { $ref: `#/$defs/L${level - 1}` };
      $defs[`L${level}`] = { type: 'object', properties: { a: below, b: below, c: below } };
    }
    expect(JSON.stringify(property({ $ref: '#/$defs/L20' }, { $defs })).length).toBeLessThan(2_000_000);
    const many = (count: number, part: JsonObject): JsonObject => ({
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, part])),
    });
    const wide = property(many(500, { $ref: '#/$defs/Big' }), { $defs: { Big: many(2_000, { type: 'string' }) } });
    expect(JSON.stringify(wide).length).toBeLessThan(2_000_000);
  });
});
