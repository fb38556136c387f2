import { describe, expect, it } from '@jest/globals';
import { ollama as format } from '@signalbox/format-ollama';
import {
  type AskProvider,
  type ChatRequest,
  type HttpProvider,
  type JsonObject,
  type ModelInfo,
  Notes,
  type Provider,
  type Target,
  type TransformTap,
} from '@signalbox/kit';
import { agentRequest, applyPlugin, callOf, fakeExchange, fakeHost, send, userRequest } from '@signalbox/testkit';
import ollama from './index.ts';

const OPTIONS: JsonObject = {
  baseUrl: 'http://127.0.0.1:11434',
  thinkingUnsaid: 'disabled',
  thinkingLevels: ['*gpt-oss*', '*:cloud'],
  loadOptions: false,
};
const SHOWN: Record<string, JsonObject> = {
  'qwen3:8b': show(40_960, 'tools', 'thinking'),
  'llava:latest': show(4_096, 'vision'),
  'gpt-oss:20b': show(131_072, 'tools', 'thinking'),
};

function show(context: number, ...capabilities: string[]): JsonObject {
  return { capabilities, model_info: { 'general.architecture': 'a', 'a.context_length': context } };
}

const ask: AskProvider = async ({ url, body }) => {
  if (url.endsWith('/api/tags')) return { models: Object.keys(SHOWN).map((name) => ({ name, digest: name })) };
  return SHOWN[String(body?.model)] ?? {};
};

/** The plugin on a host whose server has these models. */
async function create(more: JsonObject = {}) {
  const host = fakeHost();
  const fetchModels = async (name: string): Promise<readonly ModelInfo[]> =>
    (await (host.providers.get(name) as HttpProvider).fetchModels?.(ask)) ?? [];
  await applyPlugin(ollama, { ...OPTIONS, ...more }, Object.assign(host, { fetchModels }));
  await host.hooks.ready.promise();
  await fetchModels('ollama');
  return { host, provider: host.providers.get('ollama') as HttpProvider & Provider };
}

const sent = async (request: ChatRequest, more: JsonObject = {}, given: Parameters<typeof callOf>[1] = {}) =>
  send((await create(more)).provider, request, given);
const textOf = (chars: number): ChatRequest['messages'] => [
  { role: 'user', content: [{ type: 'text', text: 'word '.repeat(chars / 5) }] },
];

/** A request of a client of Ollama's own format, as it passes through. */
function own(body: JsonObject) {
  const request = format.decodeRequest(body, { headers: {}, notes: new Notes() });
  return { request, call: callOf(request, { clientFormat: 'ollama', lane: 'pass-through' }) };
}

