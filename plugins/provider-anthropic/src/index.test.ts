import { describe, expect, it } from '@jest/globals';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import anthropic from './index.ts';

const OPTIONS = { apiKey: 'sk-ant-api03-own', baseUrl: 'https://api.anthropic.com', version: '2023-06-01' };
const OAUTH = 'sk-ant-oat01-caller';
const create = (more = {}) => createProvider(anthropic, { ...OPTIONS, ...more });
const MODEL = 'claude-opus-4-8';

describe('credentials', () => {
  it('sends an API key as x-api-key and nothing else', async () => {
    const { url, headers } = send(await create(), userRequest(MODEL));
    expect(url).toBe('https://api.anthropic.com/v1/messages');
    expect(headers).toEqual({ 'x-api-key': 'sk-ant-api03-own', 'anthropic-version': '2023-06-01' });
  });

  it('sends an OAuth token as Bearer with its beta, once', async () => {
    const provider = await create({ apiKey: OAUTH });
    const plain = send(provider, userRequest(MODEL)).headers;
    expect(plain).toMatchObject({ authorization: `Bearer ${OAUTH}`, 'anthropic-beta': 'oauth-2025-04-20' });
    expect(plain).not.toHaveProperty('x-api-key');
    const headers = { 'anthropic-beta': 'a-1, oauth-2025-04-20' };
    expect(send(provider, userRequest(MODEL), { headers }).headers['anthropic-beta']).toBe('a-1,oauth-2025-04-20');
  });

  it.each([
    ['an OAuth token', OAUTH, { authorization: `Bearer ${OAUTH}` }, { authorization: `Bearer ${OAUTH}` }],
    [
      'an API key that an SDK sent as Bearer',
      'sk-ant-api03-x',
      { authorization: 'Bearer sk-ant-api03-x' },
      { 'x-api-key': 'sk-ant-api03-x' },
    ],
    ['another token', 'tok', { authorization: 'Bearer tok' }, { authorization: 'Bearer tok' }],
    ['another key', 'tok', { 'x-api-key': 'tok' }, { 'x-api-key': 'tok' }],
  ])('forwards the caller’s key: %s', async (_name, credential, headers, expected) => {
    const provider = await create({ forwardCallerKey: true });
    const sent = send(provider, userRequest(MODEL), { headers, principal: { id: 'me', credential } }).headers;
    expect(sent).toMatchObject(expected);
    expect(Object.keys(sent).filter((name) => /^(authorization|x-api-key)$/.test(name))).toEqual(Object.keys(expected));
  });

  it('does not start without any key', async () => {
    const { apiKey: _, ...rest } = OPTIONS;
    await expect(createProvider(anthropic, rest)).rejects.toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
  });
});

describe('protocol headers', () => {
  it('F45 forwards an Anthropic client’s version and betas as they came', async () => {
    const headers = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'b-2,a-1', 'anthropic-workspace-id': 'w' };
    expect(send(await create(), userRequest(MODEL), { headers }).headers).toMatchObject(headers);
  });

  it('names the betas of what a client of another format uses', async () => {
    const request = userRequest(MODEL, {
      reasoning: { effort: 'high' },
      responseFormat: { type: 'json-schema', schema: { type: 'object' } },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi.' }] },
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      ],
    });
    const { headers } = send(await create(), request, {
      clientFormat: 'openai-chat',
      headers: { 'anthropic-beta': 'x' },
    });
    expect(headers['anthropic-beta']).toBe(
      'effort-2025-11-24,structured-outputs-2025-12-15,mid-conversation-system-2026-04-07',
    );
  });

  it('asks for no beta where none is needed', async () => {
    const { headers } = send(await create(), userRequest(MODEL), { clientFormat: 'openai-chat' });
    expect(headers).not.toHaveProperty('anthropic-beta');
  });

  it.each([
    [{}, '2026-10-21'],
    [{ temperature: 1 }, '2023-06-01'],
    [{ topK: 3 }, '2023-06-01'],
  ])('sends sampling parameters under the version that has them: %j', async (sampling, version) => {
    const provider = await create({ version: '2026-10-21' });
    const request = userRequest('claude-sonnet-4-5', sampling);
    expect(send(provider, request, { clientFormat: 'openai-chat' }).headers['anthropic-version']).toBe(version);
  });

  it('keeps the operator’s headers and a base URL that ends with /v1', async () => {
    const provider = await create({ baseUrl: 'https://proxy.example/anthropic/v1/', headers: { 'x-team': 'a' } });
    const { url, headers } = send(provider, userRequest(MODEL));
    expect([url, headers['x-team']]).toEqual(['https://proxy.example/anthropic/v1/messages', 'a']);
  });
});

