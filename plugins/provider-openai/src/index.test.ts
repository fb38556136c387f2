import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import openai from './index.ts';

const OPTIONS = { apiKey: 'k', baseUrl: 'https://api.openai.com/v1' };
/** Through Chat Completions, unless it is said otherwise. */
const create = (more: JsonObject = {}) => createProvider(openai, { ...OPTIONS, surface: 'chat', ...more });
const SAMPLED = { temperature: 0.2, topP: 0.5, stopSequences: ['END'], maxOutputTokens: 9 };

describe('the call', () => {
  it('goes to Chat Completions with key, organization and project', async () => {
    const provider = await create({ baseUrl: 'https://eu.api.openai.com/v1/', organization: 'o', project: 'p' });
    const { url, headers } = send(provider, userRequest('gpt-6.1-sol'));
    expect(url).toBe('https://eu.api.openai.com/v1/chat/completions');
    expect(headers).toEqual({ authorization: 'Bearer k', 'openai-organization': 'o', 'openai-project': 'p' });
  });

  it('does not start without a key', async () => {
    await expect(createProvider(openai, { baseUrl: OPTIONS.baseUrl })).rejects.toThrow('apiKey');
  });
});

describe('which API is called', () => {
  const CHAT = 'https://api.openai.com/v1/chat/completions';
  const RESPONSES = 'https://api.openai.com/v1/responses';
  const FUNCTION = { type: 'function', name: 'f' } as const;
  const [chatClient, ownClient, other] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

  it.each([
    // Others: Responses for what reasons.
    [other, 'gpt-4.1', [], {}, CHAT],
    [other, 'gpt-5-chat-latest', [], {}, CHAT],
    [other, 'gpt-5.2', [], {}, RESPONSES],
    [other, 'o3', [FUNCTION], {}, RESPONSES],
    [other, 'gpt-6.1-sol', [FUNCTION], {}, RESPONSES],
    // A Responses client: always its own.
    [ownClient, 'gpt-4.1', [], {}, RESPONSES],
    [ownClient, 'gpt-5.6-sol', [FUNCTION], {}, RESPONSES],
    // A Chat client: its own, unless the model is not there or refuses what is asked.
    [chatClient, 'gpt-4.1', [FUNCTION], {}, CHAT],
    [chatClient, 'o3', [FUNCTION], {}, CHAT],
    [chatClient, 'gpt-6.1-sol', [FUNCTION], {}, CHAT],
    [chatClient, 'gpt-5.4', [], {}, CHAT],
    [chatClient, 'gpt-5.4', [FUNCTION], {}, RESPONSES],
    [chatClient, 'gpt-5.6-sol', [FUNCTION], { effort: 'high' }, RESPONSES],
    [chatClient, 'gpt-5.6-sol', [FUNCTION], { effort: 'none' }, CHAT],
    [chatClient, 'o3-pro', [], {}, RESPONSES],
    [chatClient, 'gpt-5.1-codex', [], {}, RESPONSES],
    [chatClient, 'gpt-5-codex-mini', [], {}, RESPONSES],
    [chatClient, 'o4-mini-deep-research-2025-06-26', [], {}, RESPONSES],
    [chatClient, 'gpt-5-pro-2025-10-06', [], {}, RESPONSES],
  ] as const)('%s asks %s with tools %j and reasoning %j', async (clientFormat, model, tools, reasoning, url) => {
    const provider = await create({ surface: 'auto' });
    const request = userRequest(model, { tools, reasoning });
    const sent = send(provider, request, { clientFormat: String(clientFormat) });
    expect(sent.url).toBe(url);
    expect(sent.body).toHaveProperty(url === CHAT ? 'messages' : 'input');
    const said = { chat: CHAT, responses: RESPONSES };
    for (const surface of ['chat', 'responses'] as const) {
      expect(send(await create({ surface }), request, { clientFormat: String(clientFormat) }).url).toBe(said[surface]);
    }
  });

  it('decodes a Chat client’s body only where it may ask for both', async () => {
    const provider = await create({ surface: 'auto' });
    const given = {
      clientFormat: 'openai-chat',
      rawBody: Buffer.from('{"model":"gpt-5.6-sol","messages":[]}'),
      get request(): never {
        throw new Error('the request was decoded');
      },
    };
    const call = Object.defineProperties(callOf(userRequest('gpt-5.6-sol')), Object.getOwnPropertyDescriptors(given));
    expect(provider.endpoint(call).url).toBe(CHAT);
  });
});

describe('a Responses client’s own body', () => {
  const verbatim = async (body: string, holdsGatewayMarks = false) => {
    const rawBody = Buffer.from(body);
    const call = callOf(userRequest('o3'), { clientFormat: 'openai-responses', rawBody, holdsGatewayMarks });
    return (await create({ surface: 'auto' })).acceptsVerbatim?.(call);
  };

  it('F73 F76 goes as it came unless it has what the gateway made', async () => {
    expect(await verbatim('{"model":"o3","input":[{"type":"reasoning","id":"rs_1","encrypted_content":"e"}]}')).toBe(
      true,
    );
    expect(await verbatim('{"model":"o3","input":[{"type":"message","id":"msg_sbxA"}]}')).toBe(false);
    expect(await verbatim('{"model":"o3","input":[]}', true)).toBe(false);
  });
});

