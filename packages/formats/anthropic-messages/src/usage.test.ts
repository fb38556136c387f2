import { describe, expect, it } from '@jest/globals';
import { decodeUsage, encodeUsage, mergeWireUsage } from './usage.ts';

describe('usage', () => {
  it('F31 counts cached tokens into the prompt, once', () => {
    const wire = {
      input_tokens: 10,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 30,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 4 },
      service_tier: 'standard',
      inference_geo: null,
    };
    expect(decodeUsage(wire)).toEqual({
      promptTokens: 240,
      cacheReadTokens: 200,
      cacheWriteTokens: 30,
      completionTokens: 7,
      reasoningTokens: 4,
      extensions: { 'anthropic-messages': { service_tier: 'standard' } },
    });
    const { inference_geo: _, ...said } = wire;
    expect(encodeUsage(decodeUsage(wire))).toEqual(said);
  });

  it('F31 tells what is cached for an hour, whoever says it', () => {
    const wire = {
      input_tokens: 10,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 90,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 70 },
      output_tokens: 1,
    };
    expect(decodeUsage(wire)).toMatchObject({ promptTokens: 100, cacheWriteTokens: 90, cacheWrite1hTokens: 70 });
    expect(encodeUsage(decodeUsage(wire))).toEqual(wire);
    const counts = { promptTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 90, completionTokens: 1 };
    expect(encodeUsage({ ...counts, cacheWrite1hTokens: 70 })).toEqual(wire);
    expect(encodeUsage(counts)).not.toHaveProperty('cache_creation');
  });

  it('F35 tells nothing from zero', () => {
    expect(decodeUsage(undefined)).toBeUndefined();
    expect(decodeUsage({ output_tokens: 0 })).toEqual({ completionTokens: 0 });
    expect(encodeUsage({ completionTokens: 3 })).toEqual({ output_tokens: 3 });
    expect(encodeUsage({ promptTokens: 5, completionTokens: 3 })).toEqual({
      input_tokens: 5,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      output_tokens: 3,
    });
  });

  it('never gives fewer than no fresh tokens', () => {
    expect(encodeUsage({ promptTokens: 5, cacheReadTokens: 9 })).toMatchObject({ input_tokens: 0 });
  });

  it('F25 overwrites, but a zero at the end does not erase the start', () => {
    const start = { input_tokens: 10, cache_read_input_tokens: 4, output_tokens: 1 };
    expect(mergeWireUsage(start, { input_tokens: 0, cache_read_input_tokens: null, output_tokens: 0 })).toEqual({
      input_tokens: 10,
      cache_read_input_tokens: 4,
      output_tokens: 0,
    });
    expect(mergeWireUsage({ input_tokens: 0 }, { input_tokens: 12, output_tokens: 2 })).toEqual({
      input_tokens: 12,
      output_tokens: 2,
    });
  });
});
