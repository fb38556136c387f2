import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { createProvider } from '@signalbox/testkit';
import compatible from './index.ts';
import { decodeModels } from './models.ts';

describe('a compatible server’s list of models', () => {
  it.each<[string, JsonObject, object]>([
    [
      'Groq',
      { context_window: 131_072, max_completion_tokens: 65_536, active: true },
      { contextTokens: 131_072, maxOutputTokens: 65_536 },
    ],
    ['Mistral', { max_context_length: 32_768, capabilities: { vision: true } }, { contextTokens: 32_768 }],
    ['Moonshot', { context_length: 262_144 }, { contextTokens: 262_144 }],
    ['vLLM', { max_model_len: 8192, owned_by: 'vllm' }, { contextTokens: 8192 }],
    ['llama.cpp', { meta: { n_ctx_train: 131_072 } }, {}],
    [
      'an Anthropic gateway',
      { display_name: 'M', max_input_tokens: 5, max_tokens: 2 },
      { displayName: 'M', contextTokens: 5, maxOutputTokens: 2 },
    ],
    ['ids alone', { object: 'model', created: 1 }, {}],
    ['nonsense', { context_window: '128k', context_length: null, max_tokens: -1 }, {}],
  ])('says what %s says', (_who, entry, facts) => {
    expect(decodeModels({ object: 'list', data: [{ id: 'm', ...entry }] })).toEqual([{ id: 'm', ...facts }]);
  });

  const ask = async (options: JsonObject) => {
    const defaults = {
      name: 'x',
      baseUrl: 'http://localhost:8000/v1/',
      format: 'openai-chat',
      authHeader: 'authorization',
      betas: [],
    };
    const provider = await createProvider(compatible, { ...defaults, ...options });
    let asked: object | undefined;
    await provider.fetchModels?.(async (endpoint) => {
      asked = endpoint;
      return { data: [] };
    });
    return asked;
  };

  it('is where the format has it, with the server’s own key', async () => {
    expect(await ask({})).toEqual({ url: 'http://localhost:8000/v1/models', headers: {} });
    expect(await ask({ apiKey: 'k', authHeader: 'api-key', headers: { a: 'b' } })).toMatchObject({
      headers: { 'api-key': 'k', a: 'b' },
    });
    expect(await ask({ format: 'anthropic-messages', baseUrl: 'https://a.example', apiKeys: ['k1', 'k2'] })).toEqual({
      url: 'https://a.example/v1/models?limit=1000',
      headers: { authorization: 'Bearer k1', 'anthropic-version': '2023-06-01' },
    });
  });

  it('is not asked for with a key that only callers have', async () => {
    expect(await ask({ forwardCallerKey: true })).toBeUndefined();
  });
});
