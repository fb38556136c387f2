import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { schemaExample } from './schema-example.ts';

describe('schemaExample', () => {
  it.each<[JsonObject, unknown]>([
    [{ type: 'object', properties: { a: { type: 'string' }, b: { type: 'null' } }, required: ['b'] }, { b: null }],
    [{ type: 'object' }, {}],
    [{ properties: { a: { const: 4 } }, required: ['a'] }, { a: 4 }],
    [{ enum: ['x', 'y'] }, 'x'],
    [{ type: 'boolean' }, false],
    [{ type: 'array', items: { type: 'boolean' } }, []],
    [{ type: 'array', items: { type: 'boolean' }, minItems: 2 }, [false, false]],
    [{ type: 'integer' }, 1],
    [{ type: 'integer', minimum: 5 }, 5],
    [{ type: 'integer', exclusiveMinimum: 5 }, 6],
    [{ type: 'integer', maximum: -2 }, -2],
    [{ type: 'integer', minimum: 5, multipleOf: 4 }, 8],
    [{ type: 'number', exclusiveMinimum: 1, maximum: 1.5 }, 1.25],
    [{ type: 'string', format: 'date' }, '2026-01-01'],
    [{ type: 'string', maxLength: 3 }, 'Sig'],
    [{ type: ['null', 'string'] }, null],
    [{ anyOf: [{ type: 'boolean' }, { type: 'string' }] }, false],
    [{ type: 'string', default: 'd' }, 'd'],
    [
      { allOf: [{ type: 'object', properties: { a: { type: 'null' } }, required: ['a'] }, { required: [] }] },
      { a: null },
    ],
    [{ $ref: '#/$defs/n', $defs: { n: { type: 'boolean' } } }, false],
  ])('%j is answered with %j', (schema, expected) => {
    expect(schemaExample(schema)).toEqual(expected);
  });

  it('fills up to a least length', () => {
    expect(schemaExample({ type: 'string', minLength: 40 })).toHaveLength(40);
  });

  it('ends on a schema that contains itself', () => {
    const schema = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
    expect(JSON.stringify(schemaExample(schema)).length).toBeLessThan(1_000);
  });

  it('asks for strings by property', () => {
    const schema = { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] };
    expect(schemaExample(schema, (property) => `for ${property}`)).toEqual({ url: 'for url' });
  });

  it('takes whatever a client sends for a schema', () => {
    const unprintable = { toString: 1, valueOf: null };
    const odd = ['constructor', '__proto__', 'toString'];
    for (const schema of [
      { format: unprintable },
      ...odd.map((format) => ({ type: 'string', format })),
      { type: unprintable, required: 7, properties: 'x' },
      { type: 'object', required: odd, properties: {} },
      { $ref: '#/%' },
      { $ref: '#/constructor' },
      { allOf: [{ required: 7 }, { required: { a: 1 } }, { properties: 'x' }] },
    ] as unknown as JsonObject[]) {
      expect(() => JSON.stringify(schemaExample(schema))).not.toThrow();
    }
    expect(JSON.stringify(schemaExample({ type: 'object', required: odd, properties: {} }))).toContain('"__proto__":');
  });

  it('does not grow with what refers to itself many times', () => {
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    const self = { $ref: '#' };
    const wide = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, self])), required: names };
    expect(JSON.stringify(schemaExample(wide)).length).toBeLessThan(200_000);
    let deep: JsonObject = { type: 'string', minLength: 1e9 };
    for (let level = 0; level < 10; level++) deep = { type: 'array', minItems: 1e9, items: deep };
    expect(JSON.stringify(schemaExample(deep)).length).toBeLessThan(200_000);
  });
});
