import { afterEach, describe, expect, it } from '@jest/globals';
import authApiKey from '@signalbox/auth-api-key';
import formatGemini from '@signalbox/format-gemini';
import formatOllama from '@signalbox/format-ollama';
import { definePlugin, type JsonObject } from '@signalbox/kit';
import { anthropicTurn, json, reply } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const explain = async (body: unknown, query = '', headers: Record<string, string> = {}) => {
  const answer = await gateway.post(`/explain${query}`, body, headers);
  return { status: answer.status, said: (await answer.json()) as JsonObject };
};

const known = definePlugin({
  name: 'known',
  apply: (host) => {
    host.addModelFacts(({ model }) =>
      model === 'gpt-test' ? { id: model, contextTokens: 1000, prices: { input: 2, output: 10 } } : undefined,
    );
  },
});

describe('POST /explain', () => {
  it('tells format, route, lane, notes and what would be sent to each target, and sends nothing', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test', 'anthropic/claude-test'], plugins: [[known]] });
    const body = messagesBody({
      system: 'Be brief.',
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      stream: true,
    });
    const { status, said } = await explain(body);
    expect(status).toBe(200);
    expect(said).toMatchObject({
      format: 'anthropic-messages',
      operation: 'chat',
      model: 'claude-test',
      stream: true,
      promptTokens: expect.any(Number),
      route: { reason: 'test' },
      targets: [
        {
          target: 'chat/gpt-test',
          lane: 'canonical',
          contextTokens: 1000,
          notes: [{ path: 'context_management', action: 'dropped' }],
          upstream: {
            url: `${gateway.provider.url}/v1/chat/completions`,
            headers: { authorization: '[key]' },
            body: { model: 'gpt-test', messages: [{ role: 'system' }, { role: 'user', content: 'hi' }] },
          },
        },
        { target: 'anthropic/claude-test', lane: 'pass-through', notes: [], upstream: { body } },
      ],
    });
    const [{ cost }] = said.targets as [{ cost: { prompt: number; perThousandOutputTokens: number } }];
    expect(cost.prompt).toBeCloseTo(((said.promptTokens as number) * 2) / 1e6, 10);
    expect(cost.perThousandOutputTokens).toBeCloseTo(0.01, 10);
    expect(JSON.stringify(said)).not.toContain('sk-gateway');
    expect(gateway.provider.requests).toHaveLength(0);
    expect(gateway.records).toHaveLength(0);
  });

  it.each([
    ['a chat body', chatBody(), '', 'openai-chat', 'chat'],
    ['a body for a path', chatBody({ max_tokens: 5 }), '?path=/v1/messages', 'anthropic-messages', 'chat'],
    ['a count', messagesBody(), '?path=/v1/messages/count_tokens%3Fbeta=true', 'anthropic-messages', 'count-tokens'],
    [
      'a recorded request',
      { method: 'POST', path: '/v1/messages', headers: { 'Anthropic-Version': '2023-06-01' }, body: messagesBody() },
      '',
      'anthropic-messages',
      'chat',
    ],
  ])('takes %s', async (_name, body, query, format, operation) => {
    gateway = await startTestGateway();
    expect((await explain(body, query)).said).toMatchObject({ format, operation });
  });

  const hi = [{ role: 'user', content: 'hi' }];
  const functionTool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
  const call = (args: unknown) => ({
    role: 'assistant',
    content: '',
    tool_calls: [{ function: { name: 'f', arguments: args } }],
  });
  it.each<[string, object, string, string, string?]>([
    ['contents that name a model', { model: 'models/m', contents: [{ parts: [{ text: 'hi' }] }] }, 'gemini', 'm'],
    ['contents and a model beside', { contents: 'hi' }, 'gemini', 'comp/x', '?model=comp/x'],
    ['a single prompt', { model: 'm', prompt: 'hi' }, 'ollama', 'm'],
    ['options', { model: 'm', messages: hi, options: { num_ctx: 9 } }, 'ollama', 'm'],
    ['a time to keep', { model: 'm', messages: hi, keep_alive: '1h' }, 'ollama', 'm'],
    ['thinking', { model: 'm', messages: hi, think: false }, 'ollama', 'm'],
    ['a format', { model: 'm', messages: hi, format: 'json' }, 'ollama', 'm'],
    ['images', { model: 'm', messages: [{ ...hi[0], images: ['AA=='] }], tools: [functionTool] }, 'ollama', 'm'],
    [
      'arguments that are objects',
      { model: 'm', messages: [...hi, call({ a: 1 })], tools: [functionTool] },
      'ollama',
      'm',
    ],
    [
      'arguments that are texts',
      { model: 'm', messages: [...hi, call('{}')], tools: [functionTool] },
      'openai-chat',
      'm',
    ],
    ['messages alone', { model: 'm', messages: hi }, 'openai-chat', 'm'],
    ['messages with a limit', { model: 'm', max_tokens: 9, messages: hi }, 'anthropic-messages', 'm'],
  ])('tells whose body it is by %s', async (_name, body, format, model, query = '') => {
    gateway = await startTestGateway({ plugins: [[formatGemini], [formatOllama]] });
    const { status, said } = await explain(body, query);
    expect([status, said.format, said.model]).toEqual([200, format, model]);
    expect(said).not.toHaveProperty('error');
  });

  it('says which model is missing, and which paths there are', async () => {
    gateway = await startTestGateway({ plugins: [[formatGemini], [formatOllama]] });
    const { said: unnamed } = await explain({ contents: [{ parts: [{ text: 'hi' }] }] });
    expect(unnamed).toMatchObject({ error: { message: expect.stringContaining('?model= or --model') } });
    const path = '/v1beta/models/<model>:generateContent';
    expect(unnamed).toMatchObject({ error: { message: expect.stringContaining(path) } });
    const { said: unfit } = await explain({ nothing: 'known' });
    for (const fitting of [path, '/v1/messages', '/v1/chat/completions', '/api/chat']) {
      expect(unfit).toMatchObject({ error: { message: expect.stringContaining(fitting) } });
    }
  });

  it('F29 shows a count as what it is: what the gateway counts itself is sent nowhere', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test', 'anthropic/claude-test'] });
    const { said } = await explain(messagesBody(), '?path=/v1/messages/count_tokens');
    expect(said).toMatchObject({ operation: 'count-tokens', targets: [{ lane: 'local' }, { lane: 'pass-through' }] });
    const [own, theirs] = said.targets as [JsonObject, { upstream: { url: string } }];
    expect(own).not.toHaveProperty('upstream');
    expect(theirs.upstream.url).toContain('/count_tokens');
  });

  it('tells where a request goes that cannot be decoded, but passes through', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    const audio = { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } };
    const { said } = await explain(chatBody({ messages: [{ role: 'user', content: [audio] }] }));
    expect(said).toMatchObject({ route: { reason: 'test' }, targets: [{ lane: 'pass-through' }] });
    expect(said).not.toHaveProperty('error');
  });

  it('estimates as the strategies do: corrected by what was reported', async () => {
    const wanting = definePlugin({
      name: 'wants-an-estimate',
      apply: ({ hooks }) =>
        hooks.route.tap('wants-an-estimate', (plan, exchange) => {
          exchange.estimatePromptTokens();
          return plan;
        }),
    });
    gateway = await startTestGateway({ plugins: [[wanting]] });
    const body = messagesBody({ system: 'word '.repeat(2_000) });
    const before = (await explain(body)).said.promptTokens as number;
    const usage = { input_tokens: before * 2, output_tokens: 5 };
    const { body: turn } = anthropicTurn({ text: 'hi' }, { model: 'claude-test' });
    gateway.provider.on('/v1/messages', json(200, { ...turn, usage }));
    expect((await gateway.post('/v1/messages', body, anthropicHeaders)).status).toBe(200);
    await gateway.nextRecord();
    const after = (await explain(body)).said.promptTokens as number;
    expect(after).toBeGreaterThan(before * 1.9);
  });

  it('lists what strategies said, and why a target would not do', async () => {
    gateway = await startTestGateway({ targets: ['nowhere/x', 'chat/gpt-test'] });
    const { said } = await explain(messagesBody({ container: { id: 'c' } }));
    expect(said.targets).toMatchObject([{ error: { code: 'NO_ROUTE' } }, { target: 'chat/gpt-test' }]);
  });

  it.each([
    ['no JSON', 'nonsense', ''],
    ['no format', {}, ''],
    ['another path', messagesBody(), '?path=/nowhere'],
  ])('says what is wrong with %s', async (_name, body, query) => {
    gateway = await startTestGateway();
    const { status, said } = await explain(body, query, anthropicHeaders);
    expect(status).toBe(400);
    expect(said).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  it('is for those who may use the gateway', async () => {
    gateway = await startTestGateway({ plugins: [[authApiKey, { keys: ['a-long-enough-key-for-all'] }]] });
    expect((await explain(messagesBody(), '', { 'x-api-key': 'wrong' })).status).toBe(401);
    expect((await explain(messagesBody(), '', { 'x-api-key': 'a-long-enough-key-for-all' })).status).toBe(200);
  });
});

describe('a strict request', () => {
  const lossy = messagesBody({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } });
  const ask = (headers: Record<string, string> = {}, body = lossy) =>
    gateway.post('/v1/messages', body, { ...anthropicHeaders, ...headers });

  it('is refused with a list before anything is spent', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    const answer = await ask({ 'x-signalbox-strict': '1' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringMatching(/^Strict: .*context_management \(dropped: /) },
    });
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('goes to the first target that takes it whole', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test', 'anthropic/claude-test'] });
    gateway.provider.on('/v1/messages', reply({ text: 'hello' }));
    const answer = await ask({ 'x-signalbox-strict': '1' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-signalbox-target')).toBe('anthropic/claude-test');
  });

  it('is answered where nothing is lost', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    gateway.provider.on('/v1/chat/completions', reply({ text: 'hello' }));
    expect((await ask({ 'x-signalbox-strict': '1' }, messagesBody())).status).toBe(200);
    expect((await ask({ 'x-signalbox-strict': '0' })).status).toBe(200);
  });
});
