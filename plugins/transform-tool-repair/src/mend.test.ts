import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@signalbox/kit';
import { ToolSchemas } from '@signalbox/kit/tool-schemas';
import fc from 'fast-check';
import { REPAIRS, type Repair } from './config.ts';
import { mend } from './mend.ts';

const schemas = new ToolSchemas({ everyMisfit: true });
const SCHEMA = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    limit: { type: 'integer' },
    ratio: { type: 'number' },
    all: { type: 'boolean' },
    edits: { type: 'array', items: { type: 'object', properties: { line: { type: 'integer' } } } },
    options: { type: 'object' },
    either: { anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] },
    maybe: { anyOf: [{ type: 'number' }, { type: 'null' }] },
  },
  required: ['path'],
  additionalProperties: false,
};

function run(raw: string, schema: JsonObject = SCHEMA, repairs: readonly Repair[] = REPAIRS) {
  const check = schemas.checkFor(schema);
  if (check === undefined) throw new Error('this schema cannot be checked');
  return mend(raw, { schema, check }, new Set(repairs));
}

describe('arguments that do not fit', () => {
  it.each<[string, Repair, string, JsonValue, string[]]>([
    [
      'trailing commas',
      'trailing-commas',
      '{"path":"a, }","edits":[{"line":1,},],}',
      { path: 'a, }', edits: [{ line: 1 }] },
      [''],
    ],
    ['all of it in a string', 'double-encoded', '"{\\"path\\":\\"a\\"}"', { path: 'a' }, ['']],
    [
      'an array in a string',
      'double-encoded',
      '{"path":"a","edits":"[{\\"line\\":1}]"}',
      { path: 'a', edits: [{ line: 1 }] },
      ['.edits'],
    ],
    ['F14 a required key with white space', 'key-whitespace', '{"path ":"a","limit":1}', { path: 'a', limit: 1 }, ['']],
    ['F14 another key with white space', 'key-whitespace', '{"path":"a"," limit\\n":1}', { path: 'a', limit: 1 }, ['']],
    ['a number in a string', 'from-text', '{"path":"a","limit":"12"}', { path: 'a', limit: 12 }, ['.limit']],
    [
      'numbers in strings, deep inside',
      'from-text',
      '{"path":"a","edits":[{"line":"1"},{"line":"-2"}]}',
      { path: 'a', edits: [{ line: 1 }, { line: -2 }] },
      ['.edits[0].line', '.edits[1].line'],
    ],
    ['a fraction in a string', 'from-text', '{"path":"a","ratio":"1.5e1"}', { path: 'a', ratio: 15 }, ['.ratio']],
    ['a truth in a string', 'from-text', '{"path":"a","all":"True"}', { path: 'a', all: true }, ['.all']],
    ['one branch of a choice', 'from-text', '{"path":"a","maybe":"2"}', { path: 'a', maybe: 2 }, ['.maybe']],
    ['an object in place of text', 'to-text', '{"path":{"b":[1]}}', { path: '{"b":[1]}' }, ['.path']],
    ['a number in place of text', 'to-text', '{"path":7}', { path: '7' }, ['.path']],
  ])('%s are mended by %s alone', (_name, repair, raw, expected, places) => {
    const outcome = run(raw, SCHEMA, [repair]);
    expect(outcome).toMatchObject({ kind: 'mended' });
    if (outcome.kind !== 'mended') return;
    expect(JSON.parse(outcome.json)).toEqual(expected);
    expect(outcome.repairs.map(({ place }) => place)).toEqual(places);
    const others = REPAIRS.filter((other) => other !== repair);
    expect(run(raw, SCHEMA, others).kind).not.toBe('mended');
  });

  it('may need several repairs', () => {
    const outcome = run('"{\\"path \\":5,\\"limit\\":\\"3\\"}"');
    expect(outcome).toMatchObject({ kind: 'mended', json: '{"path":"5","limit":3}' });
    expect(outcome.kind === 'mended' && outcome.repairs).toHaveLength(4);
  });

  it.each([
    ['a value that is missing', '{}', "must have required property 'path'"],
    ['a key that the schema does not have', '{"path":"a","other ":1}', 'must NOT have additional properties'],
    ['two keys that differ in white space', '{"path":"a","path ":"b"}', 'must NOT have additional properties'],
    ['a text that is no number', '{"path":"a","limit":"twelve"}', '/limit must be integer'],
    ['a text that is no whole number', '{"path":"a","limit":"1.5"}', '/limit must be integer'],
    ['a number that would lose its end', '{"path":"a","limit":"12345678901234567890"}', '/limit must be integer'],
    ['nothing', '{"path":null}', '/path must be string'],
    ['an object that one branch nearly takes', '{"path":"a","either":{"b":1}}', '/either must be string'],
    ['one repair where another is missing', '{"limit":"1"}', "must have required property 'path'"],
    ['no object', '[1]', 'must be object'],
  ])('are left alone: %s', (_name, raw, reason) => {
    expect(run(raw)).toEqual({ kind: 'unfit', reason });
  });

  it.each(['{"path":"a"', '{"path":"a",', '{"path', '"{\\"path\\":', "{'path':'a'}", 'path'])(
    'F11 that are no JSON are left alone: %s',
    (raw) => {
      expect(run(raw)).toEqual({ kind: 'unreadable' });
    },
  );

  it('say nothing of their contents, which keys may be, too', () => {
    expect(JSON.stringify(run('{"path":"a","limit":"my secret"}'))).not.toContain('secret');
    const names = { type: 'object', additionalProperties: { type: 'integer' } };
    expect(run('{"secret":"x"}', names)).toEqual({ kind: 'unfit', reason: '/* must be integer' });
    const mended = run('{"secret":"1"}', names);
    expect(mended.kind === 'mended' && mended.repairs).toEqual([{ place: '.*', what: 'a text became a number' }]);
  });

  it('F101 are left alone where they are nested too deep to be written again', () => {
    const deep = `{"path":${'['.repeat(20_000)}1,${']'.repeat(20_000)},}`;
    for (const raw of [deep, deep.replaceAll(',', '')]) expect(run(raw)).toEqual({ kind: 'unreadable' });
  });

  it('F101 are not pored over where nearly all of them is wrong', () => {
    const items = { anyOf: [{ type: 'string' }, { const: 5 }] };
    const started = process.cpuUsage();
    expect(run(JSON.stringify(Array(20_000).fill(7)), { type: 'array', items })).toMatchObject({ kind: 'unfit' });
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_500);
  });
});

