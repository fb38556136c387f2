import { afterEach, describe, expect, it } from '@jest/globals';
import { configOf, createGeneration } from '@signalbox/core';
import type { JsonObject } from '@signalbox/kit';
import providerCompatible, { profiles } from '@signalbox/provider-compatible';
import { json, openaiChatTurn, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

async function start(targets: readonly string[], ...ids: readonly string[]): Promise<TestGateway> {
  const plugins = (url: string) =>
    ids.map((profile) => [providerCompatible, { profile, apiKey: 'key-of-tests', baseUrl: `${url}/v1` }] as const);
  gateway = await startTestGateway({ targets, plugins });
  return gateway;
}

const PATH = '/v1/chat/completions';
const tool = { name: 'Read', input_schema: { type: 'object', properties: {} } };

describe('Groq', () => {
  it('F01 F87 brings reasoning and calls to an Anthropic client, and usage from where Groq has it', async () => {
    const { provider, post, nextRecord } = await start(['groq/openai/gpt-oss-120b'], 'groq');
    const chunk = (delta: JsonObject, rest: JsonObject = {}, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }], ...rest })}\n\n`;
    const call = { index: 0, id: 'fc_1', type: 'function', function: { name: 'Read', arguments: '{}' } };
    const usage = { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 };
    provider.on(
      PATH,
      sse([
        chunk({ role: 'assistant', content: null }),
        chunk({ reasoning: 'One file.' }),
        chunk({ tool_calls: [call] }),
        chunk({}, { x_groq: { id: 'req', usage } }, 'tool_calls'),
        'data: [DONE]\n\n',
      ]),
    );
    const answer = await post('/v1/messages', messagesBody({ stream: true, tools: [tool] }), anthropicHeaders);
    const text = await answer.text();
    expect(text.indexOf('"thinking_delta"')).toBeGreaterThan(-1);
    expect(text.indexOf('"thinking_delta"')).toBeLessThan(text.indexOf('"tool_use"'));
    expect(text).toContain('"stop_reason":"tool_use"');
    expect((await nextRecord()).usage).toMatchObject({ promptTokens: 30, completionTokens: 12 });
    expect(provider.requests[0]?.body).toMatchObject({ max_completion_tokens: 100, include_reasoning: true });
  });

  it('a call that the model spoilt goes to the next target', async () => {
    const { provider, post } = await start(['groq/llama', 'anthropic/claude-test'], 'groq');
    provider.on(PATH, json(400, { error: { message: 'Failed to call a function.', code: 'tool_use_failed' } }));
    provider.on('/v1/messages', reply({ text: 'Here I am.' }));
    const answer = await post('/v1/messages', messagesBody({ tools: [tool] }), anthropicHeaders);
    expect([answer.status, answer.headers.get('x-signalbox-attempts')]).toEqual([200, '2']);
  });
});

describe('GLM', () => {
  it.each<[string, JsonObject, number, string]>([
    ['1113', { error: { code: '1113', message: 'Insufficient balance' } }, 429, 'PROVIDER_BILLING'],
    ['1302', { error: { code: '1302', message: 'Too many requests' } }, 429, 'RATE_LIMITED'],
    ['1113 inside a 200', { error: { code: '1113', message: 'Insufficient balance' } }, 200, 'PROVIDER_BILLING'],
  ])('F92 a 429 with the code %s is told apart', async (_code, body, status, code) => {
    const { provider, post, nextRecord } = await start(['glm/glm-4.7'], 'glm');
    provider.on(PATH, json(status, body));
    const answer = await post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.headers.get('x-should-retry')).toBe(code === 'PROVIDER_BILLING' ? 'false' : null);
    expect((await nextRecord()).error?.code).toBe(code);
  });

  it('ends a reply that it censored as a refusal', async () => {
    const { provider, post } = await start(['glm/glm-4.7'], 'glm');
    const message = { role: 'assistant', content: 'Well' };
    provider.on(PATH, json(200, { id: 'x', choices: [{ index: 0, message, finish_reason: 'sensitive' }] }));
    const answer = await post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(await answer.json()).toMatchObject({ stop_reason: 'refusal' });
  });
});

describe('Qwen', () => {
  it('F90 streams while it thinks, and a client that wants a whole answer gets one', async () => {
    const { provider, post, nextRecord } = await start(['qwen/qwen3.5-plus'], 'qwen');
    const turn = { reasoning: 'Short.', text: 'Hello.', usage: { promptTokens: 30, completionTokens: 12 } };
    const { frames } = openaiChatTurn(turn, { model: 'm', id: 'c', includeUsage: true });
    provider.on(PATH, (request, wire) =>
      request.body?.stream === true ? sse(frames)(request, wire) : json(400, { error: {} })(request, wire),
    );
    const thinking = { type: 'enabled', budget_tokens: 1_024 };
    const answer = await post('/v1/messages', messagesBody({ max_tokens: 4_000, thinking }), anthropicHeaders);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'Short.' },
        { type: 'text', text: 'Hello.' },
      ],
      usage: { input_tokens: 30, output_tokens: 12 },
    });
    expect(provider.requests[0]?.body).toMatchObject({ enable_thinking: true, thinking_budget: 1_024, stream: true });
    expect((await nextRecord()).usage).toMatchObject({ promptTokens: 30, completionTokens: 12 });
  });
});

it('a Chat client’s body goes to Azure as it is, under the deployment’s name and key', async () => {
  const { provider, post } = await start(['azure-openai-classic/prod'], 'azure-openai-classic');
  const path = '/v1/openai/deployments/prod/chat/completions';
  provider.on(path, reply({ text: 'Hello.' }));
  const answer = await post(PATH, chatBody({ store: true }));
  expect([answer.status, answer.headers.get('x-signalbox-lane')]).toEqual([200, 'pass-through']);
  expect(provider.requests[0]).toMatchObject({ path, query: expect.stringContaining('api-version=2024-10-21') });
  expect(provider.requests[0]?.headers).toMatchObject({ 'api-key': 'key-of-tests' });
  expect(provider.requests[0]?.body).toMatchObject({ model: 'prod', store: true });
});

it('a profile says nothing that a config could not say itself', async () => {
  const plugins = profiles.flatMap(({ id, dialect, models, errors }) =>
    [dialect, ...models.map((rule) => rule.dialect)].map((part, index) => {
      const options = { name: `${id}-${index}`, baseUrl: 'http://localhost:9', dialect: part, errors };
      return [providerCompatible, JSON.parse(JSON.stringify(options)) as JsonObject] as const;
    }),
  );
  const generation = await createGeneration(configOf(plugins, {}));
  await generation.close();
});
