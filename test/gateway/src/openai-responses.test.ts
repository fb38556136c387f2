import { readFileSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, type JsonObject } from '@signalbox/kit';
import providerOpenai from '@signalbox/provider-openai';
import {
  anthropicTurn,
  conversation,
  cutAfter,
  headersThenHang,
  json,
  openaiChatTurn,
  providerError,
  type Responder,
  raw,
  reply,
  sse,
  type Turn,
} from '@signalbox/testkit';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const RESPONSES = '/v1/responses';
const TARGETS = ['anthropic/claude-test', 'chat/gpt-test'] as const;
const PATHS = { 'anthropic/claude-test': '/v1/messages', 'chat/gpt-test': '/v1/chat/completions' } as const;
const WEATHER = {
  type: 'function' as const,
  name: 'weather',
  description: 'Looks up the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};
const PNG = 'data:image/png;base64,iVBORw0KGgo=';

async function start(target: string, options: TestGatewayOptions = {}): Promise<OpenAI> {
  const { plugins = [], ...rest } = options;
  gateway = await startTestGateway({
    targets: [target],
    ...rest,
    plugins: (url) => [
      [openaiResponses],
      [providerOpenai, { apiKey: 'sk-gateway-openai', baseUrl: `${url}/v1` }],
      ...(typeof plugins === 'function' ? plugins(url) : plugins),
    ],
  });
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'client-key', maxRetries: 0, logLevel: 'off' });
}

function upstream(at = -1): JsonObject {
  return (gateway.provider.requests.at(at)?.body ?? {}) as JsonObject;
}

function fixture(name: string): string {
  const path = `../../../packages/formats/openai-responses/fixtures/synthetic/${name}`;
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

/** What OpenAI answers: a recorded-like reply, whole or streamed as the request says. */
function responsesReply(name: string): Responder {
  const stream = sse(fixture(`${name}.stream.sse`), { chunkSize: 50 });
  const whole = raw(200, { 'content-type': 'application/json' }, fixture(`${name}.response.json`));
  return (request, wire) => (request.body?.stream === true ? stream : whole)(request, wire);
}

/** The frames of a stream as a client without the SDK reads them. */
async function framesOf(answer: Response): Promise<JsonObject[]> {
  const text = await answer.text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as JsonObject);
}

