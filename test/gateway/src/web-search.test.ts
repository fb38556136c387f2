import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import geminiFormat from '@signalbox/format-gemini';
import openaiResponses from '@signalbox/format-openai-responses';
import type { JsonObject } from '@signalbox/kit';
import providerDeepseek from '@signalbox/provider-deepseek';
import providerGemini from '@signalbox/provider-gemini';
import providerOpenai from '@signalbox/provider-openai';
import providerOpenrouter from '@signalbox/provider-openrouter';
import { json, type Responder, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

async function start(target: string): Promise<void> {
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [openaiResponses],
      [geminiFormat],
      [providerOpenai, { apiKey: 'k', baseUrl: `${url}/openai/v1` }],
      [providerGemini, { apiKey: 'k', baseUrl: `${url}/google/v1beta` }],
      [providerOpenrouter, { apiKey: 'k', baseUrl: `${url}/router/api/v1` }],
      [providerDeepseek, { apiKey: 'k', baseUrl: `${url}/deepseek` }],
    ],
  });
}

const OSLO = { city: 'Oslo', country: 'NO' };
const hi = [{ role: 'user', content: 'Weather?' }];

/** How each kind of client asks for a search in some domains, and for nothing but that. */
const CLIENTS = {
  anthropic: {
    path: '/v1/messages',
    headers: anthropicHeaders,
    body: {
      model: 'm',
      max_tokens: 1_000,
      messages: hi,
      tools: [
        {
          type: 'web_search_20250305',
          name: 'web_search',
          max_uses: 8,
          allowed_domains: ['a.example'],
          user_location: { type: 'approximate', ...OSLO },
        },
      ],
      tool_choice: { type: 'tool', name: 'web_search' },
    },
  },
  responses: {
    path: '/v1/responses',
    headers: {},
    body: {
      model: 'm',
      input: 'Weather?',
      tools: [{ type: 'web_search', filters: { allowed_domains: ['a.example'] }, search_context_size: 'low' }],
      tool_choice: { type: 'web_search' },
    },
  },
  chat: {
    path: '/v1/chat/completions',
    headers: {},
    body: {
      model: 'm',
      messages: hi,
      web_search_options: { user_location: { type: 'approximate', approximate: OSLO } },
    },
  },
  plugin: {
    path: '/v1/chat/completions',
    headers: {},
    body: { model: 'm', messages: hi, plugins: [{ id: 'web', include_domains: ['a.example'] }, { id: 'file-parser' }] },
  },
  gemini: {
    path: '/v1beta/models/m:generateContent',
    headers: {},
    body: { contents: [{ role: 'user', parts: [{ text: 'Weather?' }] }], tools: [{ googleSearch: {} }] },
  },
} as const;
type Client = keyof typeof CLIENTS;

interface Explained {
  readonly targets: [
    { lane?: string; upstream?: { body: JsonObject }; notes: { path: string; action: string }[]; error?: JsonObject },
  ];
}

async function explain(client: Client, more: JsonObject = {}, headers: Record<string, string> = {}) {
  const { path, body, headers: own } = CLIENTS[client];
  const answer = await gateway.post(
    `/explain?path=${encodeURIComponent(path)}`,
    { ...body, ...more },
    { ...own, ...headers },
  );
  const { targets } = (await answer.json()) as Explained;
  const [{ upstream, notes, error }] = targets;
  return { body: upstream?.body ?? {}, notes: notes.map(({ path: at, action }) => `${action} ${at}`), error };
}

const anthropicTool = { type: 'web_search_20250305', name: 'web_search' };
const place = { user_location: { type: 'approximate', ...OSLO } };
const domains = ['a.example'];

