import { describe, expect, it } from '@jest/globals';
import { decodeUsage, encodeUsage } from './usage.ts';

describe('usage', () => {
  it('F31 counts cached tokens as parts of the prompt', () => {
    const details = { prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 } };
    expect(decodeUsage({ prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, ...details })).toEqual({
      promptTokens: 100,
      cacheReadTokens: 60,
      cacheWriteTokens: 30,
      completionTokens: 5,
    });
  });

  it('F31 adds reasoning only where the total says that it comes on top', () => {
    const xai = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 35,
      completion_tokens_details: { reasoning_tokens: 20 },
    };
    expect(decodeUsage(xai)).toMatchObject({ completionTokens: 25, reasoningTokens: 20 });
    expect(decodeUsage({ ...xai, completion_tokens: 25 })).toMatchObject({ completionTokens: 25 });
  });

  it('reads DeepSeek, Kimi and Qwen', () => {
    expect(decodeUsage({ prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 4 })).toEqual({
      promptTokens: 10,
      cacheReadTokens: 6,
    });
    expect(decodeUsage({ prompt_tokens: 10, cached_tokens: 6 })).toMatchObject({ cacheReadTokens: 6 });
    expect(decodeUsage({ prompt_tokens: 9, prompt_tokens_details: { cache_creation_input_tokens: 3 } })).toMatchObject({
      cacheWriteTokens: 3,
    });
  });

  it('F35 keeps a zero that was said, and makes none up', () => {
    expect(decodeUsage({ prompt_tokens: 0, completion_tokens: 0 })).toEqual({ promptTokens: 0, completionTokens: 0 });
    expect(decodeUsage({ prompt_tokens: null })).toEqual({});
    expect(encodeUsage(undefined)).toBeUndefined();
    expect(encodeUsage({})).toBeUndefined();
    expect(encodeUsage({ promptTokens: 3 })).toEqual({ prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 });
  });
});
