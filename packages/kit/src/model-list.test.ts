import { describe, expect, it } from '@jest/globals';
import { SignalboxError } from './errors.ts';
import { asObject, decodeModelList, tokenLimit } from './model-list.ts';

describe('decodeModelList', () => {
  it('reads ids, each once, and what else an entry tells', () => {
    const answer = { data: [{ id: 'a', n: 5 }, { id: 'b' }, { id: 'a', n: 6 }, { id: '' }, { n: 1 }, 'c', null] };
    expect(decodeModelList(answer)).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(decodeModelList(answer, ({ n }) => tokenLimit('contextTokens', n))).toEqual([
      { id: 'a', contextTokens: 5 },
      { id: 'b' },
    ]);
  });

  it.each([{}, { data: {} }, { data: null }, { error: { message: 'no' } }])(
    'F41 takes no other answer: %j',
    (answer) => {
      try {
        decodeModelList(answer);
        throw new Error('it was taken');
      } catch (error) {
        expect(SignalboxError.is(error) && error.code).toBe('MALFORMED_REPLY');
      }
    },
  );
});

describe('tokenLimit', () => {
  it('takes the first number of tokens', () => {
    expect(tokenLimit('maxOutputTokens', null, '7', 0, -1, 1.5, 8, 9)).toEqual({ maxOutputTokens: 8 });
    expect(tokenLimit('contextTokens', undefined)).toEqual({});
  });
});

describe('asObject', () => {
  it.each([undefined, null, 1, 'a', []])('makes nothing of %j', (value) => {
    expect(asObject(value)).toEqual({});
  });
});
