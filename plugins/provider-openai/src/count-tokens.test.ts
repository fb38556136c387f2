import { describe, expect, it } from '@jest/globals';
import { countsTokens, errors, type JsonObject } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import openai from './index.ts';

const create = (more: JsonObject = {}) =>
  createProvider(openai, { apiKey: 'k', baseUrl: 'https://api.openai.com/v1', surface: 'auto', ...more });
const COUNT = { operation: 'count-tokens' } as const;

describe('who counts', () => {
  const own = 'https://api.openai.com/v1';
  const other = 'https://openai-proxy.example/v1';
  it.each([
    ['auto', own, 'gpt-5.2', true],
    ['auto', own, 'gpt-4.1', true],
    ['auto', other, 'gpt-4.1', true],
    ['responses', other, 'gpt-5.2', true],
    ['chat', own, 'gpt-4.1', true],
    ['chat', 'https://eu.api.openai.com/v1/', 'gpt-4.1', true],
    // What speaks Chat alone has no counts; nor does Responses have the models that search.
    ['chat', other, 'gpt-4.1', false],
    ['chat', 'https://api.openai.com.example/v1', 'gpt-4.1', false],
    ['auto', own, 'gpt-4o-search-preview', false],
  ])('with surface %s at %s for %s: %s', async (surface, baseUrl, model, counted) => {
    const provider = await create({ surface, baseUrl });
    expect(countsTokens(provider, callOf(userRequest(model), COUNT))).toBe(counted);
  });
});

it.each(['anthropic-messages', 'gemini', 'openai-responses'])(
  'F26 F27 a client of %s has its prompt counted by Responses, system and tools included',
  async (clientFormat) => {
    for (const model of ['gpt-4.1', 'gpt-5.2']) {
      const { url, headers, body } = send(await create({ project: 'p' }), agentRequest(model), {
        ...COUNT,
        clientFormat,
      });
      expect(url).toBe('https://api.openai.com/v1/responses/input_tokens');
      expect(headers).toEqual({ authorization: 'Bearer k', 'openai-project': 'p' });
      expect(body).toMatchObject({
        model,
        instructions: 'You are an agent.',
        tools: [expect.objectContaining({ name: 'Read' })],
      });
      expect(body.input).toHaveLength(8);
      // What only generation needs is a 400 there.
      for (const key of ['max_output_tokens', 'stream', 'store', 'include', 'safety_identifier', 'temperature']) {
        expect(body).not.toHaveProperty(key);
      }
    }
  },
);

it('a Responses client’s own count goes as it came', async () => {
  const provider = await create();
  const rawBody = Buffer.from('{"model":"gpt-4.1","input":"Hi","max_output_tokens":9}');
  const call = callOf(userRequest('gpt-4.1'), { ...COUNT, clientFormat: 'openai-responses', rawBody });
  expect([provider.acceptsVerbatim?.(call), provider.adaptsVerbatim?.(call)]).toEqual([true, false]);
  expect(provider.formatFor?.(call).id).toBe('openai-responses');
});

it('chats are as they were: nothing is taken from their bodies', async () => {
  const provider = await create();
  const body = { model: 'gpt-4.1', messages: [], max_completion_tokens: 1 };
  expect(provider.adaptBody?.(body, callOf(userRequest('gpt-4.1')))).toBe(body);
});

describe('a refusal', () => {
  const refused = errors.providerAuth('The provider refused the gateway’s credential.');
  const body = JSON.stringify({
    error: { message: 'You have insufficient permissions for this operation. Missing scopes: api.responses.write.' },
  });
  const refine = async (operation: 'chat' | 'count-tokens', said: string) =>
    (await create()).refineError?.(refused, { status: 401, headers: {}, body: said, operation });

  it('of a key that is only not allowed to count means that there are no counts', async () => {
    expect(await refine('count-tokens', body)).toMatchObject({ code: 'PROVIDER_FAILED', status: 501 });
  });

  it('F29 of the key itself, or in a chat, stays what it is', async () => {
    expect(await refine('count-tokens', '{"error":{"code":"invalid_api_key"}}')).toBe(refused);
    expect(await refine('chat', body)).toBe(refused);
  });
});