describe.each(TARGETS)('the official SDK, towards %s', (target) => {
  const path = PATHS[target];

  it.each([false, true])('F87 F66 reads a text (streamed: %s)', async (stream) => {
    const client = await start(target);
    gateway.provider.on(path, reply({ text: 'Grüße 🌊', usage: { promptTokens: 12, completionTokens: 3 } }));
    const body = { model: 'asked', input: 'Hello', instructions: 'Be kind.' };
    const response = stream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body);
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'asked',
      output_text: 'Grüße 🌊',
      instructions: 'Be kind.',
      error: null,
      usage: { input_tokens: 12, output_tokens: 3, total_tokens: 15 },
    });
    expect(response.id).toMatch(/^resp_/);
    expect(JSON.stringify(upstream())).toContain('Be kind.');
  });

  it.each([false, true])(
    'F04 F66 runs two tools at once and comes back with both results (streamed: %s)',
    async (stream) => {
      const client = await start(target);
      const turns: Turn[] = [
        {
          text: 'Both.',
          toolCalls: [
            { id: 'call_a', name: 'weather', arguments: { city: 'Zürich' } },
            { id: 'call_b', name: 'weather', arguments: { city: 'Oslo' } },
          ],
        },
        { text: 'Rain in both.' },
      ];
      gateway.provider.on(path, conversation(turns));
      const ask = async (input: OpenAI.Responses.ResponseInput): Promise<OpenAI.Responses.Response> => {
        const body = { model: 'asked', input, tools: [WEATHER] };
        return stream ? client.responses.stream(body).finalResponse() : client.responses.create(body);
      };
      const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather?' }];
      const first = await ask(input);
      const calls = first.output.filter(
        (item): item is OpenAI.Responses.ResponseFunctionToolCall => item.type === 'function_call',
      );
      expect(calls.map(({ name, arguments: args }) => [name, JSON.parse(args)])).toEqual([
        ['weather', { city: 'Zürich' }],
        ['weather', { city: 'Oslo' }],
      ]);
      expect(first.output.map(({ type }) => type)).toEqual(['message', 'function_call', 'function_call']);
      input.push(...(first.output as OpenAI.Responses.ResponseInputItem[]));
      for (const { call_id, arguments: args } of calls) {
        const { city } = JSON.parse(args) as { city: string };
        input.push({ type: 'function_call_output', call_id, output: `rain in ${city}` });
      }
      expect((await ask(input)).output_text).toBe('Rain in both.');
      const sent = JSON.stringify(upstream().messages);
      expect(sent).toContain('rain in Zürich');
      expect(sent).toContain('rain in Oslo');
      for (const { call_id } of calls) expect(sent.split(call_id)).toHaveLength(3);
    },
  );

  it('F49 shows the model images, in messages and in tool results', async () => {
    const client = await start(target);
    gateway.provider.on(path, reply({ text: 'A cat.' }));
    await client.responses.create({
      model: 'asked',
      input: [
        { role: 'user', content: [{ type: 'input_image', image_url: PNG, detail: 'auto' }] },
        { type: 'function_call', call_id: 'c1', name: 'shot', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'c1',
          output: [{ type: 'input_image', image_url: PNG, detail: 'original' }],
        },
      ],
      tools: [{ ...WEATHER, name: 'shot' }],
    });
    expect(JSON.stringify(upstream()).split('iVBORw0KGgo=')).toHaveLength(3);
  });

  it('F62 asks for the schema and reads the answer by it', async () => {
    const client = await start(target);
    gateway.provider.on(path, reply({ text: '{"a":"b"}' }));
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const response = await client.responses.parse({
      model: 'asked',
      input: 'Hi',
      text: { format: { type: 'json_schema', name: 'letter', schema, strict: true } },
    });
    expect(response.output_parsed).toEqual({ a: 'b' });
    expect(JSON.stringify(upstream())).toContain(JSON.stringify(schema));
  });

  it('F11 says that the limit cut a tool call, and repairs nothing', async () => {
    const client = await start(target);
    gateway.provider.on(
      path,
      reply({ toolCalls: [{ id: 'c', name: 'weather', arguments: '{"city":"Zü' }], stopReason: 'max-tokens' }),
    );
    const body = { model: 'asked', input: 'Hi', max_output_tokens: 20, tools: [WEATHER] };
    const response = await client.responses.stream(body).finalResponse();
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response.output).toMatchObject([{ type: 'function_call', status: 'incomplete', arguments: '{"city":"Zü' }]);
  });

  it('says that the limit cut a whole answer', async () => {
    const client = await start(target);
    gateway.provider.on(path, reply({ text: 'Half', stopReason: 'max-tokens' }));
    const response = await client.responses.create({ model: 'asked', input: 'Hi', max_output_tokens: 20 });
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_text: 'Half',
    });
  });

  it.each([false, true])('F31 F25 counts cached tokens as part of the input (streamed: %s)', async (stream) => {
    const client = await start(target);
    gateway.provider.on(
      path,
      reply({ text: 'Hi.', usage: { promptTokens: 1_000, cacheReadTokens: 900, completionTokens: 5 } }),
    );
    const body = { model: 'asked', input: 'Hi' };
    const { usage } = stream
      ? await client.responses.stream(body).finalResponse()
      : await client.responses.create(body);
    expect(usage).toMatchObject({
      input_tokens: 1_000,
      input_tokens_details: { cached_tokens: 900 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 1_005,
    });
  });

  it('F92 F15 tells an error before the first byte as HTTP', async () => {
    const client = await start(target);
    gateway.provider.on(path, providerError(429, { message: 'Slow down.', headers: { 'retry-after': '7' } }));
    const failure = await client.responses
      .create({ model: 'asked', input: 'Hi', stream: true })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
    expect(failure).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect((failure as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('retry-after')).toBe('7');
  });

  it('F10 tells a full context by the code that agents know', async () => {
    const client = await start(target);
    gateway.provider.on(path, providerError(400, { message: 'prompt is too long: 9 tokens > 8 maximum' }));
    const failure = await client.responses.create({ model: 'asked', input: 'Hi' }).catch((error) => error);
    expect(failure).toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  it('F17 F21 ends a stream that breaks off with response.failed, which the SDK takes for an error', async () => {
    const client = await start(target);
    const { sse: wire } =
      target === 'chat/gpt-test'
        ? openaiChatTurn({ text: 'A long answer follows.' })
        : anthropicTurn({ text: 'A long answer follows.' });
    const cut = cutAfter(wire.indexOf('r follows') + 40, 'rst', sse(wire));
    gateway.provider.on(path, cut);
    await expect(client.responses.stream({ model: 'asked', input: 'Hi' }).finalResponse()).rejects.toThrow(
      OpenAI.APIError,
    );
    const frames = await framesOf(await gateway.post(RESPONSES, { model: 'asked', input: 'Hi', stream: true }));
    expect(frames.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' } },
    });
    expect(frames.at(-2)).toMatchObject({ type: 'error', error: { code: 'server_error' } });
    expect(frames.some(({ type }) => type === 'response.completed')).toBe(false);
    expect(frames.some(({ type }) => type === 'response.output_item.done')).toBe(false);
  });

  it('F37 F38 stops the provider when the client leaves', async () => {
    const client = await start(target);
    const { frames } =
      target === 'chat/gpt-test' ? openaiChatTurn({ text: 'Hello.' }) : anthropicTurn({ text: 'Hello.' });
    gateway.provider.on(path, headersThenHang({ content: frames.slice(0, 4) }));
    const stream = await client.responses.create({ model: 'asked', input: 'Hi', stream: true });
    for await (const event of stream) if (event.type === 'response.output_text.delta') break;
    const [request] = gateway.provider.requests;
    await request?.aborted;
    expect(await gateway.nextRecord()).toMatchObject({ aborted: true, status: 499 });
  });

  it('F78 refuses a response id that nobody keeps, as OpenAI does', async () => {
    const client = await start(target);
    const failure = await client.responses
      .create({ model: 'asked', input: 'Hi', previous_response_id: 'resp_1' })
      .catch((error) => error);
    expect(failure).toMatchObject({ status: 400, code: 'previous_response_not_found', param: 'previous_response_id' });
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('F88 gives a custom tool as a function with one string, and its call as the free text again', async () => {
    const client = await start(target);
    const patch = '*** Begin Patch\n+"ü"\n*** End Patch\n';
    gateway.provider.on(
      path,
      conversation([
        { toolCalls: [{ id: 'call_p', name: 'apply_patch', arguments: { input: patch } }] },
        { text: 'Patched.' },
      ]),
    );
    const tools = [
      {
        type: 'custom' as const,
        name: 'apply_patch',
        format: { type: 'grammar' as const, syntax: 'lark' as const, definition: 'start: "x"' },
      },
    ];
    const first = await client.responses.stream({ model: 'asked', input: 'Go', tools }).finalResponse();
    expect(first.output).toMatchObject([{ type: 'custom_tool_call', name: 'apply_patch', input: patch }]);
    const [call] = first.output;
    if (call?.type !== 'custom_tool_call') throw new Error('no custom tool call');
    await client.responses.create({
      model: 'asked',
      input: [
        { role: 'user', content: 'Go' },
        call as OpenAI.Responses.ResponseInputItem,
        { type: 'custom_tool_call_output', call_id: call.call_id, output: 'Done' },
      ],
      tools,
    });
    const sent = JSON.stringify(upstream());
    expect(sent).toContain('start: ');
    expect(sent).toContain('Done');
    const [definition] = upstream(0).tools as JsonObject[];
    const { parameters, input_schema: schema = parameters } = {
      ...definition,
      ...(definition?.function as object),
    } as JsonObject;
    expect(schema).toMatchObject({ properties: { input: { type: 'string' } }, required: ['input'] });
  });
});

describe('reasoning', () => {
  it.each([false, true])(
    'F73 F75 F76 goes back to Anthropic with its signature, and to nobody else (streamed: %s)',
    async (stream) => {
      const client = await start('anthropic/claude-test');
      gateway.provider.on(
        '/v1/messages',
        reply({
          reasoning: 'Let me see.',
          signature: 'c2lnbmF0dXJl',
          text: 'Yes.',
          toolCalls: [{ id: 'toolu_1', name: 'weather', arguments: { city: 'Oslo' } }],
        }),
      );
      gateway.provider.on('/v1/chat/completions', reply({ text: 'ok' }));
      const body: Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'stream'> = {
        model: 'asked',
        input: 'Hi',
        tools: [WEATHER],
        reasoning: { effort: 'high', summary: 'auto' },
      };
      const first = stream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body);
      const [reasoning] = first.output;
      expect(reasoning).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Let me see.' }] });
      const input = [
        { role: 'user', content: 'Hi' },
        ...first.output,
        { type: 'function_call_output', call_id: 'toolu_1', output: 'rain' },
      ] as OpenAI.Responses.ResponseInput;
      await client.responses.create({ ...body, input });
      expect((upstream().messages as JsonObject[])[1]).toMatchObject({
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmF0dXJl' },
          { type: 'text', text: 'Yes.' },
          { type: 'tool_use', id: 'toolu_1' },
        ],
      });
      await gateway.close();
      const other = await start('chat/gpt-test');
      gateway.provider.on('/v1/chat/completions', reply({ text: 'ok' }));
      await other.responses.create({ ...body, input });
      expect(JSON.stringify(upstream())).not.toContain('c2lnbmF0dXJl');
      expect(JSON.stringify(upstream())).not.toContain('signalbox1');
    },
  );
});

describe('Codex', () => {
  const body = JSON.parse(fixture('custom-namespace.gpt-5.6.request.json')) as JsonObject;
  const headers = { originator: 'codex_cli_rs', accept: 'text/event-stream', authorization: 'Bearer client-key' };

  it.each(TARGETS)('F88 F58 has all its kinds of tools and items understood by %s', async (target) => {
    await start(target);
    gateway.provider.on(
      PATHS[target],
      reply({
        toolCalls: [
          { id: 'call_n', name: 'mcp__files__read', arguments: { path: 'a' } },
          { id: 'call_x', name: 'code__exec', arguments: { input: '1 + 1' } },
          { id: 'call_s', name: 'local_shell', arguments: { command: ['ls'] } },
          { id: 'call_t', name: 'tool_search', arguments: { query: 'mail' } },
          { id: 'call_m', name: 'send_mail', arguments: {} },
        ],
      }),
    );
    const frames = await framesOf(await gateway.post(RESPONSES, body, headers));
    const done = frames.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
    expect(done).toMatchObject([
      { type: 'function_call', namespace: 'mcp__files', name: 'read', arguments: '{"path":"a"}', call_id: 'call_n' },
      { type: 'custom_tool_call', namespace: 'code', name: 'exec', input: '1 + 1', call_id: 'call_x' },
      { type: 'local_shell_call', action: { type: 'exec', command: ['ls'] }, call_id: 'call_s' },
      { type: 'tool_search_call', execution: 'client', arguments: { query: 'mail' }, call_id: 'call_t' },
      { type: 'function_call', name: 'send_mail', arguments: '{}' },
    ]);
    const sent = JSON.stringify(upstream());
    for (const said of ['mcp__files__read', 'code__exec', 'no such file', 'total 0', '(exit code 1)', 'And now?']) {
      expect(sent).toContain(said);
    }
    for (const foreign of ['ZW5jcnlwdGVkLTI=', 'additional_tools', 'namespace"', 'web_search_call']) {
      expect(sent).not.toContain(foreign);
    }
  });

  it('numbers its events from 0 and frames every item, in the order that clients require', async () => {
    await start('anthropic/claude-test');
    gateway.provider.on(
      '/v1/messages',
      reply({
        reasoning: 'Hm.',
        signature: 's',
        text: 'Yes.',
        toolCalls: [{ id: 'toolu_1', name: 'weather', arguments: { city: 'Oslo' } }],
      }),
    );
    const request = { model: 'asked', input: 'Hi', stream: true, tools: [WEATHER], reasoning: { effort: 'high' } };
    const frames = await framesOf(await gateway.post(RESPONSES, request, headers));
    expect(frames.map(({ sequence_number: at }) => at)).toEqual(frames.map((_, at) => at));
    const types = frames.map(({ type }) => String(type).replace('response.', ''));
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    const { response } = frames.at(-1) as { response: JsonObject };
    expect(response.output).toEqual(
      frames.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item),
    );
    expect(response.usage).toMatchObject({ input_tokens: 20, output_tokens: 10, total_tokens: 30 });
  });

  it('F20 hears from a silent provider in events, because comments do not reset its clock', async () => {
    await start('chat/gpt-test', { server: { keepAliveMs: 20, openStreamAfterMs: 20 } });
    const { frames: chunks } = openaiChatTurn({ text: 'Hello.' });
    const alive = Promise.withResolvers<void>();
    gateway.provider.on('/v1/chat/completions', async (request, wire) => {
      await alive.promise;
      await sse(chunks)(request, wire);
    });
    const answer = await gateway.post(RESPONSES, { model: 'asked', input: 'Hi', stream: true }, headers);
    const [watched, whole] = answer.body?.tee() ?? [];
    const watching = (async () => {
      let seen = '';
      for await (const piece of watched?.pipeThrough(new TextDecoderStream()) ?? []) {
        seen += piece;
        if (seen.split('event: response.in_progress').length > 3) alive.resolve();
      }
    })();
    const frames = await framesOf(new Response(whole));
    await watching;
    expect(new Set(frames.flatMap(({ response }) => (response as JsonObject)?.id ?? [])).size).toBe(1);
    expect(frames.at(-1)).toMatchObject({ type: 'response.completed' });
    const sdk = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'k', maxRetries: 0 });
    const response = await sdk.responses.stream({ model: 'asked', input: 'Hi' }).finalResponse();
    expect(response.output_text).toBe('Hello.');
  });

  it('gets the words of a refusal as plain text', async () => {
    await start('chat/gpt-test');
    gateway.provider.on('/v1/chat/completions', reply({ stopReason: 'refusal' }));
    const frames = await framesOf(
      await gateway.post(RESPONSES, { model: 'asked', input: 'Hi', stream: true }, headers),
    );
    expect(frames.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { output: [{ content: [{ type: 'output_text', text: 'The model declined to answer.' }] }] },
    });
  });
});

