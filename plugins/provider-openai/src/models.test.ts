import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { createProvider } from '@signalbox/testkit';
import provider from './index.ts';

const OPTIONS = { baseUrl: 'https://api.example/v1/', skin: 'chat', thinkingUnsaid: 'disabled' };

const fetchWith = async (options: JsonObject) => {
  const { fetchModels } = await createProvider(provider, { ...OPTIONS, ...options });
  let asked: object | undefined;
  const models = await fetchModels?.(async (endpoint) => {
    asked = endpoint;
    return { object: 'list', data: [{ id: 'm', object: 'model', owned_by: 'x' }] };
  });
  return { asked, models };
};

describe('the list of models', () => {
  it('has ids alone, and is asked for with the own key', async () => {
    expect(await fetchWith({ apiKeys: ['k1', 'k2'], headers: { a: 'b' } })).toEqual({
      asked: { url: 'https://api.example/v1/models', headers: { authorization: 'Bearer k1', a: 'b' } },
      models: [{ id: 'm' }],
    });
  });

  it('is not asked for with a key that only callers have', async () => {
    expect(await fetchWith({ forwardCallerKey: true })).toEqual({ asked: undefined, models: undefined });
  });
});