describe('arguments that fit', () => {
  it.each(['{"path":"a"}', ' { "path" : "1" , "limit" : 1e0 } ', '{"path":"{\\"a\\":1}"}', '{"path":"true"}'])(
    'are never touched: %s',
    (raw) => {
      expect(run(raw)).toEqual({ kind: 'fits' });
    },
  );

  it('any value of any shape, under a schema that takes it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(run(JSON.stringify(value), {})).toEqual({ kind: 'fits' });
      }),
    );
  });

  it('no arguments for a tool that wants none', () => {
    expect(run('', { type: 'object', properties: {} })).toEqual({ kind: 'fits' });
    expect(run('')).toMatchObject({ kind: 'unfit' });
  });
});

it('mends what a careless model does to numbers, truths and structures, and gets them back', () => {
  const schema = {
    type: 'object',
    properties: {
      n: { type: 'integer' },
      b: { type: 'boolean' },
      l: { type: 'array', items: { type: 'string' } },
    },
    required: ['n', 'b', 'l'],
  };
  const values = fc.record({ n: fc.maxSafeInteger(), b: fc.boolean(), l: fc.array(fc.string()) });
  fc.assert(
    fc.property(values, ({ n, b, l }) => {
      const careless = JSON.stringify({ n: String(n), b: String(b), l: JSON.stringify(l) });
      const outcome = run(careless, schema);
      expect(outcome.kind === 'mended' && JSON.parse(outcome.json)).toEqual({ n: Object.is(n, -0) ? 0 : n, b, l });
    }),
  );
});