describe('the other paths', () => {
  it('F26 F27 counts the input', async () => {
    const client = await start('chat/gpt-test');
    const count = (more: object) =>
      client.responses.inputTokens.count({ model: 'asked', input: 'Hello there', ...more });
    const bare = await count({});
    expect(bare).toMatchObject({ object: 'response.input_tokens' });
    const full = await count({ instructions: 'Be kind. '.repeat(20), tools: [WEATHER] });
    expect(full.input_tokens).toBeGreaterThan(bare.input_tokens + 30);
  });

  it('takes names with slashes and colons, in bodies and in paths', async () => {
    const client = await start('chat/{model}', {
      plugins: [[providerOpenai, { name: 'listed', apiKey: 'k', models: ['z-ai/glm-5:free'] }]],
    });
    gateway.provider.on('/v1/chat/completions', reply({ text: 'ok' }));
    const model = 'listed/z-ai/glm-5:free';
    expect(await client.responses.create({ model, input: 'Hi' })).toMatchObject({ model, output_text: 'ok' });
    expect(upstream().model).toBe(model);
    expect(await client.models.retrieve(model)).toMatchObject({ id: model });
  });

  it('says of any response that it is not kept', async () => {
    const client = await start('chat/gpt-test');
    await expect(client.responses.retrieve('resp_1')).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.delete('resp_1')).rejects.toMatchObject({ status: 404 });
  });

  it('serves the same without /v1', async () => {
    await start('chat/gpt-test');
    gateway.provider.on('/v1/chat/completions', reply({ text: 'ok' }));
    const answer = await gateway.post('/responses', { model: 'asked', input: 'Hi' });
    expect(await answer.json()).toMatchObject({ object: 'response', status: 'completed' });
  });
});

