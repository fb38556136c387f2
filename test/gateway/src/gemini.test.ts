import Anthropic from '@anthropic-ai/sdk';
import { type Content, FunctionCallingConfigMode, type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { afterEach, describe, expect, it } from '@jest/globals';
import gemini from '@signalbox/format-gemini';
import type { JsonObject } from '@signalbox/kit';
import providerGemini from '@signalbox/provider-gemini';
import {
  anthropicTurn,
  conversation,
  errorFrame,
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
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const CHATS = ['anthropic/claude-test', 'chat/gpt-test'] as const;
const isChat = /\/(?:messages|chat\/completions)$/;
const hello = 'Hi.';

async function open(target: string, responder?: Responder): Promise<TestGateway> {
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [[gemini], [providerGemini, { apiKey: 'AIza-gateway-key', baseUrl: url }]],
  });
  if (responder !== undefined) gateway.provider.on(isChat, responder);
  return gateway;
}

const sdk = () => new GoogleGenAI({ apiKey: 'client-key', httpOptions: { baseUrl: gateway.url } });
const weather = {
  functionDeclarations: [
    {
      name: 'get_weather',
      description: 'Current weather',
      parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
};
const twoCalls: Turn = {
  reasoning: 'Two cities, two lookups.',
  signature: 'c2lnbmVkLWJ5LWNsYXVkZQ==',
  text: 'Checking both.',
  toolCalls: [
    { id: 'call_1', name: 'get_weather', arguments: { city: 'Oslo' } },
    { id: 'call_2', name: 'get_weather', arguments: { city: 'Lima' } },
  ],
  usage: { promptTokens: 30, cacheReadTokens: 20, completionTokens: 12 },
};

async function collect(stream: AsyncGenerator<GenerateContentResponse>): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const partsOf = (chunks: readonly GenerateContentResponse[]) =>
  chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
const textOf = (chunks: readonly GenerateContentResponse[]) =>
  partsOf(chunks)
    .filter(({ thought }) => thought !== true)
    .map(({ text }) => text ?? '')
    .join('');

describe.each(CHATS)('the Gemini SDK towards %s', (target) => {
  it('gets text, whole and streamed, with the model it asked for, whatever its name holds', async () => {
    await open(target, reply({ text: 'Hello there', usage: { promptTokens: 12, completionTokens: 3 } }));
    for (const model of ['gemini-3.8-flash', 'openrouter/z-ai/glm-5:free']) {
      const whole = await sdk().models.generateContent({ model, contents: hello });
      expect(whole.text).toBe('Hello there');
      expect(whole.modelVersion).toBe(model);
      expect(whole.candidates?.[0]?.finishReason).toBe('STOP');
      expect(whole.usageMetadata).toMatchObject({ promptTokenCount: 12, candidatesTokenCount: 3, totalTokenCount: 15 });
      const chunks = await collect(await sdk().models.generateContentStream({ model, contents: hello }));
      expect(textOf(chunks)).toBe('Hello there');
      expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBe(15);
      expect((await gateway.nextRecord()).model).toBe(model);
      expect((await gateway.nextRecord()).model).toBe(model);
    }
  });

  it.each([false, true])(
    'F69 F70 F73 goes through a tool loop with parallel calls and gives reasoning back (stream: %s)',
    async (stream) => {
      const conversationOf = conversation([twoCalls, { text: 'Cold and mild.' }]);
      await open(target, conversationOf);
      const config = { tools: [weather], thinkingConfig: { includeThoughts: true }, systemInstruction: 'Be brief.' };
      const history: Content[] = [{ role: 'user', parts: [{ text: 'Weather in Oslo and Lima?' }] }];
      const ask = async () => {
        const request = { model: 'm', contents: history, config };
        if (stream) return collect(await sdk().models.generateContentStream(request));
        return [await sdk().models.generateContent(request)];
      };
      const first = await ask();
      const parts = partsOf(first);
      const calls = parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]));
      expect(calls.map(({ name, args }) => [name, args])).toEqual([
        ['get_weather', { city: 'Oslo' }],
        ['get_weather', { city: 'Lima' }],
      ]);
      expect(
        parts
          .filter(({ thought }) => thought)
          .map(({ text }) => text)
          .join(''),
      ).toBe('Two cities, two lookups.');
      expect(textOf(first)).toBe('Checking both.');
      expect(first.at(-1)?.usageMetadata).toMatchObject({ promptTokenCount: 30, cachedContentTokenCount: 20 });

      // As the Gemini CLI keeps its history: without thoughts, every other part as it came.
      history.push({ role: 'model', parts: parts.filter(({ thought }) => thought !== true) });
      history.push({
        role: 'user',
        parts: calls.map(({ id, name }, index) => ({
          functionResponse: {
            ...(id === undefined ? {} : { id }),
            name: name ?? '',
            response: index === 0 ? { output: '4 C' } : { error: 'offline' },
          },
        })),
      });
      expect(textOf(await ask())).toBe('Cold and mild.');
      const sent = JSON.stringify((await gateway.provider.waitForRequest(1)).body);
      expect(sent).toContain('Two cities, two lookups.');
      if (target.startsWith('anthropic')) {
        const messages = (gateway.provider.requests[1]?.body?.messages ?? []) as JsonObject[];
        const said = messages[1]?.content as JsonObject[];
        expect(said.filter(({ type }) => type !== 'text')).toMatchObject([
          { type: 'thinking', thinking: 'Two cities, two lookups.', signature: twoCalls.signature },
          { type: 'tool_use', id: 'call_1', input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'call_2' },
        ]);
        expect(said.flatMap(({ type, text }) => (type === 'text' ? [text] : [])).join('')).toBe('Checking both.');
        expect(messages[2]?.content).toMatchObject([
          { type: 'tool_result', tool_use_id: 'call_1', content: '4 C' },
          { type: 'tool_result', tool_use_id: 'call_2', content: 'offline', is_error: true },
        ]);
      }
    },
  );

  it('F49 F62 F65 F67 brings images, system, limits, stop sequences, tool choice and a schema over', async () => {
    await open(target, reply({ text: '{"city":"Oslo"}' }));
    const answer = await sdk().models.generateContent({
      model: 'm',
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Where is this?' }, { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }],
        },
      ],
      config: {
        systemInstruction: 'Be brief.',
        maxOutputTokens: 77,
        temperature: 0.5,
        stopSequences: ['END'],
        tools: [weather],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.NONE } },
        responseMimeType: 'application/json',
        responseSchema: {
          type: 'OBJECT' as never,
          properties: { city: { type: 'STRING' as never } },
          required: ['city'],
        },
      },
    });
    expect(JSON.parse(answer.text ?? '')).toEqual({ city: 'Oslo' });
    const { body } = await gateway.provider.waitForRequest(0);
    const sent = JSON.stringify(body);
    for (const part of ['iVBORw0KGgo=', 'Be brief.', 'END', '"none"', '"city":{"type":"string"}', '77', '0.5'])
      expect(sent).toContain(part);
  });

  it('says that the limit was reached', async () => {
    await open(target, reply({ text: 'Hel', stopReason: 'max-tokens' }));
    const chunks = await collect(await sdk().models.generateContentStream({ model: 'm', contents: hello }));
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
  });

  it('F92 gets an error before the first byte as one it knows, with the seconds to wait', async () => {
    await open(target, providerError(429, { message: 'Slow down.', headers: { 'retry-after': '7' } }));
    for (const method of ['generateContent', 'generateContentStream'] as const) {
      const failed = sdk().models[method]({ model: 'm', contents: hello });
      await expect(failed).rejects.toMatchObject({ name: 'ApiError', status: 429 });
      await expect(failed).rejects.toThrow('"retryDelay":"7s"');
    }
  });

  it('F10 is told that the prompt is too long in Google’s words', async () => {
    await open(
      target,
      providerError(400, {
        message: 'prompt is too long: 210000 tokens > 200000 maximum',
        code: 'context_length_exceeded',
      }),
    );
    await expect(sdk().models.generateContent({ model: 'm', contents: hello })).rejects.toThrow(
      'The input token count (210000) exceeds the maximum number of tokens allowed (200000).',
    );
  });

  it('F17 F21 F15 gets an error in the middle of a stream, and for a stream that is cut', async () => {
    await open(target);
    gateway.provider.once(isChat, async (request, wire) => {
      const whole = target.startsWith('anthropic') ? 'content_block_delta' : '"content":"Hello';
      const frames = framesOf({ text: 'Hello there, long enough' }, request.path);
      const until = frames.findIndex((frame) => frame.includes(whole)) + 1;
      const error = errorFrame(request, { message: 'Broken.', type: 'api_error' });
      await sse([...frames.slice(0, until), error])(request, wire);
    });
    const failed = async () => {
      const texts: string[] = [];
      for await (const chunk of await sdk().models.generateContentStream({ model: 'm', contents: hello }))
        texts.push(chunk.text ?? '');
      return texts;
    };
    await expect(failed()).rejects.toMatchObject({ name: 'ApiError' });
    gateway.provider.once(isChat, async (request, wire) => {
      const frames = framesOf({ text: 'Hello there, long enough' }, request.path);
      await sse(frames.slice(0, target.startsWith('anthropic') ? 4 : 2))(request, wire);
    });
    await expect(failed()).rejects.toMatchObject({ name: 'ApiError', status: 502 });
  });

  it('F37 F38 leaves, and the provider’s call ends', async () => {
    await open(target);
    const frames = framesOf(
      { text: 'Hello there, long enough' },
      target.startsWith('anthropic') ? '/messages' : '/chat/completions',
    );
    gateway.provider.on(isChat, headersThenHang({ content: frames.slice(0, 4).join('') }));
    const controller = new AbortController();
    const stream = await sdk().models.generateContentStream({
      model: 'm',
      contents: hello,
      config: { abortSignal: controller.signal },
    });
    await stream.next();
    controller.abort();
    await gateway.provider.requests[0]?.aborted;
    expect(await gateway.nextRecord()).toMatchObject({ status: 499, aborted: true });
  });
});

