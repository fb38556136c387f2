import { describe, expect, it } from '@jest/globals';
import { describedSchema } from './described-schema.ts';

describe('describedSchema', () => {
  const schema = { type: 'object' };
  const described = (description: string | undefined, own?: string) =>
    describedSchema({
      type: 'json-schema',
      schema: own === undefined ? schema : { ...schema, description: own },
      ...(description === undefined ? {} : { description }),
    }).description;

  it('says what the client says about its schema, and what the schema says itself', () => {
    expect(described('A cat.')).toBe('A cat.');
    expect(described('A cat.', 'Furry.')).toBe('A cat.\n\nFurry.');
    expect(described('A cat.', 'A cat.')).toBe('A cat.');
    expect(described(undefined, 'Furry.')).toBe('Furry.');
  });

  it('is the very schema where there is nothing to say', () => {
    expect(describedSchema({ type: 'json-schema', schema })).toBe(schema);
  });
});