describe('count_tokens', () => {
  it('F26 asks its own endpoint, without what only generation needs', async () => {
    const provider = await create();
    const request = agentRequest(MODEL, { temperature: 1, stopSequences: ['x'] });
    const { url, body } = send(provider, request, { operation: 'count-tokens' });
    expect(provider.countsTokens).toBe(true);
    expect(url).toBe('https://api.anthropic.com/v1/messages/count_tokens');
    expect(Object.keys(body).sort()).toEqual([
      ...['context_management', 'messages', 'model', 'output_config', 'system', 'thinking', 'tools'],
    ]);
  });
});

describe('requests', () => {
  it('F66 sends an agent’s turn as it was meant', async () => {
    const { body, notes } = send(await create(), agentRequest(MODEL));
    expect(notes).toEqual([]);
    expect(body).toMatchObject({
      model: MODEL,
      stream: true,
      max_tokens: 32_000,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
      context_management: { edits: [] },
      metadata: { user_id: '{"device_id":"d","session_id":"s"}' },
      system: [{ text: expect.stringContaining('billing') }, { cache_control: { type: 'ephemeral' } }],
    });
    expect(body.messages).toMatchObject([
      { role: 'user' },
      { role: 'system', content: 'Be brief.' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', signature: 'c2lnbmVk' },
          { type: 'text' },
          { type: 'tool_use', id: 'toolu_1' },
          { type: 'tool_use', id: 'toolu_2' },
        ],
      },
      { role: 'user' },
    ]);
  });

  it('F73 leaves out reasoning of another provider, and says so', async () => {
    const request = agentRequest(MODEL, {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi.' }] },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm.', state: { origin: 'deepseek', data: {} } },
            { type: 'text', text: 'Hello.' },
          ],
        },
        { role: 'user', content: [{ type: 'text', text: 'Again.' }] },
      ],
    });
    const { body, notes } = send(await create(), request);
    expect(JSON.stringify(body)).not.toContain('Hm.');
    expect(notes).toContainEqual(expect.objectContaining({ path: 'messages[1].content[0]', action: 'dropped' }));
  });

  it.each([
    ['{"messages":[{"content":[{"type":"thinking","signature":"c2ln"}]}]}', true],
    ['{"messages":[{"content":[{"type":"thinking","signature":"signalbox1.deepseek.e30"}]}]}', false],
    ['{"messages":[{"content":[{"type":"redacted_thinking","data":"signalbox1.openrouter.e30"}]}]}', false],
    ['{"messages":[{"content":[{"type":"thinking","signature":""}]}]}', false],
    ['{"messages":[{"content":[{"type":"thinking","signature": ""}]}]}', false],
  ])('F73 takes a body as it is only where all reasoning is Anthropic’s: %s', async (body, accepted) => {
    const provider = await create();
    const call = callOf(userRequest(MODEL), { rawBody: Buffer.from(body), lane: 'pass-through' });
    expect(provider.acceptsVerbatim?.(call)).toBe(accepted);
    expect(provider.adaptsVerbatim?.(call)).toBe(false);
  });

  it('F58 keeps names of up to 128 characters and gives longer ones an alias', async () => {
    const provider = await create();
    const nameSent = (length: number) => {
      const tools = [{ type: 'function', name: 'n'.repeat(length) } as const];
      const sent = send(provider, userRequest(MODEL, { tools })).body.tools as { name: string }[];
      return sent[0]?.name;
    };
    expect(nameSent(128)).toBe('n'.repeat(128));
    expect(nameSent(129)).toHaveLength(128);
    expect(nameSent(129)).not.toBe('n'.repeat(128));
  });
});