describe('F91 a search that any client asks for is the provider’s own', () => {
  it.each<[Client, string, JsonObject, readonly string[]]>([
    [
      'responses',
      'anthropic/claude-sonnet-5',
      {
        tools: [{ ...anthropicTool, allowed_domains: domains }],
        tool_choice: { type: 'tool', name: 'web_search' },
      },
      ['mapped tools[0]', 'dropped tools[0].contextSize'],
    ],
    ['chat', 'anthropic/claude-sonnet-5', { tools: [{ ...anthropicTool, ...place }] }, ['mapped tools[0]']],
    [
      'plugin',
      'anthropic/claude-sonnet-5',
      { tools: [{ ...anthropicTool, allowed_domains: domains }] },
      ['mapped tools[0]', 'dropped plugins'],
    ],
    ['gemini', 'anthropic/claude-sonnet-5', { tools: [anthropicTool] }, ['mapped tools[0]']],
    [
      'anthropic',
      'openai/gpt-6',
      {
        tools: [{ type: 'web_search', filters: { allowed_domains: domains }, ...place }],
        tool_choice: { type: 'web_search' },
        max_tool_calls: 8,
      },
      ['mapped tools[0]'],
    ],
    ['chat', 'openai/gpt-4.1', { tools: [{ type: 'web_search', ...place }] }, ['mapped tools[0]']],
    ['gemini', 'openai/gpt-4.1', { tools: [{ type: 'web_search' }] }, ['mapped tools[0]']],
    [
      'anthropic',
      'openai/gpt-4o-search-preview',
      { web_search_options: { user_location: { type: 'approximate', approximate: OSLO } } },
      ['mapped tools[0]', 'dropped tools[0].maxUses', 'dropped tools[0].allowedDomains', 'mapped toolChoice'],
    ],
    [
      'anthropic',
      'gemini/gemini-3-flash',
      { tools: [{ googleSearch: {} }] },
      [
        'mapped tools[0]',
        'dropped tools[0].maxUses',
        'dropped tools[0].allowedDomains',
        'dropped tools[0].userLocation',
        'dropped toolChoice',
      ],
    ],
    [
      'chat',
      'gemini/gemini-3-flash',
      { tools: [{ googleSearch: {} }] },
      ['mapped tools[0]', 'dropped tools[0].userLocation'],
    ],
    [
      'anthropic',
      'openrouter/x/y',
      { plugins: [{ id: 'web', max_uses: 8, include_domains: domains, ...place }] },
      ['mapped tools[0]', 'mapped toolChoice'],
    ],
    ['gemini', 'openrouter/x/y', { tools: [{ type: 'openrouter:web_search' }] }, ['mapped tools[0]']],
  ])('%s at %s', async (client, target, sent, noted) => {
    await start(target);
    const { body, notes } = await explain(client);
    expect(body).toMatchObject(sent);
    expect(notes.filter((note) => !note.includes('maxOutputTokens'))).toEqual(noted);
    if (sent.tool_choice === undefined) expect(body).not.toHaveProperty('tool_choice');
    if (sent.tools === undefined) expect(body).not.toHaveProperty('tools');
  });

  it('is offered beside functions where it is not asked for by name', async () => {
    await start('openrouter/x/y');
    const look = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} } };
    const tools = [look, ...CLIENTS.responses.body.tools] as never;
    const { body } = await explain('responses', { tools, tool_choice: 'auto' });
    expect(body).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'look' } },
        {
          type: 'openrouter:web_search',
          parameters: { allowed_domains: domains, search_context_size: 'low' },
        },
      ],
      tool_choice: 'auto',
    });
    const closed = await explain('responses', { tools: [{ type: 'web_search', external_web_access: false }] as never });
    expect(closed.body).not.toHaveProperty('plugins');
    expect(closed.notes).toContain('dropped tools[0]');
  });

  it.each(['deepseek/deepseek-chat', 'chat/some-model'])(
    '%s has none: the tool goes with its choice',
    async (target) => {
      await start(target);
      for (const client of ['anthropic', 'responses', 'gemini'] as const) {
        const { body, notes } = await explain(client);
        expect(Object.keys(body).filter((key) => /tool|search|plugin/.test(key))).toEqual([]);
        expect(notes).toContain('dropped tools[0]');
        const strict = await explain(client, {}, { 'x-signalbox-strict': '1' });
        expect(strict.error).toMatchObject({ code: 'UNSUPPORTED', status: 400 });
      }
    },
  );

  it('a client’s own words reach a provider of its format as they came', async () => {
    for (const [client, target] of [
      ['anthropic', 'anthropic/claude-sonnet-5'],
      ['responses', 'openai/gpt-6'],
      ['chat', 'openrouter/x/y'],
      ['plugin', 'openrouter/x/y'],
    ] as const) {
      await start(target);
      const { model: _, ...body } = CLIENTS[client].body as JsonObject;
      expect((await explain(client)).body).toMatchObject(body);
      await gateway.close();
    }
    await start('openrouter/x/y');
  });
});

