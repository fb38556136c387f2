import { afterEach, describe, expect, it } from '@jest/globals';
import { json, reply } from '@signalbox/testkit';
import maxTokens from '@signalbox/transform-max-tokens';
import {
  askMessages,
  CHAT_PATH,
  CHAT_TOOL,
  MESSAGES_PATH,
  notedPaths,
  PNG,
  sentBody,
  startCatalogueGateway,
  TOOL,
} from './catalogue.ts';
import { chatBody, messagesBody, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

/** Where each target's provider is called on the scripted socket. */
const PATHS: Readonly<Record<string, string>> = {
  deepseek: '/chat/completions',
  claudish: MESSAGES_PATH,
  anthropic: MESSAGES_PATH,
};

async function start(target: string, options: Parameters<typeof startCatalogueGateway>[1] = {}): Promise<void> {
  gateway = await startCatalogueGateway(target, options);
  gateway.provider.on(PATHS[target.split('/')[0] ?? ''] ?? CHAT_PATH, reply({ text: 'ok' }));
}

/** What an Anthropic client's request becomes on the wire of a target, and what is noted. */
async function fromMessages(target: string, extra: object, headers: object = {}) {
  await start(target);
  const answer = await askMessages(gateway, messagesBody(extra), headers);
  expect([answer.status, answer.error]).toEqual([200, undefined]);
  return { body: sentBody(gateway), notes: await notedPaths(gateway) };
}

/** The same for a Chat client. */
async function fromChat(target: string, extra: object) {
  await start(target);
  const answer = await gateway.post(CHAT_PATH, chatBody(extra));
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
  return { body: sentBody(gateway), notes: await notedPaths(gateway) };
}

const user = (...content: object[]) => ({ role: 'user', content });
const text = (value: string, extra: object = {}) => ({ type: 'text', text: value, ...extra });
const use = (id: string, name = 'f') => ({ type: 'tool_use', id, name, input: { a: '1' } });
const result = (id: string, content: unknown) => ({ type: 'tool_result', tool_use_id: id, content });

describe('cache breakpoints, betas and system prompts of Claude Code', () => {
  const cached = {
    system: [text('Rules.', { cache_control: { type: 'ephemeral', ttl: '1h', scope: 'global' } })],
    messages: [user(text('Hi.', { cache_control: { type: 'ephemeral' } }))],
  };

  it('F42 F44 leave no cache_control on a server that has none', async () => {
    const { body, notes } = await fromMessages('chat/m', cached);
    expect(JSON.stringify(body)).not.toContain('cache_control');
    expect(notes).toEqual(['mapped system[0].cacheControl.scope', 'mapped system[0].cacheControl']);
  });

  it('F42 F44 keep the breakpoints where OpenRouter takes them, without the scope', async () => {
    const { body } = await fromMessages('openrouter/anthropic/claude-x', cached);
    expect(body.messages).toEqual([
      { role: 'system', content: [text('Rules.', { cache_control: { type: 'ephemeral', ttl: '1h' } })] },
      { role: 'user', content: [text('Hi.', { cache_control: { type: 'ephemeral' } })] },
    ]);
  });

  it('F42 F44 go to a Messages server in the plain form only', async () => {
    const { body } = await fromMessages('claudish/m', cached);
    expect(body.system).toEqual([text('Rules.', { cache_control: { type: 'ephemeral' } })]);
  });

  it('F45 send only the betas that a server knows, and all to Anthropic', async () => {
    const betas = { 'anthropic-beta': 'known-beta,context-1m-2025-08-07' };
    const { notes } = await fromMessages('claudish/m', {}, betas);
    expect(gateway.provider.requests[0]?.headers['anthropic-beta']).toBe('known-beta');
    expect(notes.join()).toContain('dropped');
    await gateway.close();
    await fromMessages('anthropic/claude-test', {}, betas);
    expect(gateway.provider.requests[0]?.headers['anthropic-beta']).toBe('known-beta,context-1m-2025-08-07');
    await gateway.close();
    await fromMessages('chat/m', {}, betas);
    expect(gateway.provider.requests[0]?.headers['anthropic-beta']).toBeUndefined();
  });

  const midSystem = { messages: [user(text('Hi.')), { role: 'system', content: 'Now in plan mode.' }] };

  it('F47 keep a system message in its place', async () => {
    const { body } = await fromMessages('chat/m', midSystem);
    expect(body.messages).toEqual([
      { role: 'user', content: 'Hi.' },
      { role: 'system', content: 'Now in plan mode.' },
    ]);
  });

  it('F47 make it a reminder where the server does not know it', async () => {
    const { body } = await fromMessages('claudish/m', midSystem);
    expect(JSON.stringify(body.messages)).toContain('<system-reminder>\\nNow in plan mode.');
    expect(JSON.stringify(body.messages)).not.toContain('"role":"system"');
  });

  it('F47 hand on the refusal whose words make the client send it otherwise', async () => {
    gateway = await startCatalogueGateway('anthropic/claude-test');
    const error = {
      type: 'invalid_request_error',
      message: "messages.1: role 'system' is not supported on this model",
    };
    gateway.provider.on(MESSAGES_PATH, json(400, { type: 'error', error }));
    const answer = await askMessages(gateway, messagesBody(midSystem));
    expect([answer.status, answer.error]).toEqual([400, error]);
  });

  it.each(['chat/m', 'deepseek/deepseek-v4-pro', 'openrouter/x', 'openai/gpt-6', 'claudish/m'])(
    'F48 leave the billing header out for %s',
    async (target) => {
      const billing = text('x-anthropic-billing-header: cc_version=2.1.197.d4f; cc_entrypoint=cli; cch=1a2b3;');
      const { body } = await fromMessages(target, { system: [billing, text('Rules.')] });
      const sent = JSON.stringify(body);
      expect(sent).not.toContain('billing-header');
      expect(sent).toContain('Rules.');
    },
  );
});

describe('content that a Chat provider has another place for', () => {
  it('F49 has an image of a tool result behind the results, tied to its call', async () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
    const { body, notes } = await fromMessages('chat/m', {
      tools: [TOOL],
      messages: [
        user(text('Look.')),
        { role: 'assistant', content: [use('toolu_1'), use('toolu_2')] },
        user(result('toolu_1', [image]), result('toolu_2', 'text')),
      ],
    });
    expect((body.messages as object[]).slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'toolu_1', content: '[image 1 attached below]' },
      { role: 'tool', tool_call_id: 'toolu_2', content: 'text' },
      {
        role: 'user',
        content: [
          text('[image 1, from the result of tool call toolu_1]'),
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
        ],
      },
    ]);
    expect(notes).toEqual(['mapped messages[2].content[0]']);
  });

  const pdf = {
    type: 'document',
    title: 'a.pdf',
    source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' },
  };

  it('F51 sends a PDF as a file, or says that it could not', async () => {
    const sent = await fromMessages('openai/gpt-6', { messages: [user(pdf)] });
    expect(sent.body.messages).toMatchObject([
      {
        content: [{ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } }],
      },
    ]);
    await gateway.close();
    const told = await fromMessages('chat/m', { messages: [user(pdf)] });
    expect(told.body.messages).toMatchObject([{ content: expect.stringContaining('cannot read') }]);
    expect(told.notes).toEqual(['dropped messages[0].content[0]']);
  });

  it.each(['chat/m', 'claudish/m'])('F52 leaves blank text out for %s', async (target) => {
    const { body, notes } = await fromMessages(target, { messages: [user(text(''), text(' \n'), text('Hi.'))] });
    expect(JSON.stringify(body.messages)).not.toMatch(/"text":"(\s|\\n)*"/);
    expect(JSON.stringify(body.messages)).toContain('Hi.');
    expect(notes.some((note) => note.startsWith('mapped messages[0].content'))).toBe(true);
  });

  it('F54 answers the call of an interrupted turn, for either kind of provider', async () => {
    const interrupted = {
      tools: [TOOL],
      messages: [user(text('Go.')), { role: 'assistant', content: [use('toolu_1')] }, user(text('Stop, do this.'))],
    };
    const chat = await fromMessages('chat/m', interrupted);
    expect((chat.body.messages as object[]).slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'toolu_1', content: expect.stringMatching(/error/i) },
      { role: 'user', content: 'Stop, do this.' },
    ]);
    expect(chat.notes).toEqual(['approximated messages[1].content[0]']);
    await gateway.close();
    const messages = await fromMessages('claudish/m', interrupted);
    expect((messages.body.messages as { content: object[] }[])[2]?.content).toMatchObject([
      { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true },
      { type: 'text', text: 'Stop, do this.' },
    ]);
    expect(messages.notes.length).toBeGreaterThan(0);
  });
});