describe('what is sent', () => {
  it('F66 is an agent’s turn in Ollama’s words, with a window and without the permission to cut the prompt', async () => {
    const { url, headers, body, notes } = await sent(agentRequest('qwen3:8b'));
    expect(url).toBe('http://127.0.0.1:11434/api/chat');
    expect(headers).toEqual({});
    expect(body).toEqual({
      model: 'qwen3:8b',
      stream: true,
      messages: [
        { role: 'system', content: 'You are an agent.' },
        { role: 'user', content: 'Read both files.' },
        { role: 'system', content: 'Be brief.' },
        {
          role: 'assistant',
          content: 'Reading.',
          tool_calls: [
            { id: 'toolu_1', function: { name: 'Read', arguments: { path: 'a' } } },
            { id: 'toolu_2', function: { name: 'Read', arguments: { path: 'b' } } },
          ],
        },
        { role: 'tool', tool_name: 'Read', tool_call_id: 'toolu_1', content: 'A' },
        { role: 'tool', tool_name: 'Read', tool_call_id: 'toolu_2', content: 'Error: no such file' },
        { role: 'user', content: 'Go on.' },
      ],
      tools: [{ type: 'function', function: expect.objectContaining({ name: 'Read' }) }],
      think: true,
      options: { num_predict: 32_000, num_ctx: 16_384 },
      truncate: false,
      shift: false,
    });
    expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped context_management',
      'mapped userId',
      'mapped system[0]',
      'mapped system[1].cacheControl',
      'dropped messages[2].content[0]',
      'approximated reasoning.effort',
    ]);
  });

  it('F10 F97 refuses a prompt beyond the model’s context before anything is sent', async () => {
    const { provider } = await create();
    expect(() => send(provider, userRequest('llava', { messages: textOf(40_000) }))).toThrow(
      /^prompt is too long: \d+ tokens > 4096 maximum$/,
    );
    expect(send(provider, userRequest('qwen3:8b', { messages: textOf(40_000) })).body.options).toEqual({
      num_ctx: 32_768,
    });
  });

  it('F10 counts Chinese by its bytes where it sizes the window', async () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: '汉'.repeat(10_000) }] }] as const;
    const { num_ctx: size } = (await sent(userRequest('gpt-oss:20b', { messages }))).body.options as JsonObject;
    expect(size).toBeGreaterThanOrEqual(16_384);
  });

  it('keeps to a fixed window, and to the largest that the host allows', async () => {
    const fixed = await create({ numCtx: 4_096 });
    expect(send(fixed.provider, userRequest('qwen3:8b')).body.options).toEqual({ num_ctx: 4_096 });
    expect(() => send(fixed.provider, userRequest('qwen3:8b', { messages: textOf(40_000) }))).toThrow('> 4096 maximum');
    const capped = await create({ maxNumCtx: 10_000 });
    expect(send(capped.provider, userRequest('gpt-oss:20b', { messages: textOf(20_000) })).body.options).toEqual({
      num_ctx: 10_000,
    });
    expect(() => send(capped.provider, userRequest('gpt-oss:20b', { messages: textOf(80_000) }))).toThrow(
      '> 10000 maximum',
    );
  });

  it('sends keepAlive where the client says none', async () => {
    expect((await sent(userRequest('qwen3:8b'), { keepAlive: '30m' })).body.keep_alive).toBe('30m');
    expect((await sent(userRequest('qwen3:8b'))).body).not.toHaveProperty('keep_alive');
    const { provider } = await create({ keepAlive: -1 });
    const { call } = own({ model: 'qwen3:8b', messages: [{ role: 'user', content: 'Hi' }], keep_alive: '1h' });
    expect(provider.adaptBody?.({ model: 'qwen3:8b', messages: [], keep_alive: '1h' }, call).keep_alive).toBe('1h');
  });

  it.each<[string, ChatRequest['reasoning'], string, JsonObject]>([
    ['qwen3:8b', undefined, 'disabled', { think: false }],
    ['qwen3:8b', undefined, 'enabled', { think: true }],
    ['llava', undefined, 'enabled', {}],
    ['qwen3:8b', undefined, 'omit', {}],
    ['qwen3:8b', { mode: 'disabled' }, 'enabled', { think: false }],
    ['qwen3:8b', { effort: 'high' }, 'disabled', { think: true }],
    ['gpt-oss:20b', { effort: 'high' }, 'disabled', { think: 'high' }],
    ['gpt-oss:20b', { mode: 'budget', budgetTokens: 2_000 }, 'disabled', { think: 'low' }],
    ['llava', { mode: 'adaptive' }, 'disabled', {}],
  ])('F60 %s with %j (unsaid: %s) thinks as in %j', async (model, reasoning, thinkingUnsaid, expected) => {
    const { body } = await sent(userRequest(model, reasoning && { reasoning }), { thinkingUnsaid });
    expect('think' in body ? { think: body.think } : {}).toEqual(expected);
  });

  it('F49 tells a model that sees nothing that there was an image', async () => {
    const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } } as const;
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'See?' }, image] }] as const;
    const blind = await sent(userRequest('qwen3:8b', { messages }));
    expect(blind.body.messages).toEqual([
      { role: 'user', content: 'See?\n\n[An image was here, which this model cannot see.]' },
    ]);
    expect(blind.notes).toContainEqual(expect.objectContaining({ path: 'messages[0].images', action: 'dropped' }));
    const { body } = await sent(userRequest('llava', { messages }));
    expect(body.messages).toEqual([{ role: 'user', content: 'See?', images: ['AAAA'] }]);
  });

  it('has a key where there is one, and one of several where the target names it', async () => {
    expect((await sent(userRequest('m'), { apiKey: 'k' })).headers).toEqual({ authorization: 'Bearer k' });
    const { provider } = await create({ apiKeys: ['k1', 'k2'] });
    expect(provider.keys).toEqual(['1', '2']);
    expect(send(provider, userRequest('m'), { key: '2' }).headers).toEqual({ authorization: 'Bearer k2' });
    await expect(create({ apiKey: 'k', apiKeys: ['k'] })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  });
});

