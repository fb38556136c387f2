import { describe, expect, it } from '@jest/globals';
import { countsTokens, type JsonObject } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import compatible from './index.ts';

const COUNT = { operation: 'count-tokens' } as const;
const create = (more: JsonObject = {}) =>
  createProvider(compatible, { name: 'any', format: 'openai-chat', betas: [], ...more });
const CHAT = { baseUrl: 'http://gpu:8000/v1/' };
const count = { path: '/count' };

describe('a server that is known to count', () => {
  it.each<[string, JsonObject, string, readonly string[], JsonObject]>([
    [
      'vllm',
      { baseUrl: 'http://gpu:8000/v1' },
      'http://gpu:8000/tokenize',
      ['model', 'messages', 'tools', 'chat_template_kwargs'],
      { count: 728, max_model_len: 4_096, tokens: [1, 2] },
    ],
    [
      'vllm',
      { format: 'anthropic-messages', baseUrl: 'http://gpu:8000' },
      'http://gpu:8000/v1/messages/count_tokens',
      ['model', 'messages', 'system', 'tools', 'thinking'],
      { input_tokens: 728 },
    ],
    [
      'llama-cpp',
      {},
      'http://localhost:8080/v1/chat/completions/input_tokens',
      [
        'model',
        'messages',
        'tools',
        'max_tokens',
        'chat_template_kwargs',
        'stream',
        'stream_options',
        'parallel_tool_calls',
      ],
      { object: 'response.input_tokens', input_tokens: 728 },
    ],
    [
      'llama-cpp',
      { format: 'anthropic-messages' },
      'http://localhost:8080/v1/messages/count_tokens',
      ['model', 'messages', 'system', 'tools', 'thinking'],
      { input_tokens: 728 },
    ],
  ])('F26 F27 %s with %j is asked with system and tools', async (profile, options, url, keys, answer) => {
    const provider = await create({ profile, ...options });
    const request = agentRequest('m');
    expect(countsTokens(provider, callOf(request, COUNT))).toBe(true);
    const sent = send(provider, request, COUNT);
    expect(sent.url).toBe(url);
    expect(Object.keys(sent.body).sort()).toEqual([...keys].sort());
    expect(JSON.stringify(sent.body)).toContain('You are an agent.');
    expect(provider.format.decodeTokenCount?.(answer)).toBe(728);
    expect(provider.format.decodeTokenCount?.({})).toBeUndefined();
    // A chat is as it was.
    const chat = send(provider, request);
    expect(chat.url).not.toBe(url);
    expect(provider.adaptBody?.(chat.body, callOf(request))).toBe(chat.body);
  });

  it('F27 moonshot is asked for texts alone: it does not say that it counts tools', async () => {
    const provider = await create({ profile: 'moonshot', apiKey: 'k' });
    const text = userRequest('kimi-k2.6', { system: [{ type: 'text', text: 'Be brief.' }] });
    expect(countsTokens(provider, callOf(text, COUNT))).toBe(true);
    const { url, body } = send(provider, text, COUNT);
    expect(url).toBe('https://api.moonshot.ai/v1/tokenizers/estimate-token-count');
    expect(Object.keys(body)).toEqual(['model', 'messages']);
    expect(provider.format.decodeTokenCount?.({ data: { total_tokens: 80 } })).toBe(80);
    expect(countsTokens(provider, callOf(agentRequest('kimi-k2.6'), COUNT))).toBe(false);
    const { tools: _, ...called } = agentRequest('kimi-k2.6');
    expect(countsTokens(provider, callOf({ ...called, tools: [] }, COUNT))).toBe(false);
  });

  it.each(['groq', 'mistral', 'xai', 'glm', 'qwen', 'lm-studio'])('%s does not count', async (profile) => {
    expect((await create({ profile, apiKey: 'k' })).countsTokens).toBeUndefined();
  });
});

describe('a server that the options know to count', () => {
  it.each([
    ['/count', 'http://gpu:8000/v1/count'],
    ['../count', 'http://gpu:8000/count'],
    ['/of/{model}/count', 'http://gpu:8000/v1/of/a%2Fb/count'],
  ])('at %s is asked at %s', async (path, url) => {
    expect(send(await create({ ...CHAT, tokenCounts: { path } }), userRequest('a/b'), COUNT).url).toBe(url);
  });

  it('gets the query of all calls', async () => {
    const provider = await create({ ...CHAT, query: { v: '1' }, tokenCounts: count });
    expect(send(provider, userRequest('m'), COUNT).url).toBe('http://gpu:8000/v1/count?v=1');
  });

  it('answers where they say', async () => {
    const { format } = await create({ ...CHAT, tokenCounts: { ...count, answer: 'usage.total' } });
    expect(format.decodeTokenCount?.({ usage: { total: 3 } })).toBe(3);
    expect(format.decodeTokenCount?.({ usage: 3 })).toBeUndefined();
  });

  it('wins over the profile; without either nobody counts', async () => {
    const other = await create({ profile: 'vllm', tokenCounts: count });
    expect(send(other, userRequest('m'), COUNT).url).toBe('http://localhost:8000/v1/count');
    expect((await create(CHAT)).countsTokens).toBeUndefined();
  });

  it('does not make a body that passes through be parsed', async () => {
    const provider = await create({ ...CHAT, tokenCounts: count });
    const call = callOf(userRequest('m'), { clientFormat: 'openai-chat', rawBody: Buffer.from('{}') });
    expect([provider.acceptsVerbatim?.(call), provider.adaptsVerbatim?.(call)]).toEqual([true, false]);
  });
});
