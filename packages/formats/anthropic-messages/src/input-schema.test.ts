import { describe, expect, it } from '@jest/globals';
import { encodeInputSchema } from './input-schema.ts';

const string = { type: 'string' };
const number = { type: 'number' };

describe('encodeInputSchema', () => {
  it('leaves an object schema alone, the same object', () => {
    const schema = { type: 'object', properties: { a: { anyOf: [string, number] } } };
    expect(encodeInputSchema(schema).schema).toBe(schema);
    expect(encodeInputSchema(schema).change).toBeUndefined();
  });

  it.each(['anyOf', 'oneOf'])('F66 merges %s at the root; only what all variants require stays required', (key) => {
    const variants = [
      { type: 'object', properties: { a: string, b: string }, required: ['a', 'b'] },
      { type: 'object', properties: { a: number, c: number }, required: ['a'] },
    ];
    const { schema, change } = encodeInputSchema({ [key]: variants, description: 'd', $defs: { x: string } });
    expect(schema).toEqual({
      type: 'object',
      properties: { a: string, b: string, c: number },
      required: ['a'],
      description: 'd',
      $defs: { x: string },
    });
    expect(change).toBeDefined();
  });

  it('F66 merges allOf with what stands beside it; everything required stays so', () => {
    const { schema } = encodeInputSchema({
      type: 'object',
      properties: { a: string },
      required: ['a'],
      allOf: [{ properties: { b: number }, required: ['b'] }],
    });
    expect(schema).toEqual({ type: 'object', properties: { a: string, b: number }, required: ['a', 'b'] });
  });

  it('makes the root an object', () => {
    expect(encodeInputSchema({}).schema).toEqual({ type: 'object', properties: {} });
    expect(encodeInputSchema({ properties: { a: string } }).schema).toEqual({
      type: 'object',
      properties: { a: string },
    });
  });
});
