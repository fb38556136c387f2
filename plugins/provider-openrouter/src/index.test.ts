import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type JsonObject, Notes, ToolNames } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import openrouter from './index.ts';

const CLAUDE = 'anthropic/claude-sonnet-4.5';
const OPTIONS = { apiKey: 'k', baseUrl: 'https://openrouter.ai/api/v1', skin: 'chat' };
const create = (more: JsonObject = {}) => createProvider(openrouter, { ...OPTIONS, ...more });
const target = (reasoningOrigin: string) => ({
  model: CLAUDE,
  notes: new Notes(),
  toolNames: new ToolNames(),
  reasoningOrigin,
  enforceStopSequences: () => {},
});

describe('headers', () => {
  it('has the key, and nothing that was not asked for', async () => {
    const { url, headers } = send(await create(), userRequest(CLAUDE));
    expect(url).toBe('https://openrouter.ai/api/v1/chat/completions');
    expect(headers).toEqual({ authorization: 'Bearer k' });
  });

  it('says whose app it is', async () => {
    const options = { referer: 'https://a.example', title: 'A', categories: ['cli-agent', 'x'], metadata: true };
    expect(send(await create(options), userRequest(CLAUDE)).headers).toEqual({
      authorization: 'Bearer k',
      'http-referer': 'https://a.example',
      'x-openrouter-title': 'A',
      'x-openrouter-categories': 'cli-agent,x',
      'x-openrouter-metadata': 'enabled',
    });
  });

  it.each([
    [{ 'x-claude-code-session-id': 's1' }, 's1'],
    [{ 'x-claude-code-session-id': 's1', 'x-session-id': 's2' }, 's2'],
    [{ 'x-session-id': 'x'.repeat(300) }, 'x'.repeat(256)],
  ])('keeps a session together: %j', async (headers, session) => {
    expect(send(await create(), userRequest(CLAUDE), { headers }).headers['x-session-id']).toBe(session);
  });

  it('shows clients the generation id', async () => {
    const { format } = await create();
    expect([format.forwardsReplyHeader('x-generation-id'), format.forwardsReplyHeader('set-cookie')]).toEqual([
      true,
      false,
    ]);
  });
});

describe('routing options', () => {
  const options = {
    provider: { sort: 'price', only: ['a'], max_price: { prompt: 1 } },
    fallbackModels: ['x/y'],
    plugins: [{ id: 'web', max_results: 3 }, { id: 'moderation' }],
  };

  it('go along with every request', async () => {
    const { body } = send(await create(options), userRequest(CLAUDE));
    expect(body).toMatchObject({ provider: options.provider, models: ['x/y'], plugins: options.plugins });
  });

  it('give way to what the request says itself, key by key', async () => {
    const own = {
      provider: { sort: 'latency', order: ['b'] },
      models: ['m/n'],
      plugins: [{ id: 'web', max_results: 9 }],
    };
    const request = userRequest(CLAUDE, { extensions: { 'openai-chat': own } });
    expect(send(await create(options), request).body).toMatchObject({
      provider: { sort: 'latency', order: ['b'], only: ['a'], max_price: { prompt: 1 } },
      models: ['m/n'],
      plugins: [{ id: 'moderation' }, { id: 'web', max_results: 9 }],
    });
  });

  it('do not join a list of fallbacks, which OpenRouter takes instead', async () => {
    const body = { model: CLAUDE, fallbacks: [{ model: 'a/b' }] };
    const adapted = (await create(options)).adaptBody?.(body, callOf(userRequest(CLAUDE)));
    expect(adapted).not.toHaveProperty('models');
  });

  it('cost no parse of a client’s own body where there are none', async () => {
    expect(await create()).not.toHaveProperty('adaptBody');
  });

  it('leave variants to the name of the model', async () => {
    expect(send(await create(), userRequest(`${CLAUDE}:nitro`)).body.model).toBe(`${CLAUDE}:nitro`);
  });
});

