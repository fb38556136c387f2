import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Block, type ChatRequest, type JsonObject, Notes, ToolNames } from '@signalbox/kit';
import { createProvider, send, userRequest } from '@signalbox/testkit';
import { describeProvider } from '@signalbox/testkit/suites';
import compatible, { type Profile, profiles } from '../src/index.ts';
import { CASES, COMMON } from './profile-cases.ts';
import { withProfileTable } from './profile-table.ts';

const configOf = ({ id, baseUrl = 'https://r.openai.azure.com' }: Profile) => ({
  profile: id,
  apiKey: 'key-for-tests',
  format: 'openai-chat',
  betas: [],
  baseUrl,
});
const create = (profile: string, more: JsonObject = {}) => {
  const known = profiles.find(({ id }) => id === profile);
  return createProvider(compatible, { ...configOf(known as Profile), ...more });
};

/** One request with everything in it that servers disagree about; its reasoning is the target's own. */
const requestOf = (model: string, origin: string): ChatRequest =>
  userRequest(model, {
    stream: true,
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Read it.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Look.', state: { origin, data: {} } },
          { type: 'text', text: 'Reading.' },
          { type: 'tool-call', id: 'toolu_1', name: 'Read', input: {}, rawInput: '{}' },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool-result', callId: 'toolu_1', content: [{ type: 'text', text: 'It.' }] }],
      },
    ],
    tools: [{ type: 'function', name: 'Read', inputSchema: { type: 'object', properties: {} } }],
    toolChoice: { type: 'required' },
    parallelToolCalls: true,
    maxOutputTokens: 32_000,
    temperature: 1.8,
    topK: 5,
    stopSequences: ['END', 'FIN'],
    reasoning: { mode: 'adaptive', effort: 'high' },
    responseFormat: { type: 'json-object' },
    userId: 'someone',
    extensions: { 'openai-chat': { seed: 7 } },
  });

describe.each(CASES)('the profile $profile', ({ profile, url, headers, bodies, assistants = {}, usage, errors }) => {
  it.each(Object.entries(bodies))('F42 F44 F67 sends %s what it takes', async (model, expected) => {
    const sent = send(await create(profile), requestOf(model, profile));
    const { messages, tools: _, ...body } = sent.body;
    // As it stands on the wire, where `undefined` is nothing.
    expect(JSON.parse(JSON.stringify(body))).toEqual(JSON.parse(JSON.stringify({ ...COMMON, model, ...expected })));
    const plain = {
      role: 'assistant',
      content: 'Reading.',
      tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'Read', arguments: '{}' } }],
    };
    const assistant = (messages as JsonObject[]).find(({ role }) => role === 'assistant');
    if (model in assistants) expect(assistant).toEqual({ ...plain, ...assistants[model] });
    // Every field that is missing has been noted, but for several calls at once: that is so where nothing is said.
    const told = JSON.stringify(sent.notes);
    for (const [field, path] of [
      ['temperature', 'temperature'],
      ['top_k', 'topK'],
    ] as const) {
      if (body[field] === undefined) expect(told).toContain(path);
    }
  });

  it('is called where the vendor says, with the key in the header it reads', async () => {
    const [model = ''] = Object.keys(bodies);
    const sent = send(await create(profile), userRequest(model));
    expect(sent.url).toBe(url);
    expect(sent.headers).toEqual(headers ?? { authorization: 'Bearer key-for-tests' });
  });

  it.each(usage)('F31 counts %j', async (wire, counts) => {
    const provider = await create(profile);
    const target = {
      model: 'm',
      notes: new Notes(),
      toolNames: new ToolNames(),
      reasoningOrigin: profile,
      enforceStopSequences: () => {},
    };
    const message = { role: 'assistant', content: 'Hi.' };
    const reply = { id: 'r', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage: wire };
    expect(provider.format.decodeReply(reply, target).usage).toEqual(counts);
  });

  it.each(errors)('F92 reads %s %j as %s', async (status, value, code) => {
    const { format, refineError } = await create(profile);
    const body = JSON.stringify(value);
    const decoded = format.decodeError(status, {}, body);
    const error = refineError?.(decoded, { status, headers: {}, body }) ?? decoded;
    expect(error.code).toBe(code);
    if (code === 'PROVIDER_BILLING' || code === 'QUOTA_EXHAUSTED') expect(error.shouldRetry).toBe(false);
  });
});

