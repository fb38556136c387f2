import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/spec';
import type { StrictRules } from './rules.ts';
import { type StrictSchema, strictSchema } from './strict-schema.ts';

const PLAIN: StrictRules = {
  takes: (keyword) => keyword === 'pattern',
  recursion: false,
  allRequired: false,
  typedValues: false,
};
const FULL: StrictRules = { ...PLAIN, recursion: true, allRequired: true, typedValues: true };
const string = { type: 'string' };

function said(schema: JsonObject, rules: StrictRules = PLAIN, root: 'object' | 'any' = 'any'): StrictSchema {
  const before = JSON.stringify(schema);
  const strict = strictSchema(schema, rules, root);
  expect(JSON.stringify(schema)).toBe(before);
  if (typeof strict === 'string') throw new Error(strict);
  return strict;
}
const out = (schema: JsonObject, rules: StrictRules = PLAIN) => said(schema, rules).schema;

describe('a strict schema', () => {
  it('is the very same where it is strict already', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string', pattern: '^a' }, b: { $ref: '#/$defs/B' } },
      required: ['b'],
      additionalProperties: false,
      $defs: { B: { anyOf: [{ type: 'null' }, { type: 'array', items: { enum: ['x', 1] } }] } },
    };
    expect(said(schema)).toMatchObject({ changes: { any: false }, size: { optional: 1, unions: 1, depth: 1 } });
    expect(out(schema)).toBe(schema);
  });

  it('closes objects that say nothing of further properties, and notes where others were open', () => {
    const open = { type: 'object', properties: { a: { type: 'object', properties: { b: string } } } };
    expect(said(open)).toMatchObject({
      schema: {
        additionalProperties: false,
        properties: { a: { type: 'object', properties: { b: string }, additionalProperties: false } },
      },
      changes: { closed: true, shut: false },
    });
    expect(said({ ...open, additionalProperties: true }).changes).toMatchObject({ shut: true });
  });

  it('tells what there is no keyword for, and says what it cannot even tell', () => {
    const { schema, changes } = said({
      type: 'object',
      properties: {
        a: { type: 'string', minLength: 2, maximum: 7, format: 'date', pattern: '^a', description: 'A.' },
        b: { type: 'integer', minimum: 1, not: { const: 3 }, enum: [{}, 1] },
        c: { type: 'array', items: string, minItems: 0, uniqueItems: false, contains: { $ref: '#/$defs/x' } },
      },
      additionalProperties: false,
    });
    expect(schema.properties).toEqual({
      a: { type: 'string', pattern: '^a', description: 'A. (minLength: 2, format: date)' },
      b: { type: 'integer', description: '(enum: [{},1], minimum: 1, not: {"const":3})' },
      c: { type: 'array', items: string },
    });
    expect(changes).toMatchObject({ told: ['enum', 'format', 'minLength', 'minimum', 'not'], lost: ['contains'] });
  });

  it('takes oneOf as anyOf, and gives each branch what stands beside it', () => {
    expect(out({ oneOf: [string, { type: 'null' }], description: 'd', default: null })).toEqual({
      anyOf: [string, { type: 'null' }],
      description: 'd (default: null)',
    });
    const either = { anyOf: [{ required: ['a'] }, { required: ['b'] }] };
    const branch = { type: 'object', properties: { a: string, b: string }, additionalProperties: false };
    expect(out({ ...branch, ...either })).toEqual({
      anyOf: [
        { ...branch, required: ['a'] },
        { ...branch, required: ['b'] },
      ],
    });
    expect(out({ anyOf: [{ $ref: '#/$defs/s' }], description: 'd', $defs: { s: string } })).toEqual({
      $ref: '#/$defs/s',
      $defs: { s: { type: 'string', description: 'd' } },
    });
  });

  it('puts the parts of allOf together, also what two say about one property', () => {
    const base = { type: 'object', properties: { id: string }, required: ['id'] };
    const more = { properties: { id: { pattern: '^x' }, n: { type: 'integer' } }, required: ['n'] };
    expect(out({ allOf: [{ $ref: '#/$defs/base' }, more], $defs: { base } })).toEqual({
      type: 'object',
      properties: { id: { type: 'string', pattern: '^x' }, n: { type: 'integer' } },
      required: ['id', 'n'],
      additionalProperties: false,
    });
    expect(said({ allOf: [{ type: 'string', pattern: 'a' }, { pattern: 'b' }] }).changes.lost).toEqual(['pattern']);
    expect(strictSchema({ allOf: [{ enum: ['a'] }, { enum: ['b'] }] }, PLAIN, 'any')).toMatch(/no value/);
  });

  it('keeps references, with what stands beside them as another definition', () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/definitions/s' }, b: { allOf: [{ $ref: '#/definitions/s' }], description: 'B' } },
      definitions: { s: { type: 'string', description: 'S' } },
    };
    expect(out(schema)).toMatchObject({
      properties: { a: { $ref: '#/$defs/s' }, b: { $ref: '#/$defs/s_2' } },
      $defs: { s: { type: 'string', description: 'S' }, s_2: { type: 'string', description: 'S B' } },
    });
  });

  it('says what is lost where one part takes nothing of what another has', () => {
    const closed = { type: 'object', properties: { a: string }, additionalProperties: false };
    const all = (more: JsonObject) => said({ allOf: [closed, { properties: more }] }).changes.lost;
    expect(all({ b: string })).toEqual(['additionalProperties']);
    expect(all({ a: { minLength: 1 } })).toEqual([]);
  });

  it('recurses where that is allowed, and nowhere else', () => {
    const node = { type: 'object', properties: { next: { $ref: '#', description: 'n' } } };
    expect(strictSchema(node, PLAIN, 'any')).toBe('it refers to itself');
    expect(out(node, FULL)).toMatchObject({
      properties: { next: { anyOf: [{ $ref: '#/$defs/root' }, { type: 'null' }] } },
      $defs: { root: { properties: { next: { anyOf: [{ $ref: '#/$defs/root' }, { type: 'null' }] } } } },
    });
    for (const circle of [{ $ref: '#' }, { allOf: [{ $ref: '#' }] }, { anyOf: [{ allOf: [{ $ref: '#' }, string] }] }]) {
      expect(typeof strictSchema(circle, PLAIN, 'any')).toBe('string');
      expect(typeof strictSchema(circle, FULL, 'any')).toBe('string');
    }
  });

  it.each([
    [{ type: 'object' }],
    [{ type: 'object', additionalProperties: string }],
    [{ type: 'object', properties: {}, additionalProperties: true }],
    [{ type: 'object', properties: { a: string }, patternProperties: { '^x': string } }],
    [{ type: 'object', properties: { a: {} } }],
    [{ type: 'object', properties: { a: { description: 'anything' } } }],
    [{ type: 'object', properties: { a: string }, required: ['b'] }],
    [{ type: 'array' }],
    [{ type: 'array', items: true }],
    [{ $ref: 'https://example.com/schema' }],
    [{ $ref: '#/$defs/none' }],
    [{ type: 'string', enum: [1] }],
    [{ allOf: [{ const: 'x' }, { enum: ['y', 'z'] }] }],
    [{ anyOf: [false] }],
    [{ type: 'file' }],
  ])('cannot say %j', (schema) => {
    expect(typeof strictSchema(schema as JsonObject, PLAIN, 'any')).toBe('string');
  });

  it('wants an object at the root where it must be one', () => {
    const closed = { type: 'object', properties: {}, additionalProperties: false };
    expect(strictSchema({ anyOf: [closed, closed] }, PLAIN, 'object')).toBe('its root is no object');
    expect(strictSchema(string, PLAIN, 'object')).toBe('its root is no object');
    expect(said(closed, PLAIN, 'object').schema).toBe(closed);
  });

  it('splits types with objects or lists in them, and keeps listed values to their type', () => {
    expect(out({ type: ['object', 'null', 'string'], properties: { a: string }, pattern: 'x' })).toEqual({
      anyOf: [
        { type: 'object', properties: { a: string }, additionalProperties: false },
        { type: 'null' },
        { type: 'string', pattern: 'x' },
      ],
    });
    const values = { type: ['string', 'null'], enum: ['a', null, 7] };
    expect(out(values)).toEqual({ enum: ['a', null] });
    expect(out(values, FULL)).toEqual({ type: ['string', 'null'], enum: ['a', null] });
    expect(out({ const: 1.5 }, FULL)).toEqual({ type: 'number', const: 1.5 });
    expect(out({ enum: [1, 2.5, 'a'] }, FULL)).toEqual({ type: ['number', 'string'], enum: [1, 2.5, 'a'] });
  });

  it('says of tuples what a value may be, and tells the order', () => {
    expect(out({ type: 'array', prefixItems: [string, { type: 'number' }], items: false })).toEqual({
      type: 'array',
      items: { anyOf: [string, { type: 'number' }] },
      description: '(prefixItems: [{"type":"string"},{"type":"number"}])',
    });
  });

  it('requires all properties where it must: what may be left out may be null, if it is not so already', () => {
    const { schema, nulls, changes } = said(
      {
        type: 'object',
        properties: {
          a: string,
          b: { enum: ['x'] },
          c: { anyOf: [{ type: 'integer' }, string] },
          d: { type: ['string', 'null'] },
          e: { $ref: '#/$defs/e' },
          f: { type: 'null' },
          gone: false,
        },
        required: ['a', 'f'],
        $defs: { e: { anyOf: [{ type: 'null' }, string] } },
      },
      FULL,
    );
    expect(schema).toMatchObject({
      properties: {
        a: string,
        b: { anyOf: [{ type: 'string', enum: ['x'] }, { type: 'null' }] },
        c: { anyOf: [{ type: 'integer' }, string, { type: 'null' }] },
        d: { type: ['string', 'null'] },
        e: { $ref: '#/$defs/e' },
      },
      required: ['a', 'b', 'c', 'd', 'e', 'f'],
    });
    expect(schema.properties).not.toHaveProperty('gone');
    expect(changes.nulls).toBe(true);
    expect([...(nulls?.added ?? [])]).toEqual(['b', 'c']);
  });

  it('adds no nulls where they could be taken for values', () => {
    const may = { type: 'object', properties: { a: string } };
    const is = { type: 'object', properties: { a: { type: 'null' } }, required: ['a'] };
    const list = (items: JsonObject) => ({ type: 'array', items });
    for (const one of [{ anyOf: [may, is] }, { anyOf: [list(may), list({ $ref: '#/$defs/is' })] }]) {
      const schema = { type: 'object', properties: { one }, required: ['one'], $defs: { is } };
      expect(strictSchema(schema, FULL, 'object')).toMatch(/null could be a value/);
      expect(typeof strictSchema(schema, PLAIN, 'object')).toBe('object');
    }
  });

  it('does not hang on, nor blow up, what multiplies', () => {
    const defs: JsonObject = {};
    for (let at = 0; at < 100; at++) {
      const next = { $ref: `#/$defs/d${at + 1}` };
      defs[`d${at}`] = { allOf: [next, { properties: { [`p${at}`]: { allOf: [next, next] } } }] };
    }
    const started = process.cpuUsage();
    defs.d100 = string;
    expect(typeof strictSchema({ $ref: '#/$defs/d0', $defs: defs }, FULL, 'any')).toBe('string');
    let deep: JsonObject = string;
    for (let at = 0; at < 5_000; at++) deep = { type: 'array', items: deep };
    expect(strictSchema(deep, FULL, 'any')).toBe('it is too large');
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`p${at}`, string]));
    expect(strictSchema({ type: 'object', properties: wide }, FULL, 'any')).toBe('it is too large');
    const ways: JsonObject = { w60: string };
    for (let at = 0; at < 60; at++) {
      const next = { $ref: `#/$defs/w${at + 1}` };
      ways[`w${at}`] = { anyOf: [next, next] };
    }
    const maybe = { type: 'object', properties: { a: { $ref: '#/$defs/w0' } }, $defs: ways };
    expect(typeof strictSchema(maybe, FULL, 'object')).toBe('object');
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });

  it.each([
    ['descriptions', { type: 'string', description: 'x'.repeat(20_000) }],
    ['patterns', { type: 'string', pattern: 'x'.repeat(20_000) }],
    ['lists of values', { enum: Array.from({ length: 4_000 }, (_, value) => value) }],
  ])('does not say long %s again and again', (_, long) => {
    const of = (count: number) => {
      const all = Array.from({ length: count }, (_, at) => [`p${at}`, { $ref: '#/$defs/long', description: `${at}` }]);
      return strictSchema({ type: 'object', properties: Object.fromEntries(all), $defs: { long } }, FULL, 'object');
    };
    expect(typeof of(5)).toBe('object');
    expect(of(200)).toBe('it is too large');
  });
});