describe('a client of Ollama’s own format', () => {
  const body = { model: 'qwen3:8b', messages: [{ role: 'user', content: 'Hi' }] };
  const adapted = async (more: JsonObject, options: JsonObject = {}) => {
    const { provider } = await create(options);
    const { call } = own({ ...body, ...more });
    return { body: provider.adaptBody?.({ ...body, ...more }, call) ?? {}, notes: call.notes.list };
  };

  it('has its own words kept, but for a window that is too small', async () => {
    const { body: sentBody, notes } = await adapted({ options: { num_ctx: 2_048, seed: 1 }, think: true });
    expect(sentBody).toEqual({
      ...body,
      stream: true,
      think: true,
      options: { num_ctx: 2_048, seed: 1 },
      truncate: false,
      shift: false,
    });
    expect(notes).toEqual([]);
    const long = 'word '.repeat(4_000);
    const grown = await adapted({ messages: [{ role: 'user', content: long }], options: { num_ctx: 2_048 } });
    expect(grown.body.options).toEqual({ num_ctx: 8_192 });
    expect(grown.notes).toEqual([{ path: 'options.num_ctx', action: 'approximated', reason: '2048 is sent as 8192' }]);
  });

  it('is not told to stop thinking, and may ask for the cutting of its prompt', async () => {
    expect((await adapted({})).body).not.toHaveProperty('think');
    const long = 'word '.repeat(100_000);
    const cut = await adapted({
      messages: [{ role: 'user', content: long }],
      truncate: true,
      options: { num_ctx: 4_096 },
    });
    expect(cut.body).toMatchObject({ truncate: true, options: { num_ctx: 4_096 } });
  });

  it('does not say how models are loaded, unless the operator lets it', async () => {
    const options = { num_gpu: 99, use_mmap: false, temperature: 1 };
    const { body: sentBody, notes } = await adapted({ options });
    expect(sentBody.options).toEqual({ temperature: 1, num_ctx: 8_192 });
    expect(notes.map(({ path }) => path)).toEqual(['options.num_gpu', 'options.use_mmap']);
    expect((await adapted({ options }, { loadOptions: true })).body.options).toEqual({ ...options, num_ctx: 8_192 });
  });

  it('reaches /api/generate with a single prompt', async () => {
    const { provider } = await create();
    expect(provider.endpoint(own({ model: 'm', prompt: 'Hi' }).call).url).toBe('http://127.0.0.1:11434/api/generate');
    expect(provider.endpoint(own(body).call).url).toBe('http://127.0.0.1:11434/api/chat');
  });
});

describe('knowing the models', () => {
  it('asks about a model before its first request only', async () => {
    const { host } = await create();
    const exchange = fakeExchange({ model: 'x' });
    const request = userRequest('x');
    const asked: string[] = [];
    Object.assign(host, {
      fetchModels: async (name: string) => {
        asked.push(name);
        return (await (host.providers.get('ollama') as HttpProvider).fetchModels?.(ask)) ?? [];
      },
    });
    const [tap] = host.hooks.transformIn.taps as readonly TransformTap[];
    const run = async (target: Target) => {
      if (tap?.when?.(target, exchange) === false) return request;
      return await host.hooks.transformIn.promise(request, target, exchange);
    };
    expect(await run({ provider: 'ollama', model: 'new-one' })).toBe(request);
    await run({ provider: 'ollama', model: 'new-one' });
    await run({ provider: 'ollama', model: 'qwen3:8b' });
    await run({ provider: 'other', model: 'elsewhere' });
    expect(asked).toEqual(['ollama']);
  });

  it('lists what the server has, or what the config names, and charges nothing', async () => {
    const { host, provider } = await create();
    expect(provider.models?.().map(({ id }) => id)).toEqual(['qwen3:8b', 'llava', 'gpt-oss:20b']);
    expect((await create({ models: ['only'] })).provider.models?.()).toEqual([{ id: 'only' }]);
    expect(host.modelInfo({ provider: 'ollama', model: 'never-seen' })?.prices).toEqual(
      expect.objectContaining({ input: 0, output: 0 }),
    );
    expect(host.modelInfo({ provider: 'ollama', model: 'llava' })?.contextTokens).toBe(4_096);
  });

  it('F37 keeps nobody waiting who has left', async () => {
    const { host } = await create();
    Object.assign(host, { fetchModels: () => new Promise(() => {}) });
    const controller = new AbortController();
    const exchange = Object.defineProperty(fakeExchange({ model: 'x' }), 'signal', { value: controller.signal });
    const run = () => host.hooks.transformIn.promise(userRequest('x'), { provider: 'ollama', model: 'x' }, exchange);
    const asking = run();
    controller.abort(new Error('left'));
    await expect(asking).rejects.toThrow('left');
    await expect(run()).rejects.toThrow('left');
  });

  it('knows no prices of a hosted server', async () => {
    const { host } = await create({ baseUrl: 'https://ollama.com' });
    expect(host.modelInfo({ provider: 'ollama', model: 'qwen3:8b' })?.prices).toBeUndefined();
    expect(host.modelInfo({ provider: 'ollama', model: 'unseen' })).toEqual({ id: 'unseen' });
  });

  it('starts where no server answers, and says so in the log', async () => {
    const host = fakeHost();
    const fetchModels = () => Promise.reject(new Error('refused'));
    await applyPlugin(ollama, OPTIONS, Object.assign(host, { fetchModels }));
    await host.hooks.ready.promise();
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.logged).toEqual([
      { level: 'info', fields: { provider: 'ollama', reason: 'refused' }, message: 'Ollama does not answer yet' },
    ]);
  });
});

describe('errors', () => {
  it('says how to get a model that is not there', async () => {
    const { provider } = await create();
    const response = { status: 404, headers: {}, body: '{"error":"model \'llama9\' not found"}' };
    const error = format.decodeError(404, {}, response.body);
    const refined = provider.refineError?.(error, response);
    expect(refined).toMatchObject({ code: 'MODEL_NOT_FOUND', status: 404 });
    expect(refined?.message).toContain('ollama pull llama9');
    const other = format.decodeError(500, {}, '{"error":"boom"}');
    expect(provider.refineError?.(other, { status: 500, headers: {}, body: '' })).toBe(other);
  });
});
