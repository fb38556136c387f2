import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { createProvider } from '@signalbox/testkit';
import openrouter from './index.ts';
import { decodeModels } from './models.ts';

const entry = (more: JsonObject = {}): JsonObject => ({
  id: 'anthropic/claude-opus-5.5',
  name: 'Anthropic: Claude Opus 5.5',
  context_length: 1_000_000,
  architecture: { input_modalities: ['text', 'image', 'file'], output_modalities: ['text'] },
  pricing: {
    prompt: '0.000004',
    completion: '0.00002',
    request: '0',
    input_cache_read: '0.0000002',
    input_cache_write: '0.000005',
  },
  top_provider: { context_length: 1_000_000, max_completion_tokens: 128_000, is_moderated: true },
  supported_parameters: ['tools', 'tool_choice', 'reasoning', 'structured_outputs', 'max_tokens'],
  ...more,
});
const decode = (more: JsonObject = {}) => decodeModels({ data: [entry(more)] })[0];

describe('OpenRouter’s list of models', () => {
  it('gives limits, prices per million tokens, and abilities', () => {
    expect(decode()).toEqual({
      id: 'anthropic/claude-opus-5.5',
      displayName: 'Anthropic: Claude Opus 5.5',
      contextTokens: 1_000_000,
      maxOutputTokens: 128_000,
      prices: { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
      capabilities: { images: true, documents: true, tools: true, reasoning: true, structuredOutput: true },
    });
  });

  it('charges what a cache price does not say like the prompt', () => {
    expect(decode({ pricing: { prompt: '0.0000003', completion: '0.0000025' } })?.prices).toEqual({
      input: 0.3,
      output: 2.5,
      cacheRead: 0.3,
      cacheWrite: 0.3,
    });
    expect(decode({ pricing: { prompt: '0', completion: '0' } })?.prices).toEqual({
      input: 0,
      output: 0,
      cacheRead: 0,
      cacheWrite: 0,
    });
  });

  it('F41 knows no price where there is none', () => {
    for (const pricing of [
      { prompt: '-1', completion: '-1' },
      { prompt: '', completion: '0.1' },
      { prompt: 'free', completion: '0' },
      { prompt: 0.1, completion: 0.2 },
      {},
      null,
    ]) {
      expect(decode({ pricing })).not.toHaveProperty('prices');
    }
  });

  it('does not take a charge for storage for the price of the tokens', () => {
    const pricing = { prompt: '0.000002', completion: '0.000012', input_cache_write: '0.000000375' };
    expect(decode({ pricing })?.prices).toEqual({ input: 2, output: 12, cacheRead: 2 });
  });

  it('has the prices of long prompts, and leaves those of an hour alone', () => {
    const pricing = {
      prompt: '0.000002',
      completion: '0.000012',
      overrides: [
        { min_prompt_tokens: 500_000, prompt: '0.000008' },
        { min_prompt_tokens: 200_001, prompt: '0.000004', completion: '0.000018' },
        { min_prompt_tokens: 100, utc_hours: [1, 2], prompt: '0.000001' },
      ],
    };
    expect(decode({ pricing })?.prices?.tiers).toEqual([
      { abovePromptTokens: 200_000, input: 4, output: 18, cacheRead: 4, cacheWrite: 4 },
      { abovePromptTokens: 499_999, input: 8, output: 12, cacheRead: 8, cacheWrite: 8 },
    ]);
  });

  it('takes what is there of an entry that says little', () => {
    expect(decodeModels({ data: [{ id: 'openrouter/auto' }] })).toEqual([{ id: 'openrouter/auto', capabilities: {} }]);
  });

  it('is asked for with the key where there is one', async () => {
    const ask = async (options: JsonObject) => {
      const provider = await createProvider(openrouter, {
        baseUrl: 'https://openrouter.ai/api/v1/',
        skin: 'chat',
        ...options,
      });
      let asked: object = {};
      await provider.fetchModels?.(async (endpoint) => {
        asked = endpoint;
        return { data: [] };
      });
      return asked;
    };
    const url = 'https://openrouter.ai/api/v1/models';
    expect(await ask({ apiKey: 'k' })).toEqual({ url, headers: { authorization: 'Bearer k' } });
    expect(await ask({ apiKeys: ['k1', 'k2'] })).toEqual({ url, headers: { authorization: 'Bearer k1' } });
    expect(await ask({ forwardCallerKey: true })).toEqual({ url, headers: {} });
  });
});
