import { describe, expect, it } from '@jest/globals';
import { canBeTold, isAnnotation, withWords } from './schema-words.ts';

describe('a schema in words', () => {
  it('says keywords behind what the description says', () => {
    const keywords = { format: 'date', minLength: 10, enum: ['a', null] };
    const words = '(format: date, minLength: 10, enum: ["a",null])';
    expect(withWords({ type: 'string', description: 'A day.' }, keywords)).toEqual({
      type: 'string',
      description: `A day. ${words}`,
    });
    expect(withWords({ type: 'string' }, keywords)).toEqual({ type: 'string', description: words });
  });

  it('is the same object where there is nothing to say', () => {
    const schema = { type: 'string' };
    expect(withWords(schema, {})).toBe(schema);
  });

  it('cannot say what is long, or stands elsewhere', () => {
    expect(canBeTold('default', 'x'.repeat(200))).toBe(true);
    expect(canBeTold('default', 'x'.repeat(400))).toBe(false);
    expect(canBeTold('contains', { items: [{ $ref: '#/$defs/a' }] })).toBe(false);
  });

  it('knows what only informs', () => {
    expect(['format', 'default', 'examples'].every(isAnnotation)).toBe(true);
    expect(['pattern', 'const', 'not', '$ref', 'constructor'].some(isAnnotation)).toBe(false);
  });
});
