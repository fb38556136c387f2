import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import formatOllama from '@signalbox/format-ollama';
import type { JsonObject } from '@signalbox/kit';
import providerOllama from '@signalbox/provider-ollama';
import {
  cutAfter,
  errorFrame,
  headersThenHang,
  json,
  providerError,
  type RecordedRequest,
  type Responder,
  reply,
  sse,
  type Turn,
  type Wire,
} from '@signalbox/testkit';
import { type Message, Ollama, type Tool } from 'ollama';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const WEATHER: Tool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Current weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

let gateway: TestGateway;
afterEach(() => gateway.close());

const start = async (options: TestGatewayOptions = {}): Promise<Ollama> => {
  gateway = await startTestGateway({ plugins: [[formatOllama]], ...options });
  return new Ollama({ host: gateway.url });
};

/** Everything a stream said, as its client puts it together. */
async function gather(stream: AsyncIterable<{ message: Message; done: boolean; done_reason: string }>) {
  const message: Required<Pick<Message, 'content' | 'thinking' | 'tool_calls'>> = {
    content: '',
    thinking: '',
    tool_calls: [],
  };
  let last: object = {};
  for await (const chunk of stream) {
    message.content += chunk.message.content;
    message.thinking += chunk.message.thinking ?? '';
    message.tool_calls.push(...(chunk.message.tool_calls ?? []));
    last = chunk;
  }
  return { message, last };
}

/** The frames of a streamed turn in the format that is asked for. */
async function framesOf(turn: Turn, request: RecordedRequest, wire: Wire): Promise<readonly string[]> {
  const frames: string[] = [];
  await reply(turn)(request, {
    ...wire,
    signal: wire.signal,
    headSent: false,
    head: () => {},
    write: async (bytes) => void frames.push(Buffer.from(bytes).toString()),
    end: async () => {},
  });
  return frames;
}

const named = (body: JsonObject | undefined): JsonObject[] => (body?.messages ?? []) as JsonObject[];