describe('tools', () => {
  it.each([false, true])('F58 are called by the client’s own long or odd names (stream: %p)', async (stream) => {
    const names = [`mcp__${'long'.repeat(20)}__a`, 'päth.tool'];
    gateway = await startCatalogueGateway('chat/m');
    gateway.provider.on(CHAT_PATH, (request, wire) => {
      const { tools } = request.body as unknown as { tools: { function: { name: string } }[] };
      const sent = tools.map((tool) => tool.function.name);
      for (const name of sent) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      const toolCalls = sent.map((name, index) => ({ id: `call_${index}`, name, arguments: '{}' }));
      return reply({ toolCalls })(request, wire);
    });
    const { content } = await askMessages(
      gateway,
      messagesBody({ stream, tools: names.map((name) => ({ ...TOOL, name })) }),
    );
    expect(content.map(({ name }) => name)).toEqual(names);
  });

  it('F65 F66 of an Anthropic client arrive whole at a Chat provider', async () => {
    const { body, notes } = await fromMessages('chat/m', {
      tools: [{ ...TOOL, description: 'Does f.' }],
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
      messages: [
        user(text('Go.')),
        { role: 'assistant', content: [text('Now.'), use('toolu_1')] },
        user(result('toolu_1', 'done')),
      ],
    });
    expect(body).toEqual({
      model: 'm',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'Go.' },
        {
          role: 'assistant',
          content: 'Now.',
          tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":"1"}' } }],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: 'done' },
      ],
      tools: [{ type: 'function', function: { name: 'f', description: 'Does f.', parameters: TOOL.input_schema } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
    });
    expect(notes).toEqual([]);
  });

  it('F65 F66 of a Chat client arrive whole at Anthropic', async () => {
    const { body } = await fromChat('anthropic/claude-sonnet-4-5', {
      max_completion_tokens: 50,
      tools: [CHAT_TOOL],
      tool_choice: 'required',
      parallel_tool_calls: false,
      messages: [
        { role: 'user', content: 'Go.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":"1"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'done' },
      ],
    });
    expect(body).toMatchObject({
      model: 'claude-sonnet-4-5',
      max_tokens: 50,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Go.' }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'f', input: { a: '1' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1' }] },
      ],
      tools: [TOOL],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
  });

  it('F65 send only the allowed ones where a provider has no such choice', async () => {
    const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] };
    const other = { type: 'function', function: { name: 'g', parameters: { type: 'object' } } };
    const { body, notes } = await fromChat('anthropic/claude-sonnet-4-5', {
      tools: [CHAT_TOOL, other],
      tool_choice: { type: 'allowed_tools', allowed_tools: allowed },
    });
    expect((body.tools as { name: string }[]).map(({ name }) => name)).toEqual(['f']);
    expect(body.tool_choice).toEqual({ type: 'any' });
    expect(notes.join()).toContain('toolChoice');
  });

  it('F72 are left to DeepSeek’s choice while it thinks, and that is noted', async () => {
    const { body, notes } = await fromMessages('deepseek/deepseek-v4-pro', {
      tools: [TOOL],
      tool_choice: { type: 'any' },
      thinking: { type: 'adaptive' },
    });
    expect([body.tool_choice, body.thinking]).toEqual(['auto', { type: 'enabled' }]);
    expect(notes).toContain('approximated toolChoice');
    await gateway.close();
    const off = await fromMessages('deepseek/deepseek-v4-pro', { tools: [TOOL], tool_choice: { type: 'any' } });
    expect(off.body.tool_choice).toBe('required');
  });
});

