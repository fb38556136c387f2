import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import anthropicMessages from '@signalbox/format-anthropic-messages';
import gemini from '@signalbox/format-gemini';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, type JsonObject } from '@signalbox/kit';
import providerBedrock from '@signalbox/provider-bedrock';
import providerCompatible from '@signalbox/provider-compatible';
import providerGemini from '@signalbox/provider-gemini';
import providerOllama from '@signalbox/provider-ollama';
import providerOpenai from '@signalbox/provider-openai';
import providerOpenrouter from '@signalbox/provider-openrouter';
import { hang, json, type Responder, reply } from '@signalbox/testkit';
import OpenAI from 'openai';
import { anthropicHeaders, startTestGateway, type TestGateway } from './harness.ts';

const SYSTEM = 'Be brief. '.repeat(200);
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const COUNTED = 4_321;

let gateway: TestGateway;
afterEach(() => gateway.close());

async function start(target: string): Promise<void> {
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [gemini],
      [openaiResponses],
      [providerGemini, { apiKey: 'k', baseUrl: url }],
      [providerGemini, { name: 'vertex', baseUrl: url, vertex: { project: 'p', location: 'eu', accessToken: 't' } }],
      [providerOpenai, { apiKey: 'k', baseUrl: `${url}/v1` }],
      [providerOpenai, { name: 'chat-alone', apiKey: 'k', baseUrl: `${url}/v1`, surface: 'chat' }],
      [providerBedrock, { region: 'eu-central-1', apiKey: 'k', baseUrl: url }],
      [providerCompatible, { profile: 'vllm', baseUrl: `${url}/v1` }],
      [providerCompatible, { profile: 'llama-cpp', baseUrl: `${url}/v1` }],
      [
        providerCompatible,
        { name: 'llama-messages', profile: 'llama-cpp', format: 'anthropic-messages', baseUrl: url },
      ],
      [providerOllama, { baseUrl: url }],
      [providerOpenrouter, { apiKey: 'k', baseUrl: `${url}/api/v1` }],
    ],
  });
}

/** What was asked for a client; Ollama is asked for its models as well. */
const asked = () => gateway.provider.requests.filter(({ method }) => method === 'POST');

/** Who counts, where it is asked, and what it answers. */
const COUNTING: readonly (readonly [target: string, path: string, answer: JsonObject])[] = [
  ['anthropic/claude-test', '/v1/messages/count_tokens', { input_tokens: COUNTED }],
  ['gemini/gemini-3.8-flash', '/v1beta/models/gemini-3.8-flash:countTokens', { totalTokens: COUNTED }],
  [
    'vertex/gemini-3.8-flash',
    '/v1beta1/projects/p/locations/eu/publishers/google/models/gemini-3.8-flash:countTokens',
    { totalTokens: COUNTED },
  ],
  ['openai/gpt-5.2', '/v1/responses/input_tokens', { object: 'response.input_tokens', input_tokens: COUNTED }],
  // Through Chat it would be called.
  ['openai/gpt-4.1', '/v1/responses/input_tokens', { object: 'response.input_tokens', input_tokens: COUNTED }],
  ['bedrock/eu.anthropic.claude-x', '/model/anthropic.claude-x/count-tokens', { inputTokens: COUNTED }],
  ['vllm/qwen3', '/tokenize', { count: COUNTED, max_model_len: 40_960, tokens: [] }],
  ['llama-cpp/qwen3', '/v1/chat/completions/input_tokens', { input_tokens: COUNTED }],
  ['llama-messages/qwen3', '/v1/messages/count_tokens', { input_tokens: COUNTED }],
];

interface Counter {
  readonly format: string;
  /** The model as it is asked for. */
  readonly ask: (model: string) => Promise<number>;
}