describe('OpenAI’s Responses behind the gateway', () => {
  it('sends a Responses client’s own bytes and gives it the reply’s', async () => {
    const client = await start('openai/gpt-5.6-sol');
    gateway.provider.on(RESPONSES, responsesReply('reasoning-tools.gpt-5.6'));
    const body = `{"model": "gpt-5.6-sol", "input":"Wetter?",  "stream":true,"previous_response_id":"resp_0","unknown":1}`;
    const answer = await gateway.post(RESPONSES, body);
    expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(await answer.text()).toBe(fixture('reasoning-tools.gpt-5.6.stream.sse'));
    expect(gateway.provider.requests[0]?.rawBody.toString()).toBe(body);
    expect(gateway.provider.requests[0]?.headers.authorization).toBe('Bearer sk-gateway-openai');
    expect(await gateway.nextRecord()).toMatchObject({
      status: 200,
      usage: { promptTokens: 1_200, cacheReadTokens: 1_024, cacheWriteTokens: 100, completionTokens: 90 },
    });
    const response = await client.responses.stream({ model: 'named-otherwise', input: 'Hi' }).finalResponse();
    expect(response.model).toBe('named-otherwise');
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call', 'function_call']);
  });

  it.each(
    [
      'reasoning-tools.gpt-5.6',
      'custom-namespace.gpt-5.6',
      'web-search.gpt-5.5',
      'cut-call.gpt-5.5',
      'filtered.gpt-5.5',
    ].flatMap((name) => [false, true].map((stream) => [name, stream] as const)),
  )('F87 gives the same reply where a plugin looks into it: %s (streamed: %s)', async (name, stream) => {
    const touch = definePlugin({
      name: 'test-touch',
      apply: ({ hooks }) => hooks.transformIn.tap('test-touch', (request) => ({ ...request })),
    });
    const client = await start('openai/gpt-5.6-sol', { plugins: [[touch]] });
    gateway.provider.on(RESPONSES, responsesReply(name));
    const body = { model: 'asked', input: 'Hi' };
    const response = stream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body);
    const expected = JSON.parse(fixture(`${name}.response.json`)) as JsonObject;
    const told = ({ output }: { output: readonly object[] }) =>
      output.map((item) => {
        const { id: _id, encrypted_content: _state, summary, ...rest } = item as JsonObject;
        const parts = summary as { text: string }[] | undefined;
        return { ...rest, summary: parts?.map(({ text }) => text).join('\n\n') };
      });
    expect(told(JSON.parse(JSON.stringify(response)) as { output: object[] })).toMatchObject(
      told(expected as unknown as { output: object[] }),
    );
    const { status, incomplete_details: reason, usage, service_tier: tier } = expected;
    expect(response).toMatchObject({ model: 'asked', status, incomplete_details: reason, usage });
    expect(response.service_tier).toBe(tier);
    expect((await gateway.nextRecord()).lane).toBe('canonical');
  });

  it('F15 F22 F23 tells of a stream that fails, and of one that is cut', async () => {
    const client = await start('openai/gpt-5.5');
    gateway.provider.once(RESPONSES, sse(fixture('failed-mid-stream.gpt-5.5.stream.sse')));
    const ask = () => client.responses.stream({ model: 'gpt-5.5', input: 'Hi' }).finalResponse();
    await expect(ask()).rejects.toThrow('The server had an error.');
    expect(await gateway.nextRecord()).toMatchObject({ error: { code: 'PROVIDER_FAILED' } });
    gateway.provider.once(RESPONSES, cutAfter(3_000, 'end', responsesReply('web-search.gpt-5.5')));
    await expect(ask()).rejects.toThrow(OpenAI.OpenAIError);
    expect(await gateway.nextRecord()).toMatchObject({ error: { code: 'CUT_STREAM' } });
    const whole = fixture('web-search.gpt-5.5.stream.sse');
    gateway.provider.once(RESPONSES, sse(whole.slice(0, whole.indexOf('event: response.output_text.done'))));
    await expect(ask()).rejects.toThrow(OpenAI.APIError);
    expect(await gateway.nextRecord()).toMatchObject({ error: { code: 'CUT_STREAM' } });
  });

  it.each([false, true])(
    'gives a Chat client the log probabilities that it asks for (streamed: %s)',
    async (stream) => {
      await start('replies/gpt-4.1', {
        plugins: (url) => [
          [providerOpenai, { name: 'replies', surface: 'responses', apiKey: 'k', baseUrl: `${url}/v1` }],
        ],
      });
      const tokens = [{ token: 'Yes', logprob: -0.2, bytes: [89, 101, 115], top_logprobs: [] }];
      const part = { type: 'output_text', text: 'Yes', annotations: [], logprobs: tokens };
      const item = { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [part] };
      const response = { id: 'resp_1', object: 'response', model: 'gpt-4.1', status: 'completed', output: [item] };
      const delta = {
        type: 'response.output_text.delta',
        item_id: 'msg_1',
        output_index: 0,
        content_index: 0,
        delta: 'Yes',
      };
      const ends = [
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response },
      ];
      const frames = [delta, ...ends].map((data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
      gateway.provider.on(RESPONSES, stream ? sse(frames) : json(200, response));
      const client = new OpenAI({
        baseURL: `${gateway.url}/v1`,
        apiKey: 'client-key',
        maxRetries: 0,
        defaultHeaders: { 'x-signalbox-strict': '1' },
      });
      const body = {
        model: 'm',
        messages: [{ role: 'user' as const, content: 'Yes or no?' }],
        logprobs: true,
        top_logprobs: 2,
      };
      const answer = stream
        ? await client.chat.completions.stream(body).finalChatCompletion()
        : await client.chat.completions.create(body);
      expect(answer.choices[0]).toMatchObject({ message: { content: 'Yes' }, logprobs: { content: tokens } });
      expect(gateway.provider.requests[0]?.body).toMatchObject({
        top_logprobs: 2,
        include: expect.arrayContaining(['message.output_text.logprobs']),
      });
      expect((await gateway.nextRecord()).notes.filter(({ action }) => action !== 'mapped')).toEqual([]);
    },
  );

  it('F21 goes on counting behind a stream of the provider’s that passes through and is cut', async () => {
    await start('openai/gpt-5.5');
    gateway.provider.once(RESPONSES, cutAfter(3_000, 'rst', responsesReply('web-search.gpt-5.5')));
    const answer = await gateway.post(
      RESPONSES,
      { model: 'gpt-5.5', input: 'Hi', stream: true },
      {
        authorization: 'Bearer client-key',
      },
    );
    const whole = (await answer.text()).split('\n').filter((line) => /^data: .*\}$/.test(line));
    const frames = whole.map((line) => JSON.parse(line.slice('data: '.length)) as JsonObject);
    expect((await gateway.nextRecord()).lane).toBe('pass-through');
    expect(frames.at(-1)).toMatchObject({ type: 'response.failed' });
    expect(frames.length).toBeGreaterThan(4);
    expect(frames.map(({ sequence_number: at }) => at)).toEqual(frames.map((_, at) => at));
    expect(new Set(frames.flatMap(({ response }) => (response as JsonObject)?.id ?? [])).size).toBe(1);
  });

  it.each([false, true])(
    'F60 F66 F69 serves an Anthropic client, reasoning included (streamed: %s)',
    async (stream) => {
      await start('openai/gpt-5.6-sol');
      gateway.provider.on(RESPONSES, responsesReply('reasoning-tools.gpt-5.6'));
      const client = new Anthropic({ baseURL: gateway.url, apiKey: 'client-key', maxRetries: 0 });
      const tools: Anthropic.Tool[] = [{ name: 'weather', input_schema: { type: 'object', properties: {} } }];
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Wetter?' }];
      const body = {
        model: 'claude-x',
        max_tokens: 9_000,
        system: 'Be kind.',
        messages,
        tools,
        thinking: { type: 'adaptive' },
      } as const;
      const ask = (): Promise<Anthropic.Message> =>
        stream
          ? client.messages.stream(body as unknown as Anthropic.MessageStreamParams).finalMessage()
          : client.messages.create(body as unknown as Anthropic.MessageCreateParamsNonStreaming);
      const first = await ask();
      expect(first).toMatchObject({
        model: 'claude-x',
        stop_reason: 'tool_use',
        content: [
          { type: 'thinking', thinking: 'Zwei Städte:\n\nzwei Fragen.\n\nBoth at once 🌍.' },
          { type: 'text', text: 'Ich frage beide Städte ab.' },
          { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Zürich', unit: '°C' } },
          { type: 'tool_use', id: 'call_2', name: 'weather', input: { city: '大阪' } },
        ],
        usage: {
          input_tokens: 76,
          cache_read_input_tokens: 1_024,
          cache_creation_input_tokens: 100,
          output_tokens: 90,
        },
      });
      expect(upstream()).toMatchObject({
        model: 'gpt-5.6-sol',
        instructions: 'Be kind.',
        max_output_tokens: 9_000,
        reasoning: { summary: 'auto' },
        include: ['reasoning.encrypted_content'],
        store: false,
        tools: [{ type: 'function', name: 'weather', strict: false }],
      });
      messages.push({ role: 'assistant', content: first.content });
      messages.push({
        role: 'user',
        content: ['call_1', 'call_2'].map((id) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'rain' })),
      });
      await ask();
      expect(upstream().input).toEqual([
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Wetter?' }] },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'Zwei Städte:\n\nzwei Fragen.' },
            { type: 'summary_text', text: 'Both at once 🌍.' },
          ],
          encrypted_content: 'ZW5jcnlwdGVkLTE=',
        },
        {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Ich frage beide Städte ab.', annotations: [] }],
          phase: 'commentary',
        },
        { type: 'function_call', name: 'weather', arguments: '{"city":"Zürich","unit":"°C"}', call_id: 'call_1' },
        { type: 'function_call', name: 'weather', arguments: '{"city":"大阪"}', call_id: 'call_2' },
        { type: 'function_call_output', call_id: 'call_1', output: 'rain' },
        { type: 'function_call_output', call_id: 'call_2', output: 'rain' },
      ]);
    },
  );

  it('F67 stops an answer for an Anthropic client where it asked to, and leaves the provider', async () => {
    await start('openai/gpt-5.6-sol');
    gateway.provider.on(RESPONSES, responsesReply('web-search.gpt-5.5'));
    const client = new Anthropic({ baseURL: gateway.url, apiKey: 'client-key', maxRetries: 0 });
    const body = {
      model: 'x',
      max_tokens: 99,
      messages: [{ role: 'user' as const, content: 'Tide?' }],
      stop_sequences: ['noon'],
    };
    const message = await client.messages.stream(body).finalMessage();
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'noon' });
    expect(message.content).toMatchObject([{ type: 'text', text: 'High tide is at ' }]);
    expect(upstream()).not.toHaveProperty('stop');
  });

  it.each([false, true])(
    'serves a Chat client whose tools and reasoning Chat would refuse together (streamed: %s)',
    async (stream) => {
      const client = await start('openai/gpt-5.6-sol');
      gateway.provider.on(RESPONSES, responsesReply('reasoning-tools.gpt-5.6'));
      gateway.provider.on('/v1/chat/completions', reply({ text: 'by chat' }));
      const messages = [{ role: 'user' as const, content: 'Wetter?' }];
      const { strict: _, ...fn } = WEATHER;
      const tools = [{ type: 'function' as const, function: { name: fn.name, parameters: fn.parameters } }];
      const body = { model: 'gpt-5.6-sol', messages, tools, verbosity: 'low' as const };
      const completion = stream
        ? await client.chat.completions.stream(body).finalChatCompletion()
        : await client.chat.completions.create(body);
      expect(completion.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: {
          content: 'Ich frage beide Städte ab.',
          tool_calls: [
            { id: 'call_1', function: { name: 'weather', arguments: '{"city":"Zürich","unit":"°C"}' } },
            { id: 'call_2', function: { name: 'weather', arguments: '{"city":"大阪"}' } },
          ],
        },
      });
      expect(upstream()).toMatchObject({ text: { verbosity: 'low' }, tools: [{ name: 'weather', strict: false }] });
      expect(gateway.provider.requests.map((request) => request.path)).toEqual([RESPONSES]);
      const plain = await client.chat.completions.create({ model: 'gpt-5.6-sol', messages });
      expect(plain.choices[0]?.message.content).toBe('by chat');
    },
  );

  describe.each(['Anthropic', 'Chat'] as const)('and a client of %s', (kind) => {
    /** Reads a stream to its end, or to the first piece of text. */
    async function read(client: OpenAI, toFirstText = false): Promise<string> {
      let text = '';
      if (kind === 'Anthropic') {
        const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'client-key', maxRetries: 0, logLevel: 'off' });
        const messages = [{ role: 'user' as const, content: 'Hi' }];
        const stream = await anthropic.messages.create({ model: 'x', max_tokens: 9, messages, stream: true });
        for await (const event of stream) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
          if (toFirstText && text !== '') break;
        }
        return text;
      }
      const messages = [{ role: 'user' as const, content: 'Hi' }];
      const stream = await client.chat.completions.create({ model: 'o3-pro', messages, stream: true });
      for await (const { choices } of stream) {
        text += choices[0]?.delta.content ?? '';
        if (toFirstText && text !== '') break;
      }
      return text;
    }

    it('F92 F10 F15 are told of errors before the first byte as HTTP', async () => {
      const client = await start('openai/o3-pro');
      const refuse = (status: number, code: string, headers = {}) =>
        json(status, { error: { message: 'prompt is too long', type: 'x', param: null, code } }, headers);
      gateway.provider.once(RESPONSES, refuse(429, 'rate_limit_exceeded', { 'retry-after': '7' }));
      await expect(read(client)).rejects.toMatchObject({ status: 429 });
      gateway.provider.once(RESPONSES, refuse(400, 'context_length_exceeded'));
      await expect(read(client)).rejects.toMatchObject({ status: 400 });
      gateway.provider.once(RESPONSES, refuse(401, 'invalid_api_key'));
      await expect(read(client)).rejects.toMatchObject({ status: 502 });
      const failed = fixture('failed-mid-stream.gpt-5.5.stream.sse');
      gateway.provider.once(RESPONSES, sse(failed.slice(failed.indexOf('event: error'))));
      await expect(read(client)).rejects.toMatchObject({ status: 502 });
    });

    it('F17 F21 are told of a stream that fails or breaks off', async () => {
      const client = await start('openai/o3-pro');
      gateway.provider.once(RESPONSES, sse(fixture('failed-mid-stream.gpt-5.5.stream.sse')));
      await expect(read(client)).rejects.toThrow('The server had an error.');
      const whole = fixture('web-search.gpt-5.5.stream.sse');
      gateway.provider.once(RESPONSES, sse(whole.slice(0, whole.indexOf('event: response.output_text.done'))));
      await expect(read(client)).rejects.toThrow();
      expect(gateway.records.map(({ error }) => error?.code)).toEqual(['PROVIDER_FAILED', 'CUT_STREAM']);
    });

    it('F37 stop the provider when they leave', async () => {
      const client = await start('openai/o3-pro');
      const whole = fixture('web-search.gpt-5.5.stream.sse');
      gateway.provider.on(
        RESPONSES,
        headersThenHang({ content: whole.slice(0, whole.indexOf('event: response.output_text.done')) }),
      );
      await read(client, true);
      await gateway.provider.requests[0]?.aborted;
      expect(await gateway.nextRecord()).toMatchObject({ aborted: true, status: 499 });
    });
  });

  it('F76 gives back reasoning of another provider’s turns to nobody but that provider', async () => {
    const client = await start('anthropic/claude-test');
    gateway.provider.on('/v1/messages', reply({ reasoning: 'Hm.', signature: 'c2ln', text: 'Yes.' }));
    const first = await client.responses.create({ model: 'a', input: 'Hi', reasoning: { effort: 'high' } });
    await gateway.close();
    const next = await start('openai/gpt-5.6-sol');
    gateway.provider.on(RESPONSES, responsesReply('web-search.gpt-5.5'));
    const input = [{ role: 'user', content: 'Hi' }, ...first.output, { role: 'user', content: 'Tide?' }];
    const response = await next.responses.create({
      model: 'gpt-5.6-sol',
      input: input as OpenAI.Responses.ResponseInput,
    });
    expect(response.output_text).toBe('High tide is at noon. Low tide follows at six.');
    expect(upstream().input).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Tide?' }] },
    ]);
  });

  it('F92 F95 moves on to it from another kind of provider', async () => {
    const client = await start('chat/gpt-test', { targets: ['chat/gpt-test', 'openai/gpt-5.5'] });
    gateway.provider.on('/v1/chat/completions', providerError(503, { message: 'Down.' }));
    gateway.provider.on(RESPONSES, responsesReply('web-search.gpt-5.5'));
    const response = await client.responses.stream({ model: 'asked', input: 'Tide?' }).finalResponse();
    expect(response).toMatchObject({ model: 'asked', status: 'completed' });
    expect(response.output.map(({ type }) => type)).toEqual(['web_search_call', 'message']);
  });
});

it('hands a background response on while it is still on its way', async () => {
  const client = await start('openai/gpt-5.5');
  const { usage: _, ...waiting } = JSON.parse(fixture('web-search.gpt-5.5.response.json')) as JsonObject;
  gateway.provider.on(RESPONSES, json(200, { ...waiting, status: 'queued', output: [] }));
  const response = await client.responses.create({ model: 'gpt-5.5', input: 'Hi', background: true });
  expect(response.status).toBe('queued');
});