describe('options', () => {
  it.each([
    [
      'openai/gpt-6',
      { output_config: { effort: 'high' }, thinking: { type: 'adaptive' } },
      { reasoning_effort: 'high' },
    ],
    ['openai/gpt-6', { thinking: { type: 'enabled', budget_tokens: 20_000 } }, { reasoning_effort: 'high' }],
    ['openrouter/x', { thinking: { type: 'enabled', budget_tokens: 2_000 } }, { reasoning: { max_tokens: 2_000 } }],
    ['deepseek/deepseek-v4-pro', { thinking: { type: 'disabled' } }, { thinking: { type: 'disabled' } }],
  ])('F60 of reasoning reach %s: %j', async (target, extra, expected) => {
    const { body } = await fromMessages(target, { max_tokens: 32_000, ...extra });
    expect(body).toMatchObject(expected);
  });

  it('F60 of a Chat client reach Anthropic as effort or as a budget, as the model takes them', async () => {
    const adaptive = await fromChat('anthropic/claude-opus-4-8', { reasoning_effort: 'low' });
    expect(adaptive.body).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } });
    await gateway.close();
    const manual = await fromChat('anthropic/claude-sonnet-4-5', { reasoning_effort: 'low', max_tokens: 10_000 });
    expect(manual.body).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 4_096 } });
  });

  it('F61 have max_tokens clamped to what the target can write, and say so', async () => {
    await start('deepseek/deepseek-v4-pro', { plugins: [[maxTokens, { limits: { 'deepseek/*': 8_192 } }]] });
    const answer = await askMessages(gateway, messagesBody({ max_tokens: 64_000 }));
    expect(answer.headers.get('x-signalbox-fidelity')).toContain('approximated=1');
    expect(sentBody(gateway).max_tokens).toBe(8_192);
    expect(await notedPaths(gateway)).toEqual(['approximated maxOutputTokens']);
  });

  const schema = {
    type: 'object',
    properties: { title: { type: 'string' } },
    required: ['title'],
    additionalProperties: false,
  };

  it.each([
    { output_config: { format: { type: 'json_schema', schema } } },
    { output_format: { type: 'json_schema', schema } },
  ])('F62 ask every provider for JSON: %j', async (extra) => {
    const native = await fromMessages('openai/gpt-6', extra);
    expect(native.body).toMatchObject({ response_format: { type: 'json_schema', json_schema: { schema } } });
    await gateway.close();
    const words = await fromMessages('deepseek/deepseek-v4-pro', extra);
    expect(words.body).toMatchObject({ response_format: { type: 'json_object' } });
    expect(words.body.messages).toMatchObject([{ role: 'system', content: expect.stringContaining('"title"') }, {}]);
    expect(words.notes).toContain('approximated responseFormat');
  });

  it('F62 of a Chat client ask Anthropic for JSON', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'title', strict: true, schema } };
    const { body } = await fromChat('anthropic/claude-opus-4-8', { response_format: format });
    expect(body).toMatchObject({ output_config: { format: { type: 'json_schema', schema } } });
  });

  it('F67 are passed on or noted, every one', async () => {
    const { body, notes } = await fromChat('anthropic/claude-sonnet-4-5', {
      stop: ['END'],
      n: 1,
      seed: 7,
      top_p: 0.5,
      frequency_penalty: 0.1,
    });
    expect(body).toMatchObject({ stop_sequences: ['END'], top_p: 0.5 });
    expect(notes).toEqual(expect.arrayContaining(['dropped seed', 'dropped frequency_penalty']));
    await gateway.close();
    const both = await fromChat('anthropic/claude-sonnet-4-5', { temperature: 0.2, top_p: 0.5 });
    // This model refuses both together: one goes, with a note.
    expect([both.body.temperature, both.body.top_p].filter((value) => value !== undefined)).toHaveLength(1);
    expect(both.notes.filter((note) => /dropped (temperature|topP)/.test(note))).toHaveLength(1);
    await gateway.close();
    const chat = await fromMessages('chat/m', { stop_sequences: ['END'], temperature: 0.2, top_p: 0.5, top_k: 3 });
    expect(chat.body).toMatchObject({ stop: ['END'], temperature: 0.2, top_p: 0.5, top_k: 3 });
  });

  it('F67 never give one choice where two were asked for', async () => {
    await start('anthropic/claude-test');
    const answer = await gateway.post(CHAT_PATH, chatBody({ n: 2 }));
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { message: expect.stringContaining('n:') } },
    ]);
    expect(gateway.provider.requests).toHaveLength(0);
  });
});