/** Asks with the same system prompt, message and tool in each format that can. */
const CLIENTS: readonly Counter[] = [
  {
    format: 'anthropic-messages',
    ask: async (model) => {
      const client = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
      const { input_tokens: tokens } = await client.messages.countTokens({
        model,
        system: SYSTEM,
        messages: [{ role: 'user', content: 'Hello?' }],
        tools: [{ name: 'get_weather', input_schema: SCHEMA as Anthropic.Tool.InputSchema }],
      });
      return tokens;
    },
  },
  {
    format: 'openai-responses',
    ask: async (model) => {
      const client = new OpenAI({ apiKey: 'client-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
      const { input_tokens: tokens } = await client.responses.inputTokens.count({
        model,
        instructions: SYSTEM,
        input: 'Hello?',
        tools: [{ type: 'function', name: 'get_weather', parameters: SCHEMA, strict: false }],
      });
      return tokens;
    },
  },
  {
    format: 'gemini',
    // Google's SDK leaves system and tools out of counts.
    ask: async (model) => {
      const generateContentRequest = {
        model: `models/${model}`,
        systemInstruction: { parts: [{ text: SYSTEM }] },
        contents: [{ role: 'user', parts: [{ text: 'Hello?' }] }],
        tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: SCHEMA }] }],
      };
      const headers = { 'x-goog-api-key': 'client-key' };
      const answer = await gateway.post(`/v1beta/models/${model}:countTokens`, { generateContentRequest }, headers);
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { totalTokens: number }).totalTokens;
    },
  },
];

describe.each(CLIENTS)('a count in the format $format', ({ format, ask }) => {
  it.each(COUNTING)('F26 F27 is the provider’s own at %s, system and tools included', async (target, path, answer) => {
    await start(target);
    gateway.provider.on(path, json(200, answer));
    expect(await ask('asked-model')).toBe(COUNTED);
    expect(asked().map((request) => request.path)).toEqual([path]);
    const heard = JSON.stringify(asked()[0]?.body);
    for (const part of ['Be brief. Be brief.', 'Hello?', 'get_weather']) expect(heard).toContain(part);
    expect(heard).not.toContain('asked-model');
    const own = { 'anthropic-messages': 'anthropic/', 'openai-responses': 'openai/', gemini: 'gemini/' }[format] ?? '';
    // Vertex AI counts fewer fields than the Gemini API, in the same format.
    const passes = target.startsWith(own) || (format === 'gemini' && target.startsWith('vertex/'));
    expect(await gateway.nextRecord()).toMatchObject({ status: 200, lane: passes ? 'pass-through' : 'canonical' });
  });

  it.each([
    'chat/gpt-test',
    'ollama/qwen3',
    'openrouter/z-ai/glm-5',
    'chat-alone/gpt-4.1',
    'openai/gpt-4o-search-preview',
  ])('F26 is an estimate at %s, which is not asked', async (target) => {
    await start(target);
    const tokens = await ask('asked-model');
    expect(tokens).toBeGreaterThan(400);
    expect(tokens).toBeLessThan(700);
    expect(asked()).toEqual([]);
    expect(await gateway.nextRecord()).toMatchObject({ status: 200, lane: 'local' });
  });

  it.each<[string, Responder]>([
    ['is not there', json(404, { error: { message: 'Not Found', type: 'not_found' } })],
    ['takes no such call', json(405, { error: { message: 'Method Not Allowed', type: 'invalid_request_error' } })],
    ['fails', json(500, { error: { message: 'oops' } })],
    ['is a page of HTML', json(502, '<html>no</html>')],
    ['answers something else', json(200, { object: 'unknown' })],
    ['answers no JSON', json(200, 'tokens: 5')],
    ['is over a limit', json(429, { error: { message: 'slow down' } }, { 'retry-after': '60' })],
    ['breaks off', (_request, wire) => wire.cut('rst')],
  ])('F26 F35 is an estimate, with a note, at every provider whose own %s', async (_why, responder) => {
    for (const [target] of COUNTING) {
      await start(target);
      gateway.provider.on(/./, responder);
      const tokens = await ask('asked-model');
      expect(tokens).toBeGreaterThan(400);
      expect(tokens).toBeLessThan(700);
      expect(await gateway.nextRecord()).toMatchObject({
        status: 200,
        lane: 'local',
        notes: expect.arrayContaining([
          {
            path: 'usage.promptTokens',
            action: 'approximated',
            reason: 'the provider could not count the tokens; this is an estimate',
          },
        ]),
      });
      await gateway.close();
    }
    await start('chat/gpt-test');
  });
});

