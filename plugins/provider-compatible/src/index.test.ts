import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import {
  agentRequest,
  callOf,
  conversation,
  createProvider,
  fakeHost,
  send,
  startScriptedProvider,
  userRequest,
} from '@signalbox/testkit';
import compatible from './index.ts';

const OPTIONS = {
  name: 'any',
  baseUrl: 'http://localhost:8000/v1',
  format: 'openai-chat',
  authHeader: 'authorization',
  betas: [],
};
const create = (more: JsonObject = {}) => createProvider(compatible, { ...OPTIONS, ...more });
const MESSAGES = { format: 'anthropic-messages', baseUrl: 'https://api.example/anthropic' };

describe('the call', () => {
  it.each([
    [{}, 'http://localhost:8000/v1/chat/completions'],
    [{ baseUrl: 'http://localhost:8000/v1/' }, 'http://localhost:8000/v1/chat/completions'],
    [{ path: '/openai/chat?api-version=1' }, 'http://localhost:8000/v1/openai/chat?api-version=1'],
    [MESSAGES, 'https://api.example/anthropic/v1/messages'],
    [{ ...MESSAGES, path: '/messages' }, 'https://api.example/anthropic/messages'],
  ])('%j goes to %s', async (options, url) => {
    expect(send(await create(options), userRequest('m')).url).toBe(url);
  });

  it.each([
    [{}, {}],
    [{ apiKey: 'k' }, { authorization: 'Bearer k' }],
    [{ apiKey: 'k', authHeader: 'x-api-key' }, { 'x-api-key': 'k' }],
    [
      { apiKey: 'k', authHeader: 'api-key', headers: { a: 'b' } },
      { 'api-key': 'k', a: 'b' },
    ],
  ])('%j sends the headers %j', async (options, headers) => {
    expect(send(await create(options), userRequest('m')).headers).toEqual(headers);
  });

  it('works with a local server that wants no key', async () => {
    await using server = await startScriptedProvider({ script: conversation([{ text: 'Hello.' }]) });
    const { url, headers, body } = send(await create({ baseUrl: `${server.url}/v1` }), userRequest('m'));
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    };
    const response = await fetch(url, init);
    expect(response.status).toBe(200);
    expect((await server.waitForRequest(0)).headers).not.toHaveProperty('authorization');
  });
});

describe('a key over plain http', () => {
  it.each([
    ['http://10.0.0.5:8000/v1', true],
    ['http://llm.example/v1', true],
    ['http://localhost.example/v1', true],
    ['http://localhost:1234/v1', false],
    ['http://127.0.0.1:1234/v1', false],
    ['http://[::1]:1234/v1', false],
    ['https://llm.example/v1', false],
  ])('to %s is warned of: %j', async (baseUrl, warned) => {
    const host = fakeHost();
    await createProvider(compatible, { ...OPTIONS, baseUrl, apiKey: 'secret-key' }, host);
    expect(host.logged.map(({ level }) => level)).toEqual(warned ? ['warn'] : []);
    expect(JSON.stringify(host.logged)).not.toContain('secret-key');
  });

  it('is none where there is no key, and is one where callers’ keys are forwarded', async () => {
    const host = fakeHost();
    const baseUrl = 'http://llm.example/v1';
    await createProvider(compatible, { ...OPTIONS, baseUrl }, host);
    expect(host.logged).toEqual([]);
    await createProvider(compatible, { ...OPTIONS, name: 'other', baseUrl, forwardCallerKey: true }, host);
    expect(host.logged).toHaveLength(1);
  });
});