describe.each([
  ['an Anthropic provider', 'anthropic/claude-test', '/v1/messages'],
  ['a Chat provider', 'chat/gpt-test', '/v1/chat/completions'],
])('an Ollama client towards %s', (_name, target, path) => {
  const anthropic = target.startsWith('anthropic');
  const ask = { model: 'openrouter/z-ai/glm-5:free', messages: [{ role: 'user', content: 'Hi' }] };

  it('F85 F31 hears text and counts, whole and streamed, under a name with slashes and colons', async () => {
    const client = await start({ targets: [target] });
    const turn: Turn = {
      text: 'Grüß Gott 😀',
      usage: { promptTokens: 100, cacheReadTokens: 90, completionTokens: 7 },
    };
    gateway.provider.on(`POST ${path}`, reply(turn));
    const whole = await client.chat({ ...ask });
    expect(whole).toMatchObject({
      model: ask.model,
      message: { role: 'assistant', content: 'Grüß Gott 😀' },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 100,
      eval_count: 7,
    });
    const { message, last } = await gather(await client.chat({ ...ask, stream: true }));
    expect(message.content).toBe('Grüß Gott 😀');
    expect(last).toMatchObject({ model: ask.model, done_reason: 'stop', prompt_eval_count: 100, eval_count: 7 });
    expect((await gateway.nextRecord()).model).toBe(ask.model);
  });

  it('streams by default', async () => {
    await start({ targets: [target] });
    gateway.provider.on(`POST ${path}`, reply({ text: 'Hi' }));
    const response = await gateway.post('/api/chat', { ...ask });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect((await response.text()).trim().split('\n').length).toBeGreaterThan(1);
    expect(gateway.provider.requests[0]?.body?.stream).toBe(true);
  });

  it.each([false, true])('F04 F06 F49 F56 runs two tools at once and goes on (streamed: %s)', async (stream) => {
    const client = await start({ targets: [target] });
    gateway.provider.once(
      `POST ${path}`,
      reply({
        text: 'Both.',
        toolCalls: [
          { id: 'toolu_1', name: 'weather', arguments: { city: 'Oslo' } },
          { id: 'toolu_2', name: 'weather', arguments: { city: 'Lima' } },
        ],
      }),
    );
    gateway.provider.once(`POST ${path}`, reply({ text: 'Cold and warm.' }));
    const messages: Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Oslo and Lima?', images: [PNG] },
    ];
    const say = async () =>
      stream
        ? (await gather(await client.chat({ ...ask, messages, tools: [WEATHER], stream }))).message
        : (await client.chat({ ...ask, messages, tools: [WEATHER] })).message;
    const first = await say();
    expect(first.tool_calls?.map(({ function: fn }) => [fn.name, fn.arguments])).toEqual([
      ['weather', { city: 'Oslo' }],
      ['weather', { city: 'Lima' }],
    ]);
    // The client knows the names of its tools only, and gives the results in their order.
    messages.push(
      { ...first, role: 'assistant' },
      { role: 'tool', tool_name: 'weather', content: '4 C' },
      { role: 'tool', tool_name: 'weather', content: '19 C' },
    );
    expect((await say()).content).toBe('Cold and warm.');
    const { body } = await gateway.provider.waitForRequest(1);
    const sent = JSON.stringify(body);
    expect(sent).toContain(PNG);
    if (anthropic) {
      expect(body?.system).toEqual([expect.objectContaining({ text: 'Be brief.' })]);
      expect(named(body)[2]?.content).toEqual([
        expect.objectContaining({ type: 'tool_result', tool_use_id: 'toolu_1' }),
        expect.objectContaining({ type: 'tool_result', tool_use_id: 'toolu_2' }),
      ]);
    } else {
      expect(named(body).slice(3)).toEqual([
        { role: 'tool', tool_call_id: 'toolu_1', content: '4 C' },
        { role: 'tool', tool_call_id: 'toolu_2', content: '19 C' },
      ]);
    }
  });

  it('F62 F67 has its options, its schema and its limits arrive', async () => {
    const client = await start({ targets: [target] });
    gateway.provider.on(`POST ${path}`, reply({ text: '{"age":3}', stopReason: 'max-tokens' }));
    const schema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] };
    const { done_reason: reason } = await client.chat({
      ...ask,
      format: schema,
      options: { num_predict: 20, stop: ['END'], seed: 1 },
    });
    expect(reason).toBe('length');
    const { body } = await gateway.provider.waitForRequest(0);
    expect(JSON.stringify(body)).toContain('"age"');
    expect(body).toMatchObject(
      anthropic ? { max_tokens: 20, stop_sequences: ['END'] } : { max_tokens: 20, stop: ['END'] },
    );
    const { notes } = await gateway.nextRecord();
    // Anthropic has no seed.
    expect(notes.filter(({ path: at }) => at === 'options.seed')).toHaveLength(anthropic ? 1 : 0);
    if (!anthropic) expect(body).toMatchObject({ seed: 1 });
  });

  it.each([false, true])(
    'F01 F73 sees the reasoning, and never sends it where it is not signed (streamed: %s)',
    async (stream) => {
      const client = await start({ targets: [target] });
      gateway.provider.on(`POST ${path}`, reply({ reasoning: 'Hm.', signature: 'c2ln', text: 'Ah.' }));
      const messages: Message[] = [...ask.messages];
      const say = async () =>
        stream
          ? (await gather(await client.chat({ ...ask, messages, think: true, stream }))).message
          : (await client.chat({ ...ask, messages, think: true })).message;
      const first = await say();
      expect(first).toMatchObject({ thinking: 'Hm.', content: 'Ah.' });
      messages.push({ ...first, role: 'assistant' }, { role: 'user', content: 'Why?' });
      await say();
      const { body } = await gateway.provider.waitForRequest(1);
      if (anthropic) expect(JSON.stringify(named(body))).not.toContain('thinking');
      else expect(named(body)[1]).toMatchObject({ content: 'Ah.' });
    },
  );

  it('F92 F29 hears of an error before the answer with its status', async () => {
    const client = await start({ targets: [target] });
    gateway.provider.once(
      `POST ${path}`,
      providerError(429, { message: 'Slow down.', type: 'rate_limit_error', headers: { 'retry-after': '7' } }),
    );
    await expect(client.chat({ ...ask, stream: true })).rejects.toMatchObject({
      status_code: 429,
      message: expect.stringContaining('Slow down.'),
    });
    gateway.provider.once(
      `POST ${path}`,
      providerError(401, { message: 'bad key sk-gateway', type: 'authentication_error' }),
    );
    await expect(client.chat({ ...ask })).rejects.toMatchObject({ status_code: 502 });
  });

  it.each<[string, (frames: readonly string[], request: RecordedRequest) => Responder, RegExp]>([
    [
      'F17 an error',
      (frames, request) => sse([...frames, errorFrame(request, { message: 'It broke.', type: 'api_error' })]),
      /^(?:anthropic|chat)\/[\w-]+: It broke\.$/,
    ],
    ['F21 a cut', (frames) => cutAfter(frames.join('').length - 5, 'fin', sse(frames)), /closed|broke off|connection/i],
    ['F21 an end too soon', (frames) => sse(frames), /(?:closed|ended) the stream/],
  ])('hears of %s in the middle, and takes it for no end', async (_name, respond, message) => {
    const client = await start({ targets: [target] });
    gateway.provider.on(`POST ${path}`, async (request, wire) => {
      const frames = await framesOf({ text: 'Half an answer is here, and no more' }, request, wire);
      await respond(frames.slice(0, 4), request)(request, wire);
    });
    let said = '';
    const reading = (async () => {
      for await (const chunk of await client.chat({ ...ask, stream: true })) said += chunk.message.content;
    })();
    await expect(reading).rejects.toThrow(message);
    expect(said).toMatch(/^Half an answ/);
    const record = await gateway.nextRecord();
    expect(record.error).toBeDefined();
    expect(record.attempts).toEqual([expect.objectContaining({ outcome: 'cut' })]);
  });

  it('F20 waits for a slow provider without a word that it would show', async () => {
    const client = await start({ targets: [target], server: { openStreamAfterMs: 20, keepAliveMs: 20 } });
    const alive = Promise.withResolvers<void>();
    gateway.provider.on(`POST ${path}`, async (request, wire) => {
      await alive.promise;
      await reply({ text: 'At last.' })(request, wire);
    });
    let chunks = 0;
    let said = '';
    for await (const chunk of await client.chat({ ...ask, stream: true })) {
      if (++chunks > 2) alive.resolve();
      said += chunk.message.content;
    }
    expect(said).toBe('At last.');
  });

  it('F07 hears of an answer without content', async () => {
    const client = await start({ targets: [target] });
    gateway.provider.on(`POST ${path}`, reply({}));
    await expect(client.chat({ ...ask, stream: true })).rejects.toMatchObject({ status_code: 502 });
    await expect(client.chat({ ...ask })).rejects.toMatchObject({ status_code: 502 });
  });

  it('F37 stops the provider when it leaves', async () => {
    const client = await start({ targets: [target] });
    gateway.provider.on(`POST ${path}`, async (request, wire) => {
      const frames = await framesOf({ text: 'A long answer begins' }, request, wire);
      await headersThenHang({ content: frames.slice(0, 4) })(request, wire);
    });
    const stream = await client.chat({ ...ask, stream: true });
    const reading = gather(stream);
    const request = await gateway.provider.waitForRequest(0);
    stream.abort();
    await expect(reading).rejects.toThrow();
    await request.aborted;
    expect((await gateway.nextRecord()).aborted).toBe(true);
  });

  it('has a single prompt answered in its own fields', async () => {
    const client = await start({ targets: [target] });
    gateway.provider.on(`POST ${path}`, reply({ text: 'Four.' }));
    const request = { model: 'm', prompt: 'Two and two?', system: 'Be brief.' };
    expect(await client.generate(request)).toMatchObject({ response: 'Four.', done: true, done_reason: 'stop' });
    let said = '';
    for await (const chunk of await client.generate({ ...request, stream: true })) said += chunk.response ?? '';
    expect(said).toBe('Four.');
    expect(JSON.stringify((await gateway.provider.waitForRequest(0)).body)).toContain('Be brief.');
  });

  it('may load a model as the ollama command does, and only Ollama fills in, before anything is paid for', async () => {
    const client = await start({ targets: [target] });
    const loads = { model: 'm', done: true, done_reason: 'load' };
    expect(await client.generate({ model: 'm', prompt: '' })).toMatchObject({ ...loads, response: '' });
    expect(await client.chat({ model: 'm', messages: [] })).toMatchObject(loads);
    for await (const chunk of await client.generate({ model: 'm', prompt: '', stream: true })) {
      expect(chunk).toMatchObject(loads);
    }
    await expect(client.generate({ model: 'm', prompt: 'a', suffix: 'b' })).rejects.toMatchObject({ status_code: 400 });
    expect(gateway.provider.requests).toEqual([]);
  });
});

