import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { anthropicRefusals } from './anthropic.ts';
import { geminiJsonRefusals, geminiRefusals } from './gemini.ts';
import { openaiRefusals } from './openai.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const text = { type: 'string' };
const loop = object({ next: { anyOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] } });
const recursive = { ...loop, $defs: { n: loop } };

describe('what providers refuse', () => {
  it.each<[string, JsonObject, string[]]>([
    ['a closed object', object({ a: text }), []],
    ['an open object', { type: 'object', properties: { a: text } }, ['anthropic', 'openai']],
    ['an optional property', object({ a: text }, { required: [] }), ['openai']],
    ['a bound', object({ a: { type: 'integer', minimum: 1 } }), ['anthropic']],
    ['a length', object({ a: { type: 'string', minLength: 1 } }), ['anthropic', 'openai', 'gemini json']],
    ['a URI', object({ a: { type: 'string', format: 'uri' } }), ['openai']],
    ['oneOf', object({ a: { oneOf: [text, { type: 'null' }] } }), ['anthropic', 'openai']],
    ['recursion', recursive, ['anthropic']],
    ['a reference into nowhere', object({ a: { $ref: '#/$defs/a' } }), ['anthropic', 'openai', 'gemini json']],
    ['no type', object({ a: {} }), ['anthropic', 'openai']],
    [
      '17 unions',
      object(Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`p${at}`, { type: ['string', 'null'] }]))),
      ['anthropic'],
    ],
  ])('%s', (_name, schema, refusing) => {
    const found = {
      anthropic: anthropicRefusals([schema]),
      openai: openaiRefusals(schema),
      'gemini json': geminiJsonRefusals(schema),
    };
    expect(Object.entries(found).flatMap(([name, problems]) => (problems.length > 0 ? [name] : []))).toEqual(refusing);
  });

  it('Gemini’s own words are fewer', () => {
    expect(geminiRefusals({ type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } })).toEqual([]);
    for (const schema of [
      object({ a: text }),
      { $ref: '#' },
      { type: ['STRING', 'NULL'] },
      { type: 'STRING', enum: [''] },
      { type: 'ARRAY' },
    ]) {
      expect(geminiRefusals(schema)).not.toEqual([]);
    }
  });
});