it('has a case for each profile', () => {
  expect(CASES.map(({ profile }) => profile)).toEqual(profiles.map(({ id }) => id));
});

const says = (content: Block[]) => ({ messages: [{ role: 'user', content }] }) as const;
const picture = says([{ type: 'image', source: { type: 'url', url: 'https://pictures.example/a.png' } }]);

it('F70 F73 Kimi gets no reasoning of others, and in its place a text that does not count as missing', async () => {
  const request = requestOf('kimi-k3', 'anthropic');
  const dropped = expect.objectContaining({ path: 'messages[1].content[0]', action: 'dropped' });
  const sent = ({ body }: { body: JsonObject }) =>
    (body.messages as JsonObject[]).find(({ role }) => role === 'assistant');
  const chat = send(await create('moonshot'), request);
  expect(sent(chat)?.reasoning_content).toBe(' ');
  expect(chat.notes).toContainEqual(dropped);
  const messages = send(await create('moonshot', { format: 'anthropic-messages' }), request);
  expect(sent(messages)?.content).toContainEqual({ type: 'thinking', thinking: ' ', signature: '' });
  expect(messages.notes).toContainEqual(dropped);
});

describe('what only some take', () => {
  it.each([
    ['groq', 'm', true],
    ['moonshot', 'kimi-k3', false],
    ['lm-studio', 'm', false],
    ['glm', 'glm-4.7', false],
    ['glm', 'glm-4.6v-flash', true],
  ])('%s %s fetches an image from its URL: %s', async (profile, model, takes) => {
    const { body, notes } = send(await create(profile), userRequest(model, picture));
    expect(JSON.stringify(body).includes('image_url')).toBe(takes);
    expect(notes).toHaveLength(takes ? 0 : 1);
  });

  it('GLM gets a system prompt alone as a user message', async () => {
    const request = userRequest('glm-4.7', { system: [{ type: 'text', text: 'Say hello.' }], messages: [] });
    expect(send(await create('glm'), request).body.messages).toEqual([{ role: 'user', content: 'Say hello.' }]);
  });

  it('GLM and Qwen do not think for a client that says nothing, and Kimi K3 cannot help it', async () => {
    const body = async (profile: string, model: string, reasoning: ChatRequest['reasoning'] | null = null) =>
      send(await create(profile), userRequest(model, reasoning ? { reasoning } : {})).body;
    expect(await body('glm', 'glm-4.7')).toMatchObject({ thinking: { type: 'disabled' } });
    expect(await body('qwen', 'qwen3.5-plus')).toMatchObject({ enable_thinking: false });
    expect(await body('moonshot', 'kimi-k3', { mode: 'disabled' })).toMatchObject({ reasoning_effort: 'low' });
  });

  it('F90 Qwen is asked for a stream while it thinks', async () => {
    const request = userRequest('qwen3.5-plus', { reasoning: { mode: 'adaptive' } });
    expect(send(await create('qwen'), request).body).toMatchObject({ enable_thinking: true, stream: true });
    expect(send(await create('qwen'), userRequest('qwen3.5-plus')).body).not.toHaveProperty('stream');
  });

  it('Mistral goes on with a last assistant message', async () => {
    const assistant = { role: 'assistant', content: [{ type: 'text', text: 'Once' }] } as const;
    const request = userRequest('mistral-large-latest', { messages: [...userRequest('m').messages, assistant] });
    expect(send(await create('mistral'), request).body.messages).toMatchObject([{}, { content: 'Once', prefix: true }]);
  });

  it('Moonshot gets tools in its flavour of JSON Schema', async () => {
    const inputSchema = {
      type: 'object',
      properties: {
        a: { type: 'string', anyOf: [{ minLength: 3 }, { type: 'string', enum: ['x'] }] },
        b: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] },
      },
    };
    const request = userRequest('kimi-k3', { tools: [{ type: 'function', name: 'f', inputSchema }] });
    const { tools } = send(await create('moonshot'), request).body;
    expect(tools).toMatchObject([{ function: { parameters: { type: 'object' } } }]);
    expect((tools as [{ function: { parameters: JsonObject } }])[0].function.parameters.properties).toEqual({
      a: {
        anyOf: [
          { type: 'string', minLength: 3 },
          { type: 'string', enum: ['x'] },
        ],
      },
      b: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
    });
  });

  it('a deployment of Azure follows the model it is made of', async () => {
    const provider = await create('azure-openai-classic', {
      baseModels: { 'my prod': 'gpt-5.1' },
      query: { 'api-version': '2025-04-01-preview' },
    });
    const { url, body } = send(provider, userRequest('my prod', { temperature: 1, reasoning: { effort: 'low' } }));
    expect(url).toBe(
      'https://r.openai.azure.com/openai/deployments/my%20prod/chat/completions?api-version=2025-04-01-preview',
    );
    expect(body).toMatchObject({ reasoning_effort: 'low' });
    expect(body).not.toHaveProperty('temperature');
  });
});