/** The frames with which the scripted provider streams a turn in the format of `path`. */
function framesOf(turn: Turn, path: string): readonly string[] {
  return path.endsWith('/messages')
    ? anthropicTurn(turn, { model: 'm' }).frames
    : openaiChatTurn(turn, { model: 'm' }).frames;
}

describe('the paths of the Gemini format', () => {
  it('list models, show one, and count tokens, with and without the beta', async () => {
    gateway = await startTestGateway({
      targets: ['gemini/gemini-3.8-flash'],
      plugins: (url) => [
        [gemini],
        [providerGemini, { apiKey: 'AIza-gateway-key', baseUrl: url, models: ['gemini-3.8-flash', 'tuned/x:free'] }],
      ],
    });
    const names: string[] = [];
    for await (const model of await sdk().models.list()) names.push(model.name ?? '');
    expect(names).toContain('models/gemini/gemini-3.8-flash');
    expect(await sdk().models.get({ model: 'gemini/tuned/x:free' })).toMatchObject({
      name: 'models/gemini/tuned/x:free',
    });
    await expect(sdk().models.get({ model: 'nothing' })).rejects.toMatchObject({ status: 404 });
    const google = { 'x-goog-api-key': 'k' };
    gateway.provider.on(/:countTokens$/, json(200, { totalTokens: 728 }));
    expect(await sdk().models.countTokens({ model: 'm', contents: hello })).toMatchObject({ totalTokens: 728 });
    expect(gateway.provider.requests[0]?.body).toEqual({
      generateContentRequest: {
        contents: [{ parts: [{ text: hello }], role: 'user' }],
        model: 'models/gemini-3.8-flash',
      },
    });
    gateway.provider.on(/generateContent$/, json(200, googleReply([{ text: 'ok' }])));
    const v1 = await gateway.post('/v1/models/m:generateContent', { contents: [{ parts: [{ text: hello }] }] }, google);
    expect(await v1.json()).toMatchObject({ candidates: [{ content: { parts: [{ text: 'ok' }] } }] });
  });

  it('F26 F27 counts for providers that do not count, system and tools included', async () => {
    await open('chat/gpt-test');
    const small = await sdk().models.countTokens({ model: 'm', contents: hello });
    const google = { 'x-goog-api-key': 'k' };
    const large = await gateway.post(
      '/v1beta/models/m:countTokens',
      {
        generateContentRequest: {
          contents: [{ parts: [{ text: hello }] }],
          systemInstruction: { parts: [{ text: 'word '.repeat(400) }] },
        },
      },
      google,
    );
    const { totalTokens } = (await large.json()) as { totalTokens: number };
    expect(totalTokens).toBeGreaterThan((small.totalTokens ?? 0) + 300);
  });

  it('take a model’s name with its slashes and colons escaped', async () => {
    await open('chat/gpt-test', reply({ text: 'ok' }));
    const path = `/v1beta/models/${encodeURIComponent('openrouter/z-ai/glm-5:free')}:generateContent`;
    const answer = await gateway.post(path, { contents: [{ parts: [{ text: hello }] }] });
    expect(await answer.json()).toMatchObject({ modelVersion: 'openrouter/z-ai/glm-5:free' });
  });

  it('answer what no route understands in this format', async () => {
    await open('chat/gpt-test');
    const answer = await gateway.post('/v1beta/models/m:generateContent', { contents: 'x' }, { 'x-goog-api-key': 'k' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.stringContaining('contents') },
    });
  });
});

