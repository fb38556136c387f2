import { describe, expect, it } from '@jest/globals';
import { type ChatRequest, type Effort, type HttpProvider, type JsonObject, Notes, ToolNames } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import deepseek from './index.ts';

const PRO = 'deepseek-v4-pro';
const FLASH = 'deepseek-flash';
const OPTIONS = { apiKey: 'k', baseUrl: 'https://api.deepseek.com', skin: 'chat', thinkingUnsaid: 'disabled' };
const create = (more: JsonObject = {}) => createProvider(deepseek, { ...OPTIONS, ...more });
const target = () => ({
  model: PRO,
  notes: new Notes(),
  toolNames: new ToolNames(),
  reasoningOrigin: 'deepseek',
  enforceStopSequences: () => {},
});
const chunk = (choice: JsonObject, more: JsonObject = {}) =>
  Buffer.from(`data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, ...choice }], ...more })}\n\n`);

describe('the Chat surface', () => {
  it('F66 F70 sends an agent’s turn in DeepSeek’s words', async () => {
    const { url, headers, body, notes } = send(await create(), agentRequest(PRO));
    expect(url).toBe('https://api.deepseek.com/chat/completions');
    expect(headers).toEqual({ authorization: 'Bearer k' });
    expect(body).toEqual({
      model: PRO,
      messages: [
        { role: 'system', content: 'You are an agent.' },
        { role: 'user', content: 'Read both files.' },
        { role: 'system', content: 'Be brief.' },
        {
          role: 'assistant',
          content: 'Reading.',
          // What it holds in the request is Claude's.
          reasoning_content: '',
          tool_calls: [
            { id: 'toolu_1', type: 'function', function: { name: 'Read', arguments: '{"path":"a"}' } },
            { id: 'toolu_2', type: 'function', function: { name: 'Read', arguments: '{"path":"b"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: 'A' },
        { role: 'tool', tool_call_id: 'toolu_2', content: 'Error: no such file' },
        { role: 'user', content: 'Go on.' },
      ],
      max_tokens: 32_000,
      thinking: { type: 'enabled' },
      reasoning_effort: 'high',
      tools: [{ type: 'function', function: expect.objectContaining({ name: 'Read' }) }],
      user_id: expect.stringMatching(/^[A-Za-z0-9_-]{6,64}$/),
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped context_management',
      'mapped system[0]',
      'mapped system[1].cacheControl',
      'dropped messages[2].content[0]',
      'mapped userId',
    ]);
  });

  it('never forwards a Chat client’s body as it came', async () => {
    expect((await create()).acceptsVerbatim?.(callOf(userRequest(PRO), { clientFormat: 'openai-chat' }))).toBe(false);
  });

  it.each<[ChatRequest['reasoning'], string, JsonObject]>([
    [undefined, 'disabled', { thinking: { type: 'disabled' } }],
    [undefined, 'enabled', { thinking: { type: 'enabled' } }],
    [undefined, 'omit', {}],
    [{ mode: 'disabled' }, 'omit', { thinking: { type: 'disabled' } }],
    [{ effort: 'none' }, 'enabled', { thinking: { type: 'disabled' } }],
    [{ mode: 'adaptive' }, 'disabled', { thinking: { type: 'enabled' } }],
    [{ mode: 'budget', budgetTokens: 2_000 }, 'disabled', { thinking: { type: 'enabled' }, reasoning_effort: 'low' }],
    [{ mode: 'budget', budgetTokens: 31_999 }, 'disabled', { thinking: { type: 'enabled' }, reasoning_effort: 'high' }],
  ])('F60 switches thinking for %j (unsaid: %s)', async (reasoning, thinkingUnsaid, expected) => {
    const { body } = send(await create({ thinkingUnsaid }), userRequest(PRO, reasoning && { reasoning }));
    const { thinking, reasoning_effort } = body;
    expect({ ...(thinking && { thinking }), ...(reasoning_effort && { reasoning_effort }) }).toEqual(expected);
  });

  it.each<[Effort, string, boolean]>([
    ['minimal', 'low', true],
    ['low', 'low', false],
    ['medium', 'high', true],
    ['high', 'high', false],
    ['xhigh', 'high', true],
    ['max', 'max', false],
  ])('F60 sends the effort %s as %s', async (effort, word, noted) => {
    const { body, notes } = send(await create(), userRequest(PRO, { reasoning: { effort } }));
    expect(body.reasoning_effort).toBe(word);
    expect(notes.some(({ path }) => path === 'reasoning.effort')).toBe(noted);
  });

  it('F70 has reasoning_content on every assistant message while it thinks, and on none otherwise', async () => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'no reasoning known' }] },
      { role: 'user', content: [{ type: 'text', text: 'b' }] },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', id: 'c', name: 'Read', input: {}, rawInput: '{}' }],
      },
      { role: 'user', content: [{ type: 'tool-result', callId: 'c', content: [] }] },
    ];
    const assistants = async (mode: 'adaptive' | 'disabled') => {
      const { body } = send(await create(), userRequest(PRO, { messages, reasoning: { mode } }));
      return (body.messages as JsonObject[]).filter(({ role }) => role === 'assistant');
    };
    expect((await assistants('adaptive')).map((message) => message.reasoning_content)).toEqual(['', '']);
    for (const message of await assistants('disabled')) expect(message).not.toHaveProperty('reasoning_content');
    expect((await assistants('disabled'))[1]?.content).toBe('');
  });

  it('F72 leaves the choice of tools to the model while it thinks, and says so', async () => {
    const more = { toolChoice: { type: 'tool', name: 'Read' } } as const;
    const thinking = send(await create(), agentRequest(PRO, more));
    expect(thinking.body.tool_choice).toBe('auto');
    expect(thinking.notes).toContainEqual(expect.objectContaining({ path: 'toolChoice', action: 'approximated' }));
    const quick = send(await create(), agentRequest(PRO, { ...more, reasoning: { mode: 'disabled' } }));
    expect(quick.body.tool_choice).toEqual({ type: 'function', function: { name: 'Read' } });
  });

  it('F62 asks for JSON and puts the schema into the prompt', async () => {
    const schema = { type: 'object', properties: { title: { type: 'string' } } };
    const { body, notes } = send(await create(), userRequest(PRO, { responseFormat: { type: 'json-schema', schema } }));
    expect(body.response_format).toEqual({ type: 'json_object' });
    expect(JSON.stringify(body.messages)).toContain('\\"title\\"');
    expect(notes).toContainEqual(expect.objectContaining({ path: 'responseFormat', action: 'approximated' }));
  });

  it('F67 notes sampling parameters that thinking would swallow', async () => {
    const sampling = { temperature: 0.5, topP: 0.9 };
    const thinking = send(await create(), userRequest(PRO, { ...sampling, reasoning: { mode: 'adaptive' } }));
    expect(thinking.body).not.toHaveProperty('temperature');
    expect(thinking.notes.map(({ path, action }) => [path, action])).toEqual([
      ['temperature', 'dropped'],
      ['topP', 'dropped'],
    ]);
    expect(send(await create(), userRequest(PRO, sampling)).body).toMatchObject({ temperature: 0.5, top_p: 0.9 });
  });

  it('F49 shows images to Flash, and says to Pro that there was one', async () => {
    const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } } as const;
    const messages = [{ role: 'user', content: [image] }] as const;
    expect(JSON.stringify(send(await create(), userRequest(FLASH, { messages })).body)).toContain('image_url');
    const { body, notes } = send(await create(), userRequest(PRO, { messages }));
    expect(JSON.stringify(body)).not.toContain('image_url');
    expect(notes).toContainEqual(expect.objectContaining({ action: 'dropped', path: 'messages[0].content[0]' }));
  });
});

