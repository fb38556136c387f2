import { describe, expect, it } from '@jest/globals';
import { Type } from '@signalbox/kit';
import { validate } from './validate.ts';

const target = Type.String({ minLength: 3 });
const scenario = Type.Object(
  { target, thresholdTokens: Type.Optional(Type.Integer({ minimum: 1 })) },
  { additionalProperties: false },
);
const schema = Type.Object({
  long: Type.Optional(Type.Union([target, scenario])),
  to: Type.Optional(Type.Union([target, Type.Array(target, { minItems: 1 }), Type.Array(scenario, { minItems: 1 })])),
});
const said = (value: object) => validate(schema, value).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('what does not fit into a union', () => {
  it('is told of the branch that is for such a value', () => {
    expect(said({ long: { target: 'a/x', thresholdTokns: 5 } })).toEqual([
      'long.thresholdTokns: unknown key. Did you mean "thresholdTokens"?',
    ]);
    expect(said({ long: { target: 'a/x', thresholdTokens: 'many' } })).toEqual([
      'long.thresholdTokens: must be an integer, not this string',
    ]);
    expect(said({ long: 'a' })).toEqual(['long: must NOT have fewer than 3 characters']);
  });

  it('is told of all branches where none is for such a value', () => {
    expect(said({ long: 5 })).toEqual(['long: must be a string, not 5', 'long: must be an object, not 5']);
  });

  it('is told of all that are for such a value', () => {
    expect(said({ to: [{ target: 'a/x', thresholdTokns: 5 }] })).toEqual([
      'to.0: must be a string, not an object',
      'to.0.thresholdTokns: unknown key. Did you mean "thresholdTokens"?',
    ]);
  });

  it('does not hide what is wrong elsewhere', () => {
    expect(said({ long: { target: 5 }, to: 5 })).toEqual([
      'long.target: must be a string, not 5',
      'to: must be a string, not 5',
      'to: must be an array, not 5',
    ]);
  });
});