describe('what an Ollama client asks before it chats', () => {
  const MODEL = 'openrouter/z-ai/glm-5:free';
  const listing: TestGatewayOptions['plugins'] = (url) => [
    [formatOllama],
    [providerOllama, { name: 'openrouter', baseUrl: url, models: ['z-ai/glm-5:free'] }],
  ];

  it('F97 is the list, one model by a name with slashes and colons, the version, and what is loaded', async () => {
    const client = await start({ plugins: listing });
    gateway.provider.on('/api/tags', json(200, { models: [] }));
    const { models } = await client.list();
    expect(models.map(({ name }) => name)).toContain(MODEL);
    const shown = await client.show({ model: MODEL });
    expect(shown.capabilities).toContain('tools');
    await expect(client.show({ model: 'nobody/knows:it' })).rejects.toMatchObject({ status_code: 404 });
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await client.ps()).toEqual({ models: [] });
  });

  it('is whether a server is there', async () => {
    await start();
    expect((await fetch(gateway.url, { method: 'HEAD' })).status).toBe(200);
    const missing = await fetch(`${gateway.url}/api/pull`, { method: 'POST', body: '{}' });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({ error: expect.any(String) });
  });
});

/** Ollama on a socket: its models, and what `chat` says, as lines or as one object. */
function serve(chat: readonly JsonObject[]): void {
  const { provider } = gateway;
  provider.on('/api/tags', json(200, { models: [{ name: 'qwen3:8b', digest: 'a' }] }));
  provider.on('/api/show', (request, wire) =>
    request.body?.model === 'qwen3:8b'
      ? json(200, {
          capabilities: ['completion', 'tools', 'thinking'],
          model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
        })(request, wire)
      : json(404, { error: `model '${String(request.body?.model)}' not found` })(request, wire),
  );
  const respond: Responder = (request, wire) => {
    if (request.body?.stream !== false) {
      return sse(
        chat.map((line) => `${JSON.stringify(line)}\n`),
        { headers: { 'content-type': 'application/x-ndjson' } },
      )(request, wire);
    }
    return json(200, { ...chat.at(-1), message: wholeOf(chat) })(request, wire);
  };
  provider.on('POST /api/chat', respond);
  provider.on('POST /api/generate', respond);
}