describe('replies of the Chat surface', () => {
  const decode = async (events: readonly Buffer[]) => {
    const decoder = (await create()).format.createStreamDecoder(target());
    return [...events.flatMap((event) => [...decoder.push(event)]), ...decoder.end()];
  };

  it('F31 counts cached tokens as a part of the prompt', async () => {
    const usage = {
      prompt_tokens: 320,
      prompt_cache_hit_tokens: 256,
      prompt_cache_miss_tokens: 64,
      completion_tokens: 88,
      completion_tokens_details: { reasoning_tokens: 31 },
    };
    const events = await decode([
      chunk({ delta: { content: 'Hi.' } }),
      chunk({ delta: {}, finish_reason: 'stop' }, { usage }),
      Buffer.from('data: [DONE]\n\n'),
    ]);
    expect(events).toContainEqual({
      type: 'usage',
      usage: { promptTokens: 320, cacheReadTokens: 256, completionTokens: 88, reasoningTokens: 31 },
    });
  });

  it('F21 takes insufficient_system_resource for a failure that may be tried again', async () => {
    const events = await decode([
      chunk({ delta: { content: 'Half an ans' } }),
      chunk({ delta: {}, finish_reason: 'insufficient_system_resource' }),
      Buffer.from('data: [DONE]\n\n'),
    ]);
    const error = expect.objectContaining({ code: 'PROVIDER_OVERLOADED', retryable: true });
    expect(events.at(-1)).toEqual({ type: 'error', error });
  });

  it.each([
    [402, 'PROVIDER_BILLING', false],
    [401, 'PROVIDER_AUTH', false],
    [429, 'RATE_LIMITED', undefined],
    [503, 'PROVIDER_OVERLOADED', undefined],
    [422, 'PROVIDER_REJECTED', undefined],
  ])('takes %i for %s', async (status, code, shouldRetry) => {
    const body = JSON.stringify({ error: { message: 'm', type: 't', param: null, code: 'c' } });
    expect((await create()).format.decodeError(status, {}, body)).toMatchObject({ code, shouldRetry });
  });
});

describe('the Anthropic surface', () => {
  const anthropic = (): Promise<HttpProvider> => create({ skin: 'anthropic' });

  it('F44 F47 F48 F70 sends an agent’s turn without what DeepSeek does not know', async () => {
    const { url, body, notes } = send(await anthropic(), agentRequest(PRO));
    expect(url).toBe('https://api.deepseek.com/anthropic/v1/messages');
    expect(JSON.stringify(body)).not.toMatch(/cache_control|context_management|billing|"role":"system"/);
    expect(body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
      metadata: { user_id: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    // What it holds in the request is Claude's.
    expect(JSON.stringify(body.messages)).toContain('{"type":"thinking","thinking":"","signature":""}');
    expect(notes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['context_management', 'system[0]', 'messages[1]', 'messages[2].content[0]', 'userId']),
    );
  });

  it.each(['https://api.deepseek.com/', 'https://api.deepseek.com/anthropic', 'https://api.deepseek.com/v1'])(
    'is found from %s',
    async (baseUrl) => {
      const { url } = send(await create({ skin: 'anthropic', baseUrl }), userRequest(PRO));
      expect(url).toBe('https://api.deepseek.com/anthropic/v1/messages');
    },
  );
});

it('lists its models unless the options do', async () => {
  expect((await create()).models?.().map(({ id }) => id)).toEqual([PRO, FLASH]);
  expect((await create({ models: ['x'] })).models?.()).toEqual([{ id: 'x' }]);
});

it('does not start without a key', async () => {
  const { apiKey: _, ...rest } = OPTIONS;
  await expect(createProvider(deepseek, rest)).rejects.toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
});