describe('Responses', () => {
  const through = async (request: Parameters<typeof send>[1]) => send(await create({ surface: 'auto' }), request);

  it('F48 F66 F70 F60 gets an agent’s turn in its own words', async () => {
    const { body, notes } = await through(agentRequest('gpt-5.2'));
    expect(body).toEqual({
      store: false,
      model: 'gpt-5.2',
      instructions: 'You are an agent.',
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Read both files.' }] },
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
        {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Reading.', annotations: [] }],
        },
        { type: 'function_call', call_id: 'toolu_1', name: 'Read', arguments: '{"path":"a"}' },
        { type: 'function_call', call_id: 'toolu_2', name: 'Read', arguments: '{"path":"b"}' },
        { type: 'function_call_output', call_id: 'toolu_2', output: 'Error: no such file' },
        { type: 'function_call_output', call_id: 'toolu_1', output: 'A' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] },
      ],
      max_output_tokens: 32_000,
      reasoning: { effort: 'high', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      tools: [expect.objectContaining({ type: 'function', name: 'Read', strict: false })],
      safety_identifier: '{"device_id":"d","session_id":"s"}',
      stream: true,
    });
    expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped context_management',
      'mapped system[0]',
      'mapped system[1].cacheControl',
      'dropped messages[2].content[0]',
    ]);
  });

  it('F42 F44 takes cache breakpoints on models that have them', async () => {
    const { body } = await through(agentRequest('gpt-5.6-sol'));
    expect(JSON.stringify(body)).toContain('"prompt_cache_breakpoint":{"mode":"explicit"');
    expect(JSON.stringify((await through(agentRequest('gpt-5.5'))).body)).not.toContain('prompt_cache_breakpoint');
  });

  it('F67 takes sampling parameters on models that do not reason, and no reasoning', async () => {
    const provider = await create({ surface: 'responses' });
    const asked = { temperature: 0.2, topP: 0.5, reasoning: { effort: 'high' } } as const;
    const classic = send(provider, userRequest('gpt-4.1', asked));
    expect(classic.body).toMatchObject({ temperature: 0.2, top_p: 0.5 });
    for (const key of ['reasoning', 'include']) expect(classic.body).not.toHaveProperty(key);
    expect(classic.notes.map(({ path }) => path)).toEqual(['reasoning']);
    const reasoning = send(provider, userRequest('o3', asked));
    for (const key of ['temperature', 'top_p']) expect(reasoning.body).not.toHaveProperty(key);
    expect(reasoning.body).toMatchObject({ reasoning: { effort: 'high' } });
    expect(reasoning.notes.map(({ path }) => path)).toEqual(['temperature', 'topP']);
  });

  it.each([
    ['o3', 'max', 'high'],
    ['gpt-5', 'minimal', 'minimal'],
    ['gpt-5', 'none', 'minimal'],
    ['gpt-6-luna', 'max', 'max'],
  ] as const)('F60 %s gets the effort %s as %s', async (model, effort, word) => {
    const { body } = await through(userRequest(model, { reasoning: { effort } }));
    expect(body.reasoning).toMatchObject({ effort: word });
  });

  it.each([
    ['gpt-5.3-codex', true],
    ['gpt-5.6-sol', true],
    ['ft:gpt-6-luna:x', true],
    ['gpt-10', true],
    ['gpt-5.3', false],
    ['gpt-5.1', false],
    ['o3', false],
    ['gpt-4.1', false],
  ])('tells %s comments from answers: %s', async (model, tells) => {
    const text = JSON.stringify((await through(agentRequest(model))).body);
    expect(text.includes('"phase":"commentary"')).toBe(tells);
  });

  it('drops fields that OpenAI would refuse, with a note', async () => {
    const request = userRequest('o3', {
      extensions: { 'openai-responses': { client_metadata: {}, prompt_cache_key: 'k' } },
    });
    const { body, notes } = await through(request);
    expect(body).toMatchObject({ prompt_cache_key: 'k' });
    expect(body).not.toHaveProperty('client_metadata');
    expect(notes).toContainEqual(expect.objectContaining({ path: 'client_metadata', action: 'dropped' }));
  });
});

describe('a Chat client’s own body', () => {
  it.each([
    ['{"model":"gpt-6.1-sol","messages":[]}', true],
    ['{"messages":[{"role":"assistant","content":"x","reasoning_content":"y"}]}', false],
    ['{"messages":[{"role":"assistant","content":"x","reasoning_details":[]}]}', false],
  ])('F73 goes as it came unless it has reasoning of others: %s', async (body, accepted) => {
    const call = callOf(userRequest('gpt-6.1-sol'), { clientFormat: 'openai-chat', rawBody: Buffer.from(body) });
    expect((await create()).acceptsVerbatim?.(call)).toBe(accepted);
  });
});