function wholeOf(chat: readonly JsonObject[]): JsonObject {
  const parts = chat.map(({ message }) => (message ?? {}) as JsonObject);
  const calls = parts.flatMap(({ tool_calls: list }) => (list ?? []) as JsonObject[]);
  return {
    role: 'assistant',
    content: parts.map(({ content }) => content ?? '').join(''),
    thinking: parts.map(({ thinking }) => thinking ?? '').join(''),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

const line = (message: JsonObject, more: JsonObject = {}): JsonObject => ({
  model: 'qwen3:8b',
  created_at: '2026-09-01T10:00:00Z',
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
});
const END = line({}, { done: true, done_reason: 'stop', prompt_eval_count: 171, eval_count: 64, eval_duration: 5 });
const CALLS = ['Oslo', 'Lima'].map((city) => ({ function: { index: 0, name: 'weather', arguments: { city } } }));

const toOllama: TestGatewayOptions = {
  targets: ['ollama/{model}'],
  plugins: (url) => [[formatOllama], [providerOllama, { baseUrl: url }]],
};
const chats = (): RecordedRequest[] =>
  gateway.provider.requests.filter(({ path }) => path === '/api/chat' || path === '/api/generate');

describe('an Anthropic client towards Ollama', () => {
  const create = async (chat: readonly JsonObject[]) => {
    await start(toOllama);
    serve(chat);
    return new Anthropic({ baseURL: gateway.url, apiKey: 'k', maxRetries: 0 });
  };
  const ask = { model: 'qwen3:8b', max_tokens: 1_000, messages: [{ role: 'user' as const, content: 'Hi' }] };

  it.each([false, true])('F06 F09 F25 F85 sees thinking, text and two calls (streamed: %s)', async (stream) => {
    const client = await create([
      line({ thinking: 'Two cities. ' }),
      line({ content: 'Looking. 😀' }),
      line({ tool_calls: CALLS }),
      END,
    ]);
    const tools = [{ name: 'weather', input_schema: { type: 'object' as const, properties: {} } }];
    const request = { ...ask, tools, thinking: { type: 'enabled' as const, budget_tokens: 1_024 }, max_tokens: 4_000 };
    const message = stream
      ? await client.messages.stream(request).finalMessage()
      : await client.messages.create(request);
    expect(
      message.content.map((block) => (block.type === 'tool_use' ? [block.name, block.input] : block.type)),
    ).toEqual(['thinking', 'text', ['weather', { city: 'Oslo' }], ['weather', { city: 'Lima' }]]);
    const ids = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    expect(new Set(ids).size).toBe(2);
    expect(message.stop_reason).toBe('tool_use');
    expect(message.usage).toMatchObject({ input_tokens: 171, output_tokens: 64 });
    // The next turn gives the thinking back to Ollama, as its own.
    const results = ids.map((id) => ({ type: 'tool_result' as const, tool_use_id: id, content: '4 C' }));
    await client.messages.create({
      ...request,
      messages: [...ask.messages, { role: 'assistant', content: message.content }, { role: 'user', content: results }],
    });
    const [first, second] = chats().map(({ body }) => body);
    expect(first).toMatchObject({ think: true, truncate: false, shift: false, options: { num_ctx: 8_192 } });
    expect(named(second)[1]).toMatchObject({ thinking: 'Two cities. ', content: 'Looking. 😀' });
    expect(named(second).slice(2)).toEqual(
      ids.map((id) => ({ role: 'tool', tool_name: 'weather', tool_call_id: id, content: '4 C' })),
    );
    const record = await gateway.nextRecord();
    expect(record.costUsd).toBe(0);
  });

  it('F10 is told to compact before a prompt is sent that fits no window', async () => {
    const client = await create([END]);
    const messages = [{ role: 'user' as const, content: 'word '.repeat(90_000) }];
    await expect(client.messages.create({ ...ask, messages })).rejects.toThrow(
      /prompt is too long: \d+ tokens > 40960 maximum/,
    );
    expect(chats()).toEqual([]);
    const [failed] = (await gateway.nextRecord()).attempts;
    expect(failed).toMatchObject({ error: { code: 'CONTEXT_OVERFLOW' } });
  });

  it('F10 hears it from Ollama, too, which is not allowed to cut the prompt', async () => {
    const client = await create([END]);
    gateway.provider.once(
      'POST /api/chat',
      json(400, { error: 'request (9000 tokens) exceeds the available context size (8192 tokens)' }),
    );
    await expect(client.messages.create(ask)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('prompt is too long'),
    });
  });

  it('is told to pull a model that is not there', async () => {
    const client = await create([END]);
    await expect(client.messages.create({ ...ask, model: 'llama9' })).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('ollama pull llama9'),
    });
    expect(chats()).toEqual([]);
  });

  it('F37 stops Ollama when it leaves', async () => {
    const client = await create([END]);
    gateway.provider.on(
      'POST /api/chat',
      headersThenHang({
        content: `${JSON.stringify(line({ content: 'Half' }))}\n`,
        headers: { 'content-type': 'application/x-ndjson' },
      }),
    );
    const stream = client.messages.stream(ask);
    await new Promise((resolve) => stream.once('text', resolve));
    stream.abort();
    await expect(stream.finalMessage()).rejects.toThrow(/abort/i);
    const [request] = chats();
    expect(request).toBeDefined();
    await request?.aborted;
  });

  it.each<[string, JsonObject[], RegExp]>([
    ['F17 an error line', [line({ content: 'Half' }), { error: 'runner died', status: 500 }], /runner died/],
    ['F21 a cut', [line({ content: 'Half' })], /closed the stream/],
    ['F07 no content', [line({}), END], /without any content/],
    ['F15 an error at first', [{ error: 'runner died' }], /runner died/],
  ])('hears of %s in a stream', async (_name, chat, message) => {
    const client = await create(chat);
    await expect(client.messages.stream(ask).finalMessage()).rejects.toThrow(message);
  });
});