function googleReply(parts: readonly JsonObject[], more: JsonObject = { finishReason: 'STOP' }): JsonObject {
  return {
    candidates: [{ content: { parts: [...parts], role: 'model' }, index: 0, ...more }],
    usageMetadata: {
      promptTokenCount: 50,
      cachedContentTokenCount: 40,
      candidatesTokenCount: 9,
      thoughtsTokenCount: 5,
      totalTokenCount: 64,
    },
    modelVersion: 'gemini-3.8-flash-001',
    responseId: 'r1',
  };
}

const googleStream = (...replies: readonly JsonObject[]) =>
  sse(replies.map((body) => `data: ${JSON.stringify(body)}\r\n\r\n`));

const calls = [
  { text: 'Two cities.', thought: true },
  { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'R09PR0xF' },
  { functionCall: { name: 'get_weather', args: { city: 'Lima' } } },
];

describe('the Gemini provider', () => {
  it('gets a Gemini client’s own bytes, and gives its bytes back', async () => {
    await open('gemini/gemini-3.8-flash');
    const replied = JSON.stringify(googleReply([{ text: 'ok', thoughtSignature: 'R09P' }]));
    gateway.provider.on(/:generateContent$/, raw(200, { 'content-type': 'application/json' }, replied));
    const body = '{"contents":[{"parts":[{"text":"Hi."}]}],  "unknown_field":1}';
    const answer = await gateway.post('/v1beta/models/gemini-3.8-flash:generateContent', body, {
      'x-goog-api-key': 'client-key',
    });
    expect(await answer.text()).toBe(replied);
    const [request] = gateway.provider.requests;
    expect(request?.rawBody.toString()).toBe(body);
    expect(request?.path).toBe('/v1beta/models/gemini-3.8-flash:generateContent');
    expect(request?.headers['x-goog-api-key']).toBe('AIza-gateway-key');
    expect(`${request?.path}${request?.query}`).not.toContain('key');
    expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(await gateway.nextRecord()).toMatchObject({
      usage: { promptTokens: 50, cacheReadTokens: 40, completionTokens: 14, reasoningTokens: 5 },
    });
  });

  it.each([false, true])(
    'F69 gives an Anthropic client’s calls back with their signature, although it keeps none (stream: %s)',
    async (stream) => {
      await open('gemini/gemini-3.8-flash');
      const first = googleReply(calls);
      gateway.provider.once(/enerateContent$/, stream ? googleStream(first) : json(200, first));
      gateway.provider.once(
        /enerateContent$/,
        stream ? googleStream(googleReply([{ text: 'Cold.' }])) : json(200, googleReply([{ text: 'Cold.' }])),
      );
      const client = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
      const tools: Anthropic.Tool[] = [
        {
          name: 'get_weather',
          input_schema: {
            type: 'object',
            properties: { city: { type: 'string' } },
            $schema: 'x',
            additionalProperties: false,
          } as never,
        },
      ];
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Weather?' }];
      const ask = async () => {
        const request = {
          model: 'claude-x',
          max_tokens: 500,
          messages,
          tools,
          thinking: { type: 'enabled', budget_tokens: 1024 } as const,
        };
        return stream ? client.messages.stream(request).finalMessage() : client.messages.create(request);
      };
      const message = await ask();
      expect(message.stop_reason).toBe('tool_use');
      expect(message.usage).toMatchObject({ input_tokens: 10, cache_read_input_tokens: 40, output_tokens: 14 });
      expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use', 'tool_use']);
      const uses = message.content.filter((block) => block.type === 'tool_use');
      messages.push({
        role: 'assistant',
        content: uses.map(({ id, name, input }) => ({ type: 'tool_use' as const, id, name, input })),
      });
      messages.push({
        role: 'user',
        content: uses.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'cold' })),
      });
      expect((await ask()).content).toMatchObject([{ type: 'text', text: 'Cold.' }]);
      const { body, path, query } = await gateway.provider.waitForRequest(1);
      expect(`${path}${query}`).toBe(
        `/v1beta/models/gemini-3.8-flash:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      );
      expect(body?.contents).toEqual([
        { role: 'user', parts: [{ text: 'Weather?' }] },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'R09PR0xF' },
            { functionCall: { name: 'get_weather', args: { city: 'Lima' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'get_weather', response: { output: 'cold' } } },
            { functionResponse: { name: 'get_weather', response: { output: 'cold' } } },
          ],
        },
      ]);
      expect(body?.generationConfig).toMatchObject({ thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' } });
    },
  );

  it('F69 F75 gets its signatures back from clients that keep reasoning, also after a reload has forgotten them', async () => {
    await open('gemini/gemini-3.8-flash');
    gateway.provider.on(/enerateContent$/, json(200, googleReply(calls)));
    const signed = [
      { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'R09PR0xF' },
      { functionCall: { name: 'get_weather', args: { city: 'Lima' } } },
    ];
    const modelTurn = (body: JsonObject | undefined) =>
      ((body?.contents ?? []) as { role: string; parts: JsonObject[] }[]).find(({ role }) => role === 'model')?.parts;

    const anthropic = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
    const asked = { model: 'x', max_tokens: 500, thinking: { type: 'adaptive' } as const };
    const question = { role: 'user' as const, content: 'Weather?' };
    const { content } = await anthropic.messages.create({ ...asked, messages: [question] });
    await gateway.reload();
    const tool_use_ids = content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    const results = tool_use_ids.map((tool_use_id) => ({ type: 'tool_result' as const, tool_use_id, content: 'cold' }));
    const history = [question, { role: 'assistant' as const, content }, { role: 'user' as const, content: results }];
    await anthropic.messages.create({ ...asked, messages: history });
    expect(modelTurn(gateway.provider.requests[1]?.body)).toEqual([{ text: 'Two cities.', thought: true }, ...signed]);

    const chat = new OpenAI({ apiKey: 'client-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const first = await chat.chat.completions.create({ model: 'x', messages: [question], reasoning_effort: 'high' });
    await gateway.reload();
    const message = first.choices[0]?.message;
    if (message === undefined) throw new Error('no message');
    const answers = (message.tool_calls ?? []).map(({ id }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: 'cold',
    }));
    await chat.chat.completions.create({ model: 'x', messages: [question, message, ...answers] });
    expect(modelTurn(gateway.provider.requests[3]?.body)).toEqual([{ text: 'Two cities.', thought: true }, ...signed]);
  });

  it.each([false, true])('answers a Chat client, with calls, usage and citations (stream: %s)', async (stream) => {
    await open('gemini/gemini-3.8-flash');
    const grounded = googleReply([{ text: 'Über 5 °C.' }], {
      finishReason: 'STOP',
      groundingMetadata: {
        groundingChunks: [{ web: { uri: 'https://a.example', title: 'a' } }],
        groundingSupports: [{ segment: { startIndex: 6, endIndex: 12, text: '5 °C.' }, groundingChunkIndices: [0] }],
      },
    });
    gateway.provider.on(/enerateContent$/, stream ? googleStream(grounded) : json(200, grounded));
    const client = new OpenAI({ apiKey: 'client-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const request = {
      model: 'gpt-x',
      messages: [{ role: 'user', content: 'Weather?' }],
      web_search_options: {},
    } as const;
    const annotation = {
      type: 'url_citation',
      url_citation: { url: 'https://a.example', title: 'a', start_index: 5, end_index: 10 },
    };
    if (stream) {
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of await client.chat.completions.create({
        ...request,
        messages: [...request.messages],
        stream: true,
        stream_options: { include_usage: true },
      })) {
        chunks.push(chunk);
      }
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Über 5 °C.');
      expect(chunks.some((chunk) => JSON.stringify(chunk).includes(JSON.stringify(annotation.url_citation.url)))).toBe(
        true,
      );
      expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 50, completion_tokens: 14 });
    } else {
      const answer = await client.chat.completions.create({ ...request, messages: [...request.messages] });
      expect(answer.choices[0]?.message).toMatchObject({ content: 'Über 5 °C.', annotations: [annotation] });
      expect(answer.usage).toMatchObject({
        prompt_tokens: 50,
        completion_tokens: 14,
        prompt_tokens_details: { cached_tokens: 40 },
      });
    }
    expect(gateway.provider.requests[0]?.body?.tools).toEqual([{ googleSearch: {} }]);
  });

  it('F92 tells limits that pass from those that do not', async () => {
    await open('gemini/gemini-3.8-flash');
    const client = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
    const ask = () =>
      client.messages.create({ model: 'x', max_tokens: 5, messages: [{ role: 'user', content: hello }] });
    const limited = (details: JsonObject[]) =>
      json(429, {
        error: {
          code: 429,
          message: 'You exceeded your current quota, please check your plan and billing details.',
          status: 'RESOURCE_EXHAUSTED',
          details,
        },
      });
    gateway.provider.once(
      /enerateContent$/,
      limited([{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }]),
    );
    const rate = await ask().catch((error: unknown) => error);
    expect(rate).toMatchObject({ status: 429 });
    expect((rate as { headers: Headers }).headers.get('retry-after')).toBe('34');
    gateway.provider.once(
      /enerateContent$/,
      limited([
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
        },
      ]),
    );
    const quota = await ask().catch((error: unknown) => error);
    expect((quota as { headers: Headers }).headers.get('x-should-retry')).toBe('false');
    gateway.provider.once(
      /enerateContent$/,
      json(400, {
        error: {
          code: 400,
          message: 'API key not valid: AIza-gateway-key',
          status: 'INVALID_ARGUMENT',
          details: [{ reason: 'API_KEY_INVALID' }],
        },
      }),
    );
    const refused = await ask().catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 502 });
    expect(JSON.stringify((refused as { error: unknown }).error)).not.toContain('AIza');
  });

  it('F83 refuses an image at a URL, which Google does not fetch', async () => {
    await open('gemini/gemini-3.8-flash');
    const client = new OpenAI({ apiKey: 'client-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const content = [{ type: 'image_url' as const, image_url: { url: 'https://example.com/a.png' } }];
    const failed = client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }] });
    await expect(failed).rejects.toMatchObject({ status: 400 });
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('relays a Gemini client’s stream byte for byte, but for the model that was asked for', async () => {
    await open('gemini/gemini-3.8-flash');
    const replies = [googleReply([{ text: 'Hel' }], {}), googleReply([{ text: 'lo 😀' }, ...calls])];
    gateway.provider.on(/enerateContent$/, googleStream(...replies));
    const chunks = await collect(await sdk().models.generateContentStream({ model: 'alias', contents: hello }));
    expect(textOf(chunks)).toBe('Hello 😀');
    expect(chunks.map(({ modelVersion }) => modelVersion)).toEqual(['alias', 'alias']);
    expect(partsOf(chunks).at(-2)?.thoughtSignature).toBe('R09PR0xF');
    expect(await gateway.nextRecord()).toMatchObject({
      lane: 'pass-through',
      usage: { promptTokens: 50, completionTokens: 14 },
    });
  });

  it('F67 has the gateway enforce the stop sequences that Google does not take', async () => {
    await open('gemini/gemini-3.8-flash');
    gateway.provider.on(/enerateContent$/, json(200, googleReply([{ text: 'one two STOP three' }])));
    const client = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
    const stop_sequences = ['a1', 'a2', 'a3', 'a4', 'a5', 'STOP'];
    const request = {
      model: 'x',
      max_tokens: 50,
      stop_sequences,
      messages: [{ role: 'user' as const, content: hello }],
    };
    const message = await client.messages.create(request);
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'one two ' }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'STOP',
    });
    expect(gateway.provider.requests[0]?.body?.generationConfig).toMatchObject({
      maxOutputTokens: 50,
      stopSequences: stop_sequences.slice(0, 5),
    });
  });

  it('F15 F22 a failure inside a 200 is an HTTP error for an Anthropic client', async () => {
    await open('gemini/gemini-3.8-flash');
    gateway.provider.on(/enerateContent$/, googleStream(googleReply([], { finishReason: 'MALFORMED_FUNCTION_CALL' })));
    const client = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
    const request = { model: 'x', max_tokens: 50, messages: [{ role: 'user' as const, content: hello }] };
    await expect(client.messages.stream(request).finalMessage()).rejects.toMatchObject({ status: 502 });
  });

  it('a refusal of the prompt is one for every client', async () => {
    await open('gemini/gemini-3.8-flash');
    gateway.provider.on(/enerateContent$/, json(200, { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }));
    const client = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
    const request = { model: 'x', max_tokens: 50, messages: [{ role: 'user' as const, content: hello }] };
    expect(await client.messages.create(request)).toMatchObject({ stop_reason: 'refusal', content: [] });
    const chat = await gateway.post('/v1/chat/completions', {
      model: 'm',
      messages: [{ role: 'user', content: hello }],
    });
    expect(await chat.json()).toMatchObject({ choices: [{ finish_reason: 'content_filter' }] });
  });

  it('F37 F38 a Chat client leaves, and Google’s call ends', async () => {
    await open('gemini/gemini-3.8-flash');
    const begun = `data: ${JSON.stringify(googleReply([{ text: 'Hello' }], {}))}\r\n\r\n`;
    gateway.provider.on(/enerateContent$/, headersThenHang({ content: begun }));
    const controller = new AbortController();
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: hello }] }),
      signal: controller.signal,
    });
    await answer.body?.getReader().read();
    controller.abort();
    await gateway.provider.requests[0]?.aborted;
    expect(await gateway.nextRecord()).toMatchObject({ status: 499, aborted: true, usage: { promptTokens: 50 } });
  });

  it('F21 F17 ends a Chat client’s stream with an error where Google’s breaks off', async () => {
    await open('gemini/gemini-3.8-flash');
    gateway.provider.on(/enerateContent$/, googleStream(googleReply([{ text: 'Hello' }], {})));
    const answer = await gateway.post('/v1/chat/completions', {
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: hello }],
    });
    const text = await answer.text();
    expect(text).toContain('Hello');
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
    expect(await gateway.nextRecord()).toMatchObject({ error: { code: 'CUT_STREAM' } });
  });
});