describe('models that reason', () => {
  it.each([
    'o3',
    'o4-mini-2025-04-16',
    'gpt-5-mini',
    'gpt-5.1',
    'gpt-5.6-sol',
    'gpt-6.1-terra',
    'gpt-10',
    'ft:gpt-5.1:x',
  ])('F67 %s takes no sampling parameters and no stop sequences', async (model) => {
    const { body, notes, enforced } = send(await create(), userRequest(model, SAMPLED));
    expect(body).toMatchObject({ max_completion_tokens: 9 });
    for (const key of ['temperature', 'top_p', 'stop', 'max_tokens']) expect(body).not.toHaveProperty(key);
    expect(enforced).toEqual(['END']);
    expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped temperature',
      'dropped topP',
      'mapped stopSequences',
    ]);
  });

  it.each(['gpt-4.1', 'gpt-4o-2024-11-20', 'gpt-5-chat-latest', 'ft:gpt-4.1:x'])('%s takes both', async (model) => {
    const { body, notes } = send(await create(), userRequest(model, SAMPLED));
    expect(body).toMatchObject({ temperature: 0.2, top_p: 0.5, stop: ['END'], max_completion_tokens: 9 });
    expect(notes).toEqual([]);
  });

  it('get developer messages, others get system messages', async () => {
    const roles = async (model: string) =>
      (send(await create(), agentRequest(model)).body.messages as JsonObject[]).map(({ role }) => role);
    expect((await roles('gpt-6.1-sol')).slice(0, 3)).toEqual(['developer', 'user', 'developer']);
    expect((await roles('gpt-4.1')).slice(0, 3)).toEqual(['system', 'user', 'system']);
  });

  it.each([
    ['o3', 'max', 'high'],
    ['o3', 'minimal', 'low'],
    ['gpt-5', 'minimal', 'minimal'],
    ['gpt-5.1', 'xhigh', 'high'],
    ['gpt-5.2', 'xhigh', 'xhigh'],
    ['gpt-5.2', 'max', 'xhigh'],
    ['gpt-6-luna', 'max', 'max'],
    ['gpt-6-luna', 'none', 'none'],
  ] as const)('F60 %s gets the effort %s as %s', async (model, effort, word) => {
    const { body, notes } = send(await create(), userRequest(model, { reasoning: { effort } }));
    expect(body.reasoning_effort).toBe(word);
    expect(notes.map(({ path }) => path)).toEqual(effort === word ? [] : ['reasoning.effort']);
  });

  it.each(['gpt-5.4', 'gpt-5.5', 'gpt-5.6-sol'])('%s has no reasoning beside tools, which is noted', async (model) => {
    const asked = send(await create(), agentRequest(model));
    expect(asked.body.reasoning_effort).toBe('none');
    expect(asked.notes).toContainEqual(expect.objectContaining({ path: 'reasoning', action: 'dropped' }));
    const { reasoning: _, ...unasked } = agentRequest(model);
    expect(send(await create(), unasked).body.reasoning_effort).toBe('none');
    const withoutTools = userRequest(model, { reasoning: { effort: 'high' } });
    expect(send(await create(), withoutTools).body.reasoning_effort).toBe('high');
  });

  it.each(['gpt-5.2', 'gpt-6.1-sol', 'o3'])('%s has both', async (model) => {
    expect(send(await create(), agentRequest(model)).body.reasoning_effort).toBe('high');
  });
});

it('F48 F44 F70 F66 sends an agent’s turn in OpenAI’s words', async () => {
  const { body, notes } = send(await create(), agentRequest('gpt-6.1-sol'));
  expect(body).toEqual({
    model: 'gpt-6.1-sol',
    messages: [
      { role: 'developer', content: 'You are an agent.' },
      { role: 'user', content: 'Read both files.' },
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'assistant',
        content: 'Reading.',
        tool_calls: [
          { id: 'toolu_1', type: 'function', function: { name: 'Read', arguments: '{"path":"a"}' } },
          { id: 'toolu_2', type: 'function', function: { name: 'Read', arguments: '{"path":"b"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'A' },
      { role: 'tool', tool_call_id: 'toolu_2', content: 'Error: no such file' },
      { role: 'user', content: 'Go on.' },
    ],
    max_completion_tokens: 32_000,
    reasoning_effort: 'high',
    tools: [{ type: 'function', function: expect.objectContaining({ name: 'Read' }) }],
    safety_identifier: '{"device_id":"d","session_id":"s"}',
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
    'dropped context_management',
    'mapped system[0]',
    'mapped system[1].cacheControl',
    'dropped messages[2].content[0]',
  ]);
});

it('drops fields of a Chat client that OpenAI would refuse, with a note', async () => {
  const request = userRequest('gpt-6.1-sol', {
    extensions: { 'openai-chat': { verbosity: 'low', repetition_penalty: 1.1 } },
  });
  const { body, notes } = send(await create(), request);
  expect(body).toMatchObject({ verbosity: 'low' });
  expect(body).not.toHaveProperty('repetition_penalty');
  expect(notes).toContainEqual(expect.objectContaining({ path: 'repetition_penalty', action: 'dropped' }));
});