describe('a Chat client towards Ollama', () => {
  it.each([false, true])('F62 F60 has text, a schema and an effort arrive (streamed: %s)', async (stream) => {
    await start(toOllama);
    serve([line({ thinking: 'Hm.' }), line({ content: '{"age":3}' }), END]);
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'k', maxRetries: 0 });
    const schema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] };
    const request = {
      model: 'qwen3:8b',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }] },
      ],
      reasoning_effort: 'low',
      response_format: { type: 'json_schema', json_schema: { name: 'age', schema } },
      stop: ['END'],
      max_tokens: 50,
    } satisfies OpenAI.ChatCompletionCreateParamsNonStreaming;
    const done = stream
      ? await client.chat.completions
          .stream({ ...request, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : await client.chat.completions.create(request);
    expect(done.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '{"age":3}' } });
    expect(done.usage).toMatchObject({ prompt_tokens: 171, completion_tokens: 64 });
    expect(chats()[0]?.body).toMatchObject({
      think: true,
      format: schema,
      messages: [
        { role: 'system', content: 'Be brief.' },
        // The model sees nothing, which its server says in advance.
        { role: 'user', content: '[An image was here, which this model cannot see.]' },
      ],
      options: { num_predict: 50, stop: ['END'] },
    });
  });
});

describe('an Ollama client towards Ollama', () => {
  const ask = { model: 'qwen3:8b', messages: [{ role: 'user', content: 'Hi' }] };

  it.each([false, true])('F85 passes through, with a window and no cutting (streamed: %s)', async (stream) => {
    const client = await start(toOllama);
    serve([line({ thinking: 'Hm.' }), line({ content: 'Ah.' }), END]);
    const said = stream
      ? await gather(await client.chat({ ...ask, stream }))
      : await client.chat({ ...ask }).then((last) => ({ message: last.message, last }));
    expect(said.message).toMatchObject({ thinking: 'Hm.', content: 'Ah.' });
    expect(said.last).toMatchObject({ prompt_eval_count: 171, eval_duration: 5 });
    expect(chats()[0]?.body).toEqual({
      ...ask,
      stream,
      options: { num_ctx: 8_192 },
      truncate: false,
      shift: false,
    });
    expect(await gateway.nextRecord()).toMatchObject({
      lane: 'pass-through',
      usage: { promptTokens: 171, completionTokens: 64 },
      costUsd: 0,
    });
  });

  it('has its model’s name echoed where a route gives it another', async () => {
    const client = await start({ ...toOllama, targets: ['ollama/qwen3:8b'] });
    serve([line({ content: 'Ah.' }), END]);
    const models: string[] = [];
    for await (const { model } of await client.chat({ ...ask, model: 'my/alias:x', stream: true })) models.push(model);
    expect(models).toEqual(['my/alias:x', 'my/alias:x']);
    expect(chats()[0]?.body?.model).toBe('qwen3:8b');
  });

  it('fills in and loads through /api/generate', async () => {
    const client = await start(toOllama);
    serve([]);
    gateway.provider.once(
      'POST /api/generate',
      json(200, { model: 'qwen3:8b', response: 'b)', done: true, done_reason: 'stop', eval_count: 2 }),
    );
    gateway.provider.once(
      'POST /api/generate',
      json(200, { model: 'qwen3:8b', response: '', done: true, done_reason: 'load' }),
    );
    expect((await client.generate({ model: 'qwen3:8b', prompt: 'def f(', suffix: 'return' })).response).toBe('b)');
    expect((await client.generate({ model: 'qwen3:8b', prompt: '' })).done_reason).toBe('load');
    expect(chats().map(({ path, body }) => [path, body?.suffix])).toEqual([
      ['/api/generate', 'return'],
      ['/api/generate', undefined],
    ]);
  });

  it('F17 F21 hears errors in Ollama’s own words, once', async () => {
    await start(toOllama);
    serve([line({ content: 'Half' }), { error: 'runner died' }]);
    const response = await gateway.post('/api/chat', ask);
    const lines = (await response.text()).trim().split('\n');
    expect(lines.slice(1)).toEqual(['{"error":"runner died"}']);
    expect((await gateway.nextRecord()).error).toMatchObject({ message: 'runner died' });
  });

  it('F21 hears of a cut', async () => {
    const client = await start(toOllama);
    serve([line({ content: 'Half' })]);
    await expect(client.chat({ ...ask, stream: true }).then(gather)).rejects.toThrow(/closed the stream/);
  });
});