describe('the user’s own options', () => {
  it('win over the profile, field by field', async () => {
    const provider = await createProvider(compatible, {
      profile: 'glm',
      name: 'mine',
      apiKey: 'k',
      format: 'openai-chat',
      betas: [],
      baseUrl: 'https://proxy.example/v4/',
      path: '/chat',
      query: { a: 'b' },
      authHeader: 'x-api-key',
      dialect: { maxTokensField: 'max_completion_tokens', errorMeanings: { 1302: 'overloaded' } },
      errors: [{ wording: 'come back tomorrow', means: 'quota' }],
    });
    const { url, headers, body } = send(provider, userRequest('glm-4.7', { maxOutputTokens: 9 }));
    expect([url, headers]).toEqual(['https://proxy.example/v4/chat?a=b', { 'x-api-key': 'k' }]);
    expect(body).toMatchObject({ max_completion_tokens: 9, thinking: { type: 'disabled' } });
    const code = (status: number, error: JsonObject) => {
      const text = JSON.stringify({ error });
      const decoded = provider.format.decodeError(status, {}, text);
      return provider.refineError?.(decoded, { status, headers: {}, body: text }).code;
    };
    expect(code(429, { code: '1302' })).toBe('PROVIDER_OVERLOADED');
    expect(code(429, { code: '1113' })).toBe('PROVIDER_BILLING');
    expect(code(429, { message: 'Come back tomorrow.' })).toBe('QUOTA_EXHAUSTED');
    expect(provider.reasoningOrigin).toBe('mine');
  });

  it('may ask for the other format where the server has it', async () => {
    const options = { profile: 'glm', apiKey: 'k', format: 'anthropic-messages', betas: [] };
    const provider = await createProvider(compatible, options);
    expect(send(provider, userRequest('glm-4.7')).url).toBe('https://api.z.ai/api/anthropic/v1/messages');
    const body = '{"type":"error","error":{"type":"1113","message":"no","code":"1113"}}';
    const decoded = provider.format.decodeError(429, {}, body);
    expect(provider.refineError?.(decoded, { status: 429, headers: {}, body }).code).toBe('PROVIDER_BILLING');
    await expect(createProvider(compatible, { ...options, profile: 'groq' })).rejects.toThrow('anthropic-messages');
  });

  it.each([
    [{ profile: 'groq' }, 'apiKey'],
    [{ profile: 'azure-openai', apiKey: 'k' }, 'https://{resource}.openai.azure.com'],
    [{ baseUrl: 'http://localhost:1' }, 'name: required'],
    [{ name: 'x' }, 'baseUrl: required'],
  ])('%j is not enough', async (options, message) => {
    await expect(createProvider(compatible, { format: 'openai-chat', betas: [], ...options })).rejects.toThrow(message);
  });

  it.each([
    [{ profile: 'vllm' }, {}],
    [{ profile: 'azure-openai', baseUrl: 'https://r.openai.azure.com/openai/v1' }, { Authorization: 'Bearer entra' }],
  ])('%j is enough without a key', async (options, headers) => {
    const provider = await createProvider(compatible, { format: 'openai-chat', betas: [], ...options, headers });
    expect(send(provider, userRequest('m')).headers).toEqual(headers);
  });
});

it('shows all profiles in the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(withProfileTable(readme, profiles)).toBe(readme);
});

for (const profile of profiles) {
  describe(`as ${profile.id}`, () => {
    describeProvider(compatible, {
      config: configOf(profile),
      supports: { images: profile.dialect.images !== false },
    });
  });
}
