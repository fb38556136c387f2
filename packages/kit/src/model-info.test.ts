import { describe, expect, it } from '@jest/globals';
import { mergeModelInfo } from './model-info.ts';

describe('mergeModelInfo', () => {
  it('adds what only the second says, capability by capability', () => {
    const known = { id: 'a', contextTokens: 10, capabilities: { images: false } };
    const more = { id: 'b', contextTokens: 20, maxOutputTokens: 5, capabilities: { images: true, tools: true } };
    expect(mergeModelInfo(known, more)).toEqual({
      id: 'a',
      contextTokens: 10,
      maxOutputTokens: 5,
      capabilities: { images: false, tools: true },
    });
  });

  it('never mixes two price lists', () => {
    const merged = mergeModelInfo({ id: 'a', prices: { input: 1 } }, { id: 'a', prices: { input: 2, output: 3 } });
    expect(merged.prices).toEqual({ input: 1 });
  });
});