describe('Chat', () => {
  it('F42 F44 F48 sends the plain form that nearly every server takes', async () => {
    const { body } = send(await create(), agentRequest('m'));
    expect(JSON.stringify(body)).not.toMatch(/cache_control|billing|developer|max_completion_tokens|"content":\[/);
    expect(body).toMatchObject({ model: 'm', max_tokens: 32_000, stream_options: { include_usage: true } });
  });

  it('is fitted by a dialect', async () => {
    const dialect = {
      maxTokensField: 'max_completion_tokens',
      thinking: 'chat_template_kwargs',
      efforts: { high: 'hard' },
      parameters: ['min_p'],
      renames: { min_p: 'minimum_p' },
      toolCallIds: { legal: 'toolu_2|oolu_1', hashLength: 9 },
      extraBody: { keep_alive: '5m' },
      userField: 'none',
    };
    const request = agentRequest('m', { temperature: 1, extensions: { 'openai-chat': { min_p: 0.1 } } });
    const { body, notes } = send(await create({ dialect }), request);
    expect(body).toMatchObject({
      max_completion_tokens: 32_000,
      chat_template_kwargs: { enable_thinking: true },
      reasoning_effort: 'hard',
      minimum_p: 0.1,
      keep_alive: '5m',
    });
    const calls = (body.messages as { tool_calls?: { id: string }[] }[]).flatMap((message) => message.tool_calls ?? []);
    expect(calls.map(({ id }) => id)).toEqual([expect.stringMatching(/^[A-Za-z0-9]{9}$/), 'toolu_2']);
    expect(notes.map(({ path }) => path)).toEqual(expect.arrayContaining(['temperature', 'userId']));
  });

  it.each([
    [{}, '{}', true],
    [{ dialect: {} }, '{}', false],
    [{ dialect: {}, verbatim: true }, '{}', true],
    [{ verbatim: false }, '{}', false],
    [{}, '{"signature":"signalbox1.deepseek.e30"}', false],
    [{}, '{"id":"signalbox-anthropic"}', false],
    [MESSAGES, '{}', false],
    [{ ...MESSAGES, verbatim: true }, '{}', true],
    [{ ...MESSAGES, verbatim: true }, '{"signature":"signalbox1.deepseek.e30"}', false],
  ])('%j takes the body %s as it is: %j', async (options, body, accepted) => {
    const call = callOf(userRequest('m'), { rawBody: Buffer.from(body) });
    expect((await create(options as JsonObject)).acceptsVerbatim?.(call)).toBe(accepted);
  });
});

describe('Messages', () => {
  it('F42 F44 F45 F47 F48 sends the core of the format, and notes the rest', async () => {
    const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'known-1, odd-2' };
    const sent = send(await create({ ...MESSAGES, betas: ['known-1'] }), agentRequest('m'), { headers });
    expect(sent.headers).toEqual({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'known-1' });
    expect(JSON.stringify(sent.body)).not.toMatch(/context_management|billing|"role":"system"/);
    expect(JSON.stringify(sent.body)).toContain('"cache_control":{"type":"ephemeral"}');
    expect(sent.notes.map(({ path }) => path)).toEqual([
      ...['system[0]', 'messages[1]', 'messages[2].content[0]', 'context_management', 'headers.anthropic-beta'],
    ]);
  });

  it('is fitted by its switches', async () => {
    const anthropic = { cacheControl: false, midConversationSystem: true, adaptiveThinking: false, extraFields: 'all' };
    const { body } = send(await create({ ...MESSAGES, anthropic }), agentRequest('m'));
    expect(JSON.stringify(body)).not.toContain('cache_control');
    expect(body).toMatchObject({ thinking: { type: 'enabled' }, context_management: { edits: [] } });
    expect(JSON.stringify(body)).toContain('"role":"system"');
  });

  it('names a version to clients of other formats', async () => {
    const { headers } = send(await create(MESSAGES), userRequest('m'), { clientFormat: 'openai-chat' });
    expect(headers).toEqual({ 'anthropic-version': '2023-06-01' });
  });
});

it.each([
  [{ anthropic: {} }, 'anthropic: is for'],
  [{ ...MESSAGES, dialect: {} }, 'dialect: is for'],
])('%j is a mistake', async (options, message) => {
  await expect(create(options as JsonObject)).rejects.toThrow(message);
});

it('F73 has an origin of its own for reasoning', async () => {
  expect((await create()).reasoningOrigin).toBe('any');
});
