import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import openaiResponses from '@signalbox/format-openai-responses';
import type { JsonObject } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import providerDemo from '@signalbox/provider-demo';
import providerGemini from '@signalbox/provider-gemini';
import providerOpenai from '@signalbox/provider-openai';
import fallback from '@signalbox/route-fallback';
import { headersThenHang, json, openaiChatTurn, providerError, type Responder, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

/** Where the second answer comes from. */
const SECOND = '/second/v1/chat/completions';
const ROUTED = { on: ['CONTENT_REFUSED', 'PROVIDER_FAILED'] };
const usage = { promptTokens: 11, completionTokens: 0 };
const refusal = reply({ stopReason: 'refusal', usage });

const providers: Record<string, readonly [target: string, path: string]> = {
  'anthropic-messages': ['anthropic/m', '/v1/messages'],
  'openai-chat': ['chat/m', '/v1/chat/completions'],
  'openai-responses': ['openai/m', '/v1/responses'],
  gemini: ['gemini/m', '/v1beta/models/m:generateContent'],
};

const clients: Record<string, (stream: boolean) => Promise<Response>> = {
  'anthropic-messages': (stream) =>
    gateway.post('/v1/messages', messagesBody({ model: 'm', stream }), anthropicHeaders),
  'openai-chat': (stream) =>
    gateway.post(
      '/v1/chat/completions',
      chatBody({ model: 'm', stream, ...(stream ? { stream_options: { include_usage: true } } : {}) }),
    ),
  'openai-responses': (stream) => gateway.post('/v1/responses', { model: 'm', input: 'hi', stream }),
  gemini: (stream) =>
    gateway.post(`/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, {
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    }),
};

/** A gateway with a fallback behind one provider, whose answers these are. */
async function start(provider: string, options: JsonObject, first: Responder): Promise<void> {
  const [target, path] = providers[provider] ?? ['', ''];
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [formatGemini],
      [openaiResponses],
      [providerGemini, { apiKey: 'k', baseUrl: url }],
      [providerOpenai, { apiKey: 'k', baseUrl: `${url}/v1`, surface: 'responses' }],
      [providerCompatible, { name: 'second', baseUrl: `${url}/second/v1`, format: 'openai-chat' }],
      [providerDemo],
      [fallback, { default: ['second/m'], retry: { maxRetries: 0 }, ...options }],
    ],
  });
  for (const at of [path, path.replace(':generate', ':streamGenerate')]) gateway.provider.on(at, first);
  gateway.provider.on(SECOND, reply({ text: 'The second answers.' }));
}

const CELLS = Object.keys(clients).flatMap((client) =>
  Object.keys(providers).flatMap((provider) => [true, false].map((stream) => [client, provider, stream] as const)),
);

describe('a refusal without a word inside a 200', () => {
  it.each(CELLS)('moves on where the options say so (%s, %s, stream: %j)', async (client, provider, stream) => {
    await start(provider, ROUTED, refusal);
    const answer = await clients[client]?.(stream);
    expect(answer?.status).toBe(200);
    expect(await answer?.text()).toContain('second');
    const { attempts, notes } = await gateway.nextRecord();
    expect(attempts).toMatchObject([
      { outcome: 'failed', providerStatus: 200, error: { code: 'CONTENT_REFUSED' }, usage: { promptTokens: 11 } },
      { outcome: 'answered' },
    ]);
    expect(attempts[0]?.lane).toBe(client === provider ? 'pass-through' : 'canonical');
    expect(notes.map(({ path }) => path)).not.toContain('stopReason');
  });

  it.each(CELLS)('is passed on where they do not (%s, %s, stream: %j)', async (client, provider, stream) => {
    await start(provider, {}, refusal);
    const answer = await clients[client]?.(stream);
    expect(answer?.status).toBe(200);
    expect(await answer?.text()).toMatch(/refusal|content_filter|SAFETY/);
    const { attempts } = await gateway.nextRecord();
    expect(attempts).toMatchObject([{ outcome: 'answered' }]);
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it.each(CELLS)('is passed on by the last target (%s, %s, stream: %j)', async (client, provider, stream) => {
    await start(provider, { ...ROUTED, default: [] }, refusal);
    const answer = await clients[client]?.(stream);
    expect(answer?.status).toBe(200);
    expect(await answer?.text()).toMatch(/refusal|content_filter|SAFETY/);
    expect((await gateway.nextRecord()).attempts).toMatchObject([{ outcome: 'answered' }]);
  });
});

/** What a model of OpenAI's says when it refuses in words. */
const IN_WORDS = 'I cannot help with that.';
const chatInWords: Responder = (request, wire) => {
  const { body, frames } = openaiChatTurn({ text: [IN_WORDS] }, { model: 'm' });
  const respond =
    request.body?.stream === true
      ? sse(frames.map((frame) => frame.replace(`"content":"${IN_WORDS}"`, `"refusal":"${IN_WORDS}"`)))
      : json(
          200,
          JSON.stringify(body).replace(
            `"content":"${IN_WORDS}","refusal":null`,
            `"content":null,"refusal":"${IN_WORDS}"`,
          ),
        );
  return respond(request, wire);
};
const responsesInWords: Responder = (request, wire) => {
  const part = { type: 'refusal', refusal: IN_WORDS };
  const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [part] };
  const response = { id: 'resp_1', object: 'response', model: 'm', status: 'completed', output: [item] };
  const events: JsonObject[] = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', output_index: 0, content_index: 0, part: { ...part, refusal: '' } },
    { type: 'response.refusal.delta', output_index: 0, content_index: 0, delta: IN_WORDS },
    { type: 'response.refusal.done', output_index: 0, content_index: 0, refusal: IN_WORDS },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response },
  ];
  const frames = events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`);
  return (request.body?.stream === true ? sse(frames) : json(200, response))(request, wire);
};

describe.each([
  ['openai-chat', chatInWords],
  ['openai-responses', responsesInWords],
])('a refusal in words that %s marks as such', (provider, respond) => {
  it.each(CELLS.filter(([, at]) => at === provider))('moves on (%s, %s, stream: %j)', async (client, _at, stream) => {
    await start(provider, ROUTED, respond);
    const answer = await clients[client]?.(stream);
    const text = await answer?.text();
    expect(text).toContain('second');
    expect(text).not.toContain('cannot help');
    expect((await gateway.nextRecord()).attempts).toMatchObject([{ error: { code: 'CONTENT_REFUSED' } }, {}]);
  });

  it.each(CELLS.filter(([, at]) => at === provider))(
    'is passed on (%s, %s, stream: %j)',
    async (client, _at, stream) => {
      await start(provider, {}, respond);
      const text = await (await clients[client]?.(stream))?.text();
      expect(text).toContain('cannot help');
    },
  );
});

describe('where refusals move on', () => {
  it('a whole answer moves on whatever it says before it refuses', async () => {
    await start('anthropic-messages', ROUTED, reply({ text: 'Well, ', stopReason: 'refusal' }));
    for (const client of ['anthropic-messages', 'openai-chat']) {
      expect(await (await clients[client]?.(false))?.text()).toContain('second');
    }
  });

  it.each(CELLS.filter(([, , stream]) => stream))(
    'F23 a stream that has begun does not (%s, %s)',
    async (client, provider) => {
      await start(provider, ROUTED, reply({ text: ['Well, ', 'no.'], stopReason: 'refusal' }));
      const text = await (await clients[client]?.(true))?.text();
      expect(text).toContain('Well, ');
      expect(text).not.toContain('second');
      expect((await gateway.nextRecord()).attempts).toMatchObject([{ outcome: 'answered' }]);
    },
  );

  it.each(['anthropic-messages', 'openai-chat'])('F20 content is not held back (%s)', async (client) => {
    const { frames } = openaiChatTurn({ text: ['Begin', 'ning and more'] }, { model: 'm' });
    await start('openai-chat', ROUTED, headersThenHang({ content: frames.slice(0, 2) }));
    const answer = await clients[client]?.(true);
    const reader = answer?.body?.getReader();
    let said = '';
    while (!said.includes('Begin')) said += Buffer.from((await reader?.read())?.value ?? []).toString();
    await reader?.cancel();
  });

  it('an answer that cannot be looked into is passed on', async () => {
    const strange = { type: 'message', id: 'x', model: 'm', role: 'assistant', content: [7], stop_reason: 'end_turn' };
    await start('anthropic-messages', ROUTED, json(200, strange));
    expect(await (await clients['anthropic-messages']?.(false))?.json()).toEqual(strange);
  });

  it('what may soon be over is what the client hears', async () => {
    await start('anthropic-messages', ROUTED, refusal);
    gateway.provider.on(SECOND, providerError(500, { message: 'oops' }));
    const answer = await clients['anthropic-messages']?.(true);
    expect(answer?.status).toBe(500);
    expect((await gateway.nextRecord()).attempts).toMatchObject([
      { error: { code: 'CONTENT_REFUSED' } },
      { error: { code: 'PROVIDER_FAILED' } },
    ]);
  });
});
