import { describe, expect, it } from '@jest/globals';
import type { ModelInfo } from '@signalbox/kit';
import fc from 'fast-check';
import { decodeModels, MalformedList } from './decode.ts';

const price = fc.double({ min: 0, max: 10_000, noNaN: true });
const prices = fc.record({ input: price, output: price, cacheRead: price, cacheWrite: price }, { requiredKeys: [] });
const tokens = fc.integer({ min: 1, max: 1e9 });
const model = fc.record(
  {
    id: fc.string({ minLength: 1 }),
    displayName: fc.string({ minLength: 1 }),
    contextTokens: tokens,
    maxOutputTokens: tokens,
    prices,
    capabilities: fc.record({ images: fc.boolean(), prefill: fc.boolean() }, { requiredKeys: [] }),
  },
  { requiredKeys: ['id'] },
);
const list = fc.uniqueArray(model, { selector: ({ id }) => id });
/** As the cache file has it: minus zero and prototypes do not survive it. */
const written = (models: unknown): unknown => JSON.parse(JSON.stringify(models));

describe('decodeModels', () => {
  it('gives every list back as it was', () => {
    fc.assert(
      fc.property(list, (models) => {
        expect(decodeModels(written(models))).toEqual(written(models));
      }),
    );
  });

  it('F41 refuses whatever is no list, with its own error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          decodeModels(value);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedList);
        }
      }),
    );
  });

  it('F41 refuses a list with a single wrong price, wherever it stands', () => {
    const wrong = fc.constantFrom<unknown>(-0.01, 10_001, '1', null, Number.NaN, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(list, list, wrong, (before, after, input) => {
        const spoilt = { id: 'spoilt', prices: { input } } as ModelInfo;
        const others = [...before, ...after].filter(({ id }) => id !== 'spoilt');
        expect(() => decodeModels([...others.slice(0, 2), spoilt, ...others.slice(2)])).toThrow(MalformedList);
      }),
    );
  });
});
