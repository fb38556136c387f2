import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@signalbox/spec';
import { describeMisfit } from './misfit.ts';
import { ToolSchemas } from './tool-schemas.ts';

const checker = new ToolSchemas();

/** A few lines that would be checked 2ⁿ times. */
function doubling(levels: number): JsonObject {
  const $defs: JsonObject = { d0: { type: 'string' } };
  for (let level = 1; level <= levels; level++) {
    const below = { $ref: `#/$defs/d${level - 1}` };
    $defs[`d${level}`] = { allOf: [below, below] };
  }
  return { $defs, $ref: `#/$defs/d${levels}` };
}

describe('schemas', () => {
  const ok = (schema: JsonObject, value: JsonValue) => checker.checkFor(schema)?.(value) === undefined;

  it('of both generations are understood, with and without saying so', () => {
    const tuple = { type: 'array', items: [{ type: 'string' }], additionalItems: false };
    const prefix = { type: 'array', prefixItems: [{ type: 'string' }], items: false };
    for (const schema of [tuple, prefix]) {
      expect([ok(schema, ['a']), ok(schema, ['a', 'b']), ok(schema, [1])]).toEqual([true, false, false]);
    }
    for (const $schema of ['https://json-schema.org/draft/2020-12/schema', 'http://json-schema.org/draft-07/schema#']) {
      expect(ok({ $schema, type: 'object', required: ['a'] }, {})).toBe(false);
    }
    expect(ok({ $defs: { s: { type: 'string' } }, $ref: '#/$defs/s' }, 1)).toBe(false);
    expect([ok(doubling(4), 'x'), ok(doubling(4), 1)]).toEqual([true, false]);
  });

  it('with the same id do not get in each other’s way', () => {
    const ids = [{ type: 'string' }, { type: 'number' }].map((rest) => ({ $id: 'https://tools.example/t', ...rest }));
    expect(ids.map((schema) => ok(schema, 1))).toEqual([false, true]);
  });

  it.each([
    ['refers to another place', { $ref: 'https://elsewhere.example/schema' }],
    ['makes no sense', { type: 'objekt' }],
    ['names properties by patterns', { patternProperties: { '^(a+)+$': { type: 'string' } } }],
    ['is recursive', { $defs: { t: { items: { $ref: '#/$defs/t' } } }, $ref: '#/$defs/t' }],
    ['is its own', { allOf: [{ $ref: '#' }] }],
    [
      'hides behind a harmless name',
      { ...doubling(40), $ref: undefined, properties: { definitions: { $ref: '#/$defs/d40' } } },
    ],
    ['doubles at each of its references', doubling(40)],
    ['moves its references', { $id: 'https://a.example', $ref: '#/$defs/a', $defs: { a: {} } }],
    ['is endless', { enum: ['x'.repeat(100_001)] }],
  ])('one that %s is not checked', (_why, schema) => {
    expect(checker.checkFor(schema as JsonObject)).toBeUndefined();
  });

  it('F101 no regular expression of a client is run', () => {
    const started = process.cpuUsage();
    expect(ok({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`)).toBe(true);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });

  it('F101 a list is not compared with itself', () => {
    const list = Array.from({ length: 20_000 }, (_, at) => ({ at: [at] }));
    const started = process.cpuUsage();
    expect(ok({ type: 'array', uniqueItems: true }, [...list, ...list])).toBe(true);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });

  it('F101 a value that would take too long is not checked', () => {
    const branches = Array.from({ length: 1_000 }, (_, at) => ({ const: at }));
    const schema = { type: 'array', items: { anyOf: branches } };
    expect(ok(schema, ['x'])).toBe(false);
    const started = process.cpuUsage();
    expect(ok(schema, Array(100_000).fill('x'))).toBe(true);
    expect(ok(schema, [Array(100_000).fill('x')])).toBe(true);
    expect(ok(schema, ['x'.repeat(1_000_000)])).toBe(true);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
    // One long text under a plain schema is no work.
    expect(ok({ type: 'object', properties: { text: { type: 'number' } } }, { text: 'x'.repeat(1_000_000) })).toBe(
      false,
    );
  });

  it('F101 a long key counts as much as a long text', () => {
    const schema = { propertyNames: { allOf: Array(500).fill({ maxLength: 9 }) } };
    expect(ok(schema, { ['x'.repeat(10)]: 1 })).toBe(false);
    expect(ok(schema, { ['x'.repeat(1_000_000)]: 1 })).toBe(true);
  });

  it('F101 one whose check would be a promise is not checked', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      expect(ok({ $async: true, required: ['a'] }, {})).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
    expect(ok({ properties: { $async: { type: 'string' } } }, { $async: 1 })).toBe(false);
  });

  it.each<[string, (at: number) => JsonObject]>([
    ['choices', (at) => ({ oneOf: [{ required: [`k${at}`] }, {}] })],
    ['properties', (at) => ({ properties: { [`k${at}`]: {} } })],
  ])('F101 one of very many %s does not take long to compile', (_what, part) => {
    const schema = { allOf: Array.from({ length: 2_000 }, (_, at) => part(at)), unevaluatedProperties: false };
    const started = process.cpuUsage();
    expect(ok(schema, { z: 1 })).toBe(true);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });

  it('F101 keys that need very many others do not take long to compile', () => {
    const schema = { required: ['b'], dependentRequired: { a: Array.from({ length: 1_900 }, (_, at) => `k${at}`) } };
    const started = process.cpuUsage();
    expect(ok(schema, { a: 1 })).toBe(false);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_000);
  });

  it('are kept compiled, as long as there is room for them', () => {
    const few = new ToolSchemas();
    const schema = (at: number): JsonObject => ({ type: 'object', description: 'x'.repeat(90_000), title: String(at) });
    const first = few.checkFor(schema(0));
    expect(first).toBeDefined();
    expect(few.checkFor(schema(0))).toBe(first);
    for (let at = 1; at <= 11; at++) expect(few.checkFor(schema(at))).toBeDefined();
    expect(few.checkFor(schema(11))).toBe(few.checkFor(schema(11)));
    expect(few.checkFor(schema(0))).not.toBe(first);
  });
});

describe('what is wrong', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: {
      limit: { type: 'integer' },
      edits: { type: 'array', items: { type: 'object', properties: { line: { type: 'integer' } } } },
      either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      env: { type: 'object', additionalProperties: { type: 'string' } },
      a: { type: 'string', enum: ['x'] },
    },
    required: ['limit'],
    additionalProperties: false,
  };
  const said = (value: JsonValue): readonly string[] =>
    (checker.checkFor(schema)?.(value) ?? []).map((misfit) => describeMisfit(misfit, schema));

  it.each<[JsonValue, string]>([
    [{ limit: 'x' }, '/limit must be integer'],
    [{}, "must have required property 'limit'"],
    [[], 'must be object'],
    [{ limit: 1, edits: [{}, { line: 'x' }] }, '/edits/1/line must be integer'],
    [{ limit: 1, secret: 1 }, 'must NOT have additional properties'],
    [{ limit: 1, env: { secret: 1 } }, '/env/* must be string'],
    [{ limit: 1, a: 'secret' }, '/a must be equal to one of the allowed values'],
    [{ limit: 1, either: 5 }, '/either must match a schema in anyOf'],
  ])('with %j is told by its place in the schema', (value, expected) => {
    expect(said(value).at(-1)).toBe(expected);
    expect(said(value).join()).not.toContain('secret');
  });

  it('is told short', () => {
    const long = { required: ['x'.repeat(5_000)] };
    expect((checker.checkFor(long)?.({}) ?? []).map((misfit) => describeMisfit(misfit, long).length)).toEqual([200]);
  });

  it('is one thing, or all of them with the schema around each', () => {
    const value = { limit: 'x', edits: 1 };
    expect(checker.checkFor(schema)?.(value)).toHaveLength(1);
    const all = new ToolSchemas({ everyMisfit: true }).checkFor(schema)?.(value) ?? [];
    expect(all.map(({ parentSchema }) => parentSchema)).toEqual([
      schema.properties && (schema.properties as JsonObject).limit,
      schema.properties && (schema.properties as JsonObject).edits,
    ]);
  });
});
