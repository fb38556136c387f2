import { describe, expect, it } from '@jest/globals';
import { compileOverrides } from './overrides.ts';

describe('compileOverrides', () => {
  it('has nothing to say without any', () => {
    expect(compileOverrides({ overrides: {} })).toBeUndefined();
  });

  it('takes a name before patterns, and fills in from the wider pattern', () => {
    const of = compileOverrides({
      overrides: {
        '*': { contextTokens: 1, maxOutputTokens: 1, prices: { input: 1, output: 1 } },
        'local/*': { contextTokens: 2, capabilities: { tools: false, images: false } },
        'local/big': { contextTokens: 3, capabilities: { tools: true }, prices: { input: 0 } },
      },
    });
    expect(of?.({ provider: 'local', model: 'big' })).toEqual({
      id: 'big',
      contextTokens: 3,
      maxOutputTokens: 1,
      capabilities: { tools: true, images: false },
      prices: { input: 0 },
    });
    expect(of?.({ provider: 'other', model: 'a/b' })).toMatchObject({ id: 'a/b', contextTokens: 1 });
  });

  it('knows nothing of a target that none names', () => {
    expect(
      compileOverrides({ overrides: { 'a/b': { contextTokens: 1 } } })?.({ provider: 'a', model: 'c' }),
    ).toBeUndefined();
  });

  it.each([
    [[200_000, 100_000], false],
    [[100_000, 100_000], false],
    [[100_000, 200_000], true],
  ])('takes tiers of prices in ascending order only: %j', (bounds, taken) => {
    const tiers = bounds.map((abovePromptTokens) => ({ abovePromptTokens, input: 1 }));
    const compile = () => compileOverrides({ overrides: { 'a/*': { prices: { input: 1, tiers } } } });
    if (taken) expect(compile).not.toThrow();
    else expect(compile).toThrow('overrides["a/*"].prices.tiers: not in ascending order.');
  });
});