describe('the Chat skin', () => {
  it('F44 F48 F60 F66 sends an agent’s turn with its cache breakpoints', async () => {
    const { body, notes } = send(await create(), agentRequest(CLAUDE));
    expect(body).toMatchObject({
      max_tokens: 32_000,
      reasoning: { effort: 'high' },
      user: '{"device_id":"d","session_id":"s"}',
      stream: true,
      messages: [
        {
          role: 'system',
          content: [{ type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } }],
        },
        { role: 'user', content: 'Read both files.' },
        { role: 'system', content: 'Be brief.' },
        { role: 'assistant', content: 'Reading.', tool_calls: [{ id: 'toolu_1' }, { id: 'toolu_2' }] },
        { role: 'tool', tool_call_id: 'toolu_1' },
        { role: 'tool', tool_call_id: 'toolu_2' },
        { role: 'user', content: [{ type: 'text', text: 'Go on.', cache_control: { type: 'ephemeral' } }] },
      ],
    });
    expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped context_management',
      'mapped system[0]',
      'dropped messages[2].content[0]',
    ]);
  });

  it.each([
    [{ mode: 'disabled' }, { effort: 'none' }],
    [{ mode: 'adaptive' }, { enabled: true }],
    [{ mode: 'budget', budgetTokens: 8_000 }, { max_tokens: 8_000 }],
    [
      { effort: 'xhigh', display: 'omitted' },
      { effort: 'xhigh', exclude: true },
    ],
  ] as const)('F60 asks for reasoning: %j', async (reasoning, expected) => {
    expect(send(await create(), userRequest(CLAUDE, { reasoning })).body.reasoning).toEqual(expected);
  });

  it('F69 F75 gives reasoning_details back as they came', async () => {
    const { format } = await create();
    const details = [
      { type: 'reasoning.text', text: 'Two cities.', signature: 'U0lH', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'ZW5j', id: 'x', format: 'openai-responses-v1', index: 1 },
    ];
    const message = { role: 'assistant', content: 'Checking.', reasoning: 'Two cities.', reasoning_details: details };
    const reply = format.decodeReply(
      {
        id: 'gen-1',
        model: CLAUDE,
        choices: [{ message, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 410,
          completion_tokens: 95,
          cost: 0.00265,
          prompt_tokens_details: { cached_tokens: 400, cache_write_tokens: 5 },
          completion_tokens_details: { reasoning_tokens: 20 },
        },
      },
      target('openrouter'),
    );
    expect(reply.usage).toEqual({
      promptTokens: 410,
      cacheReadTokens: 400,
      cacheWriteTokens: 5,
      completionTokens: 95,
      reasoningTokens: 20,
      costUsd: 0.00265,
    });
    const again = userRequest(CLAUDE, { messages: [{ role: 'assistant', content: reply.content }] });
    expect((send(await create(), again).body.messages as JsonObject[])[0]?.reasoning_details).toEqual(details);
  });

  it.each([
    ['{"messages":[{"reasoning_details":[{"signature":"U0lH"}]}]}', true],
    ['{"messages":[{"reasoning_details":[{"signature":"signalbox1.deepseek.e30"}]}]}', false],
    ['{"messages":[{"reasoning_details":[{"id":"signalbox-anthropic"}]}]}', false],
  ])('F73 takes a Chat client’s body as it is only without reasoning of others: %s', async (body, accepted) => {
    const call = callOf(userRequest(CLAUDE), { clientFormat: 'openai-chat', rawBody: Buffer.from(body) });
    expect((await create()).acceptsVerbatim?.(call)).toBe(accepted);
  });
});