describe('reasoning of a history', () => {
  const history = (block: object) => ({
    tools: [TOOL],
    thinking: { type: 'adaptive' },
    messages: [
      user(text('Go.')),
      { role: 'assistant', content: [block, use('toolu_1')] },
      user(result('toolu_1', 'done')),
    ],
  });

  it.each([
    ['of nobody', { type: 'thinking', thinking: 'Hm.', signature: '' }, 'Hm.'],
    ['of Anthropic', { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' }, ''],
    ['redacted', { type: 'redacted_thinking', data: 'c2VjcmV0' }, ''],
    ['none at all', text('Now.'), ''],
  ])('F70 is on every assistant message that DeepSeek gets: %s', async (_name, block, expected) => {
    const { body } = await fromMessages('deepseek/deepseek-v4-pro', history(block));
    expect((body.messages as { reasoning_content?: string }[])[1]?.reasoning_content).toBe(expected);
    expect(JSON.stringify(body)).not.toMatch(/c2lnbmVk|c2VjcmV0/);
  });

  it('F73 of a Chat provider does not go to Anthropic', async () => {
    gateway = await startCatalogueGateway('chat/m');
    gateway.provider.on(
      CHAT_PATH,
      reply({ reasoning: 'Foreign.', toolCalls: [{ id: 'toolu_1', name: 'f', arguments: {} }] }),
    );
    const { content } = await askMessages(gateway, messagesBody({ tools: [TOOL] }));
    expect(content[0]).toMatchObject({ type: 'thinking', thinking: 'Foreign.' });
    await gateway.close();
    const { body, notes } = await fromMessages('anthropic/claude-opus-4-8', {
      ...history(text('x')),
      messages: [user(text('Go.')), { role: 'assistant', content }, user(result('toolu_1', 'done'))],
    });
    expect(JSON.stringify(body)).not.toMatch(/Foreign|signalbox1/);
    expect((body.messages as object[])[1]).toMatchObject({ role: 'assistant', content: [{ type: 'tool_use' }] });
    expect(notes.join()).toContain('dropped messages[1].content[0]');
  });
});