describe('an endpoint that has no counts', () => {
  const [{ ask }] = CLIENTS as [Counter];
  const chat = () =>
    gateway.post(
      '/v1/messages',
      { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] },
      anthropicHeaders,
    );

  it('is not asked with every count, and chats go there all the same', async () => {
    await start('openai/gpt-4.1');
    gateway.provider.on('/v1/responses/input_tokens', json(404, { error: { message: 'Not Found' } }));
    gateway.provider.on('/v1/chat/completions', reply({ text: 'ok' }));
    for (const model of ['a', 'b', 'c']) expect(await ask(model)).toBeGreaterThan(400);
    expect(asked()).toHaveLength(1);
    expect((await chat()).status).toBe(200);
  });

  it('F30 answers in bounded time where it says nothing, once for all who ask', async () => {
    await start('vllm/qwen3');
    gateway.provider.on('/tokenize', hang());
    const began = performance.now();
    const all = await Promise.all(['a', 'a', 'a'].map(ask));
    expect(Math.min(...all)).toBeGreaterThan(400);
    expect(performance.now() - began).toBeLessThan(15_000);
    const before = asked().length;
    expect(await ask('b')).toBeGreaterThan(400);
    expect(asked()).toHaveLength(before);
  }, 30_000);
});

it('F26 a provider plugin that fails in a count costs an estimate, and is shown in the log', async () => {
  const logged: object[] = [];
  const broken = definePlugin({
    name: 'test-broken',
    apply: (host) => {
      host.setLogger({ info: () => {}, warn: (fields) => void logged.push(fields), error: () => {} });
      host.addProvider('broken', {
        format: anthropicMessages,
        countsTokens: true,
        endpoint: () => {
          throw new TypeError('a fault in here');
        },
      });
    },
  });
  gateway = await startTestGateway({ targets: ['broken/m'], plugins: [[broken]] });
  const [{ ask }] = CLIENTS as [Counter];
  expect(await ask('m')).toBeGreaterThan(400);
  expect(logged).toEqual([expect.objectContaining({ provider: 'broken', err: expect.any(TypeError) })]);
});

describe('a refusal of a count', () => {
  it('F29 in the client’s own format is about its request, and told', async () => {
    await start('anthropic/m');
    const message = 'messages: at least one message is required';
    gateway.provider.on(/./, json(400, { type: 'error', error: { type: 'invalid_request_error', message } }));
    const [{ ask }] = CLIENTS as [Counter];
    await expect(ask('m')).rejects.toMatchObject({ status: 400, message: expect.stringContaining(message) });
  });

  it('in another format may be about the translation: it is an estimate', async () => {
    await start('openai/gpt-4.1');
    gateway.provider.on(/./, json(400, { error: { message: 'Unknown parameter', type: 'invalid_request_error' } }));
    const [{ ask }] = CLIENTS as [Counter];
    expect(await ask('m')).toBeGreaterThan(400);
  });

  it.each(['gemini/gemini-3.8-flash', 'openai/gpt-4.1', 'vllm/qwen3'])(
    'F29 of the key is told at %s, as a chat would tell it',
    async (target) => {
      await start(target);
      gateway.provider.on(/./, json(401, { error: { code: 401, message: 'bad key', status: 'UNAUTHENTICATED' } }));
      const [{ ask }] = CLIENTS as [Counter];
      await expect(ask('m')).rejects.toMatchObject({ status: 502 });
    },
  );
});