describe('errors', () => {
  afterEach(() => void jest.restoreAllMocks());
  const errorOf = async (status: number, error: JsonObject) => {
    const body = JSON.stringify({ error });
    const provider = await create();
    const decoded = provider.format.decodeError(status, {}, body);
    return provider.refineError?.(decoded, { status, headers: {}, body });
  };

  it.each([
    [
      403,
      { message: 'flagged', code: 403, metadata: { reasons: ['violence'], flagged_input: 'x' } },
      'CONTENT_REFUSED',
    ],
    [403, { message: 'key', code: 403 }, 'PROVIDER_AUTH'],
    [402, { message: 'credits', code: 402, metadata: { error_type: 'payment_required' } }, 'PROVIDER_BILLING'],
    [404, { message: 'none', code: 404, metadata: { error_type: 'not_found' } }, 'MODEL_NOT_FOUND'],
    [400, { message: 'bad', code: 400, metadata: { error_type: 'invalid_request' } }, 'PROVIDER_REJECTED'],
    [400, { message: 'long', code: 400, metadata: { error_type: 'context_length_exceeded' } }, 'CONTEXT_OVERFLOW'],
    [400, { message: 'no', code: 400, metadata: { error_type: 'refusal' } }, 'CONTENT_REFUSED'],
    [502, { message: 'gone', code: 502, metadata: { error_type: 'provider_unavailable' } }, 'PROVIDER_OVERLOADED'],
    [429, { message: 'slow', code: 429, metadata: { error_type: 'rate_limit_exceeded' } }, 'RATE_LIMITED'],
    [504, { message: 'late', code: 504, metadata: { error_type: 'timeout' } }, 'PROVIDER_FAILED'],
  ])('%i %j is %s', async (status, error, code) => {
    expect(await errorOf(status, error)).toMatchObject({ code });
  });

  it.each([
    ['free-models-per-min', {}, { code: 'RATE_LIMITED', retryAfterSeconds: 2 }],
    ['free-models-per-day', {}, { code: 'QUOTA_EXHAUSTED', retryAfterSeconds: 2, shouldRetry: false }],
    ['too many', { limit_source: 'account_daily' }, { code: 'QUOTA_EXHAUSTED' }],
  ])('reads its own limits: %s', async (name, metadata, expected) => {
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now);
    const reset = { 'X-RateLimit-Reset': String(now + 1_500) };
    const error = { message: `Rate limit exceeded: ${name}. `, code: 429, metadata: { headers: reset, ...metadata } };
    expect(await errorOf(429, error)).toMatchObject(expected);
  });

  it.each(['anthropic', 'chat'])('reads when a limit ends from the headers, too: %s', async (skin) => {
    const provider = await create({ skin });
    const body = JSON.stringify({ error: { message: 'Rate limit exceeded', code: 429 } });
    const answer = (headers: Record<string, string>) => {
      const decoded = provider.format.decodeError(429, headers, body);
      return (provider.refineError?.(decoded, { status: 429, headers, body }) ?? decoded).retryAfterSeconds;
    };
    expect(answer({ 'x-ratelimit-reset': String(Date.now() - 5_000) })).toBe(0);
    expect(answer({ 'x-ratelimit-reset': String(Date.now() + 60_000), 'retry-after': '7' })).toBe(7);
    expect(answer({ 'x-ratelimit-reset': 'soon' })).toBeUndefined();
    expect(answer({})).toBeUndefined();
  });

  it.each([
    [
      'text',
      JSON.stringify({ type: 'error', error: { message: 'prompt is too long: 210000 tokens > 200000 maximum' } }),
    ],
    ['an object', { error: { message: 'prompt is too long: 210000 tokens > 200000 maximum' } }],
  ])('F10 finds what the provider behind it said, as %s', async (_name, raw) => {
    const error = await errorOf(400, { message: 'Provider returned error', code: 400, metadata: { raw } });
    expect(error).toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      status: 400,
      message: 'prompt is too long: 210000 tokens > 200000 maximum',
      wire: undefined,
    });
  });

  it('keeps the error’s own body for a Chat client where it means the same', async () => {
    const metadata = { raw: JSON.stringify({ error: { message: 'max_tokens: must be at least 1' } }) };
    const error = await errorOf(400, { message: 'Provider returned error', code: 400, metadata });
    expect(error?.message).toBe('max_tokens: must be at least 1');
    expect(error?.wire?.body).toMatchObject({ error: { message: 'Provider returned error' } });
  });

  it('does not blame the gateway’s key for a key behind OpenRouter', async () => {
    const metadata = { raw: JSON.stringify({ error: { code: 'invalid_api_key', message: 'bad key' } }) };
    expect(await errorOf(400, { message: 'Provider returned error', code: 400, metadata })).toMatchObject({
      code: 'PROVIDER_REJECTED',
    });
  });
});

describe('the Anthropic skin', () => {
  const anthropic = (more: JsonObject = {}) => create({ skin: 'anthropic', ...more });

  it('F45 posts messages with the betas under OpenRouter’s name', async () => {
    const headers = { 'anthropic-beta': 'context-1m-2025-08-07' };
    const sent = send(await anthropic(), agentRequest(CLAUDE), { headers });
    expect(sent.url).toBe('https://openrouter.ai/api/v1/messages');
    expect(sent.headers).toEqual({ authorization: 'Bearer k', 'x-anthropic-beta': 'context-1m-2025-08-07' });
    const fromChat = send(await anthropic(), userRequest(CLAUDE), { headers, clientFormat: 'openai-chat' });
    expect(fromChat.headers).not.toHaveProperty('x-anthropic-beta');
  });

  it('F48 F75 keeps signed reasoning and cache breakpoints, and leaves the attribution block out', async () => {
    const text = JSON.stringify(send(await anthropic(), agentRequest(CLAUDE)).body);
    expect(text).toContain('"signature":"c2lnbmVk"');
    expect(text).toContain('"cache_control":{"type":"ephemeral"}');
    expect(text).not.toContain('billing');
  });

  it('F26 leaves token counts to the gateway', async () => {
    expect((await anthropic()).countsTokens).toBeUndefined();
  });

  it('adds the routing options', async () => {
    const provider = await anthropic({ provider: { zdr: true } });
    expect(send(provider, userRequest(CLAUDE)).body.provider).toEqual({ zdr: true });
  });

  it.each([
    [CLAUDE, '{}', true],
    ['~anthropic/claude-opus-latest', '{}', true],
    ['openai/gpt-5.1', '{}', false],
    [CLAUDE, '{"signature":"signalbox1.deepseek.e30"}', false],
    [CLAUDE, '{"signature":""}', false],
  ])('F73 takes a body for %s as it is: %s %j', async (model, body, accepted) => {
    const call = callOf(userRequest(model), { rawBody: Buffer.from(body) });
    expect((await anthropic()).acceptsVerbatim?.(call)).toBe(accepted);
  });
});

it('does not start without a key', async () => {
  const { apiKey: _, ...rest } = OPTIONS;
  await expect(createProvider(openrouter, rest)).rejects.toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
});