const URL = 'https://a.example/oslo';
const PAGE = { url: URL, title: 'Oslo' };
const TEXT = 'Look: Über 5 °C.';
const CITED = 'Über 5 °C.';
const span = { start_index: 6, end_index: TEXT.length };
const data = (frames: readonly object[]) => frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`);
const events = (frames: readonly JsonObject[]) =>
  frames.map((frame) => `event: ${String(frame.type)}\ndata: ${JSON.stringify(frame)}\n\n`);

/** What each provider answers, whole and streamed: the text, of which the second half cites the page. */
const PROVIDERS: Readonly<Record<string, { target: string; path: RegExp | string; answer: Responder }>> = {
  anthropic: { target: 'anthropic/claude-sonnet-5', path: '/v1/messages', answer: anthropicAnswer() },
  responses: { target: 'openai/gpt-6', path: '/openai/v1/responses', answer: responsesAnswer() },
  chat: { target: 'openrouter/x/y', path: '/router/api/v1/chat/completions', answer: chatAnswer() },
  gemini: { target: 'gemini/gemini-3-flash', path: '', answer: geminiAnswer() },
};

function either(whole: object, stream: readonly string[]): Responder {
  return (request, wire) => (request.body?.stream === true ? sse(stream) : json(200, whole))(request, wire);
}

function anthropicAnswer(): Responder {
  const usage = { input_tokens: 5, output_tokens: 5 };
  const citation = { type: 'web_search_result_location', ...PAGE, cited_text: 'five degrees', encrypted_index: 'E' };
  const found = { type: 'web_search_result', ...PAGE, encrypted_content: 'ENCRYPTED', page_age: null };
  const content = [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'oslo' } },
    { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [found] },
    { type: 'text', text: 'Look: ', citations: null },
    { type: 'text', text: CITED, citations: [citation] },
  ];
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'c',
    content: [],
    stop_reason: null,
    usage,
  };
  const start = (index: number, block: object) => ({ type: 'content_block_start', index, content_block: block });
  const delta = (index: number, value: object) => ({ type: 'content_block_delta', index, delta: value });
  const stop = (index: number) => ({ type: 'content_block_stop', index });
  const text = { type: 'text', text: '', citations: [] };
  const json = { type: 'input_json_delta', partial_json: '{"query":"oslo"}' };
  return either(
    { ...message, content, stop_reason: 'end_turn' },
    events([
      { type: 'message_start', message },
      ...[start(0, { ...content[0], input: {} }), delta(0, json), stop(0), start(1, content[1] ?? {}), stop(1)],
      ...[start(2, text), delta(2, { type: 'text_delta', text: 'Look: ' }), stop(2), start(3, text)],
      ...[delta(3, { type: 'citations_delta', citation }), delta(3, { type: 'text_delta', text: CITED }), stop(3)],
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
      { type: 'message_stop' },
    ] as never),
  );
}

function responsesAnswer(): Responder {
  const annotation = { type: 'url_citation', ...span, ...PAGE };
  const call = { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'oslo' } };
  const part = { type: 'output_text', text: TEXT, annotations: [annotation], logprobs: [] };
  const message = { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [part] };
  const usage = { input_tokens: 5, output_tokens: 5, total_tokens: 10 };
  const response = {
    id: 'resp_1',
    object: 'response',
    model: 'g',
    status: 'completed',
    output: [call, message],
    usage,
  };
  const at = { item_id: 'msg_1', output_index: 1, content_index: 0 };
  return either(
    response,
    events([
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item: { ...call, status: 'in_progress' } },
      { type: 'response.output_item.done', output_index: 0, item: call },
      { type: 'response.output_item.added', output_index: 1, item: { ...message, content: [] } },
      { type: 'response.output_text.delta', ...at, delta: TEXT },
      { type: 'response.output_text.annotation.added', ...at, annotation_index: 0, annotation },
      { type: 'response.output_text.done', ...at, text: TEXT },
      { type: 'response.output_item.done', output_index: 1, item: message },
      { type: 'response.completed', response },
    ] as never),
  );
}

function chatAnswer(): Responder {
  const annotations = [{ type: 'url_citation', url_citation: { ...PAGE, content: 'five degrees', ...span } }];
  const message = { role: 'assistant', content: TEXT, annotations };
  const usage = { prompt_tokens: 5, completion_tokens: 5 };
  const chunk = (delta: object, finish: string | null = null) => ({
    id: 'gen-1',
    object: 'chat.completion.chunk',
    model: 'x/y',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  return either({ id: 'gen-1', model: 'x/y', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }, [
    ...data([chunk({ role: 'assistant', content: TEXT }), chunk({ annotations }), chunk({}, 'stop')]),
    'data: [DONE]\n\n',
  ]);
}

function geminiAnswer(): Responder {
  const bytes = (text: string) => Buffer.byteLength(text);
  const groundingMetadata = {
    webSearchQueries: ['oslo'],
    groundingChunks: [{ web: { uri: URL, title: 'Oslo' } }],
    groundingSupports: [{ segment: { startIndex: 6, endIndex: bytes(TEXT), text: CITED }, groundingChunkIndices: [0] }],
  };
  const part = (text: string, more: object = {}) => ({
    candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }],
    modelVersion: 'gemini-3-flash',
  });
  const end = { finishReason: 'STOP', groundingMetadata };
  const stream = sse(data([part('Look: '), part(CITED, end)]));
  const whole = json(200, part(TEXT, end));
  return (request, wire) => (/streamGenerateContent/.test(request.path) ? stream : whole)(request, wire);
}

interface Seen {
  readonly url: string;
  readonly title: string;
  /** The part of the answer that goes back to it. */
  readonly words: string;
}

const FRAMES = /^data: (\{.*\})\r?$/gm;
const framesOf = (text: string): readonly unknown[] =>
  [...text.matchAll(FRAMES)].map(([, frame = '']) => JSON.parse(frame));

/** What a client of each kind reads of an answer, whole or streamed. */
const READ: Readonly<Record<'responses' | 'chat' | 'gemini', (text: string, stream: boolean) => Seen[]>> = {
  responses: (text, stream) => {
    const body = stream
      ? (framesOf(text).at(-1) as { response: unknown }).response
      : (JSON.parse(text) as { output: unknown });
    const { output } = body as { output: { type: string; content: { text: string; annotations: never[] }[] }[] };
    const parts = output.flatMap(({ type, content }) => (type === 'message' ? content : []));
    return parts.flatMap(({ text: said, annotations }) =>
      annotations.map(({ url, title, start_index: from, end_index: to }) => ({
        url,
        title,
        words: said.slice(from, to),
      })),
    );
  },
  chat: (text, stream) => {
    const messages = stream
      ? (framesOf(text) as { choices: { delta: object }[] }[]).flatMap(({ choices }) =>
          choices.map(({ delta }) => delta),
        )
      : (JSON.parse(text) as { choices: { message: object }[] }).choices.map(({ message }) => message);
    const said = messages.map((message) => (message as { content?: string }).content ?? '').join('');
    return messages.flatMap((message) =>
      ((message as { annotations?: { url_citation: never }[] }).annotations ?? []).map(({ url_citation: cited }) => {
        const { url, title, start_index: from, end_index: to } = cited;
        return { url, title, words: said.slice(from, to) };
      }),
    );
  },
  gemini: (text, stream) => {
    const frames = (stream ? framesOf(text) : [JSON.parse(text)]) as {
      candidates?: [{ groundingMetadata?: { groundingChunks: never[]; groundingSupports: never[] } }];
    }[];
    const { groundingChunks = [], groundingSupports = [] } =
      frames.map(({ candidates }) => candidates?.[0].groundingMetadata).find((found) => found !== undefined) ?? {};
    return groundingSupports.flatMap(
      ({ segment, groundingChunkIndices: indices }: { segment: { text: string }; groundingChunkIndices: number[] }) =>
        indices.map((index) => {
          const { web } = (groundingChunks as { web: { uri: string; title: string } }[])[index] ?? {};
          return { url: web?.uri ?? '', title: web?.title ?? '', words: segment.text };
        }),
    );
  },
};

function provide(name: string): void {
  const { path, answer } = PROVIDERS[name] ?? { path: '', answer: json(500, {}) };
  const paths = ['generateContent', 'streamGenerateContent'].map(
    (method) => `/google/v1beta/models/gemini-3-flash:${method}`,
  );
  for (const at of name === 'gemini' ? paths : [String(path)]) gateway.provider.on(at, answer);
}

const pairs = Object.keys(PROVIDERS).flatMap((provider) =>
  (['responses', 'chat', 'gemini'] as const).flatMap((client) =>
    [false, true].map((stream) => [provider, client, stream] as const),
  ),
);

describe('citations come back in the client’s own shape', () => {
  it.each(pairs)('%s to a client of %s (streamed: %s)', async (provider, client, stream) => {
    await start(PROVIDERS[provider]?.target ?? '');
    provide(provider);
    const { path, body } = CLIENTS[client];
    const url = client === 'gemini' && stream ? '/v1beta/models/m:streamGenerateContent?alt=sse' : path;
    const answer = await gateway.post(url, client === 'gemini' ? body : { ...body, stream });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(READ[client](text, stream)).toEqual([{ ...PAGE, words: CITED }]);
    if (provider === 'anthropic') expect(text).not.toContain('ENCRYPTED');
  });

  it.each(
    ['responses', 'chat', 'gemini'].flatMap((provider) => [false, true].map((stream) => [provider, stream] as const)),
  )(
    '%s to a client that asks as Claude Code’s WebSearch does, for the blocks that it reads (streamed: %s)',
    async (provider, stream) => {
      await start(PROVIDERS[provider]?.target ?? '');
      provide(provider);
      const client = new Anthropic({ baseURL: gateway.url, apiKey: 'x', maxRetries: 0 });
      const asked = CLIENTS.anthropic.body as unknown as Anthropic.MessageCreateParamsNonStreaming;
      const message = stream ? await client.messages.stream(asked).finalMessage() : await client.messages.create(asked);
      const [text, use, result, ...rest] = message.content;
      expect(rest).toEqual([]);
      expect(text).toMatchObject({
        type: 'text',
        text: TEXT,
        citations: [
          { type: 'web_search_result_location', ...PAGE, cited_text: provider === 'chat' ? 'five degrees' : '' },
        ],
      });
      const query = provider === 'responses' ? { query: 'oslo' } : {};
      expect(use).toMatchObject({ type: 'server_tool_use', name: 'web_search', input: query });
      expect(result).toMatchObject({
        type: 'web_search_tool_result',
        tool_use_id: use?.type === 'server_tool_use' ? use.id : '',
        content: [{ type: 'web_search_result', ...PAGE, page_age: null }],
      });

      // Nothing of it is Anthropic's: it never gets there, and the text does.
      const history = [
        { role: 'user' as const, content: 'Weather?' },
        { role: 'assistant' as const, content: message.content as Anthropic.ContentBlockParam[] },
        { role: 'user' as const, content: 'Thanks.' },
      ];
      await gateway.close();
      await start('anthropic/claude-sonnet-5');
      gateway.provider.on('/v1/messages', reply({ text: 'ok' }));
      await client
        .withOptions({ baseURL: gateway.url })
        .messages.create({ model: 'm', max_tokens: 10, messages: history });
      expect(gateway.provider.requests[0]?.body?.messages).toMatchObject([
        { role: 'user' },
        { role: 'assistant', content: [{ type: 'text', text: TEXT }] },
        { role: 'user' },
      ]);
      const sent = JSON.stringify(gateway.provider.requests[0]?.body);
      for (const word of ['signalbox', 'srvtoolu', 'citations']) expect(sent).not.toContain(word);
    },
  );

  it('an Anthropic client that asked for no search is told what a text goes back to, and of no search', async () => {
    await start('openrouter/x/y:online');
    provide('chat');
    const client = new Anthropic({ baseURL: gateway.url, apiKey: 'x', maxRetries: 0 });
    const { content } = await client.messages.create({ model: 'm', max_tokens: 10, messages: hi as never });
    expect(content).toMatchObject([{ type: 'text', citations: [PAGE] }]);
  });

  it('Anthropic’s own blocks and their encrypted contents go back to Anthropic as they came', async () => {
    await start('anthropic/claude-sonnet-5');
    provide('anthropic');
    const client = new Anthropic({ baseURL: gateway.url, apiKey: 'x', maxRetries: 0 });
    const asked = CLIENTS.anthropic.body as unknown as Anthropic.MessageCreateParamsNonStreaming;
    const { content } = await client.messages.create(asked);
    await client.messages.create({
      ...asked,
      messages: [
        ...asked.messages,
        { role: 'assistant', content: content as never },
        { role: 'user', content: 'More.' },
      ],
    });
    const [, assistant] = (gateway.provider.requests[1]?.body?.messages ?? []) as { content: unknown }[];
    expect(assistant?.content).toEqual(JSON.parse(JSON.stringify(content)));
  });
});
