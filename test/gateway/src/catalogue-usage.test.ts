import { afterEach, describe, expect, it } from '@jest/globals';
import { anthropicTurn, cutAfter, hang, json, openaiChatTurn, reply, sse } from '@signalbox/testkit';
import { askMessages, CHAT_PATH, chatAnswer, framesOf, MESSAGES_PATH, startCatalogueGateway } from './catalogue.ts';
import { anthropicHeaders, chatBody, messagesBody, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const both = [
  ['whole', false],
  ['streamed', true],
] as const;
const text = [{ content: 'Hi.' }];

describe('usage', () => {
  it('F25 is estimated at the start of a stream and corrected at its end', async () => {
    gateway = await startCatalogueGateway('chat/m');
    gateway.provider.on(CHAT_PATH, reply({ text: 'Hi.', usage: { promptTokens: 4_321, completionTokens: 5 } }));
    const { text: stream, usage } = await askMessages(
      gateway,
      messagesBody({ stream: true, system: 'x'.repeat(3_600) }),
    );
    const start = framesOf(stream)[0]?.data as { message: { usage: { input_tokens: number } } };
    expect(start.message.usage.input_tokens).toBeGreaterThan(900);
    expect(start.message.usage.input_tokens).not.toBe(4_321);
    expect(usage).toMatchObject({ input_tokens: 4_321, output_tokens: 5 });
  });

  it.each(both)('F31 has cached tokens once, as parts of the prompt, %s', async (_name, stream) => {
    gateway = await startCatalogueGateway('deepseek/deepseek-v4-pro');
    const usage = {
      prompt_tokens: 1_000,
      prompt_cache_hit_tokens: 900,
      prompt_cache_miss_tokens: 100,
      completion_tokens: 7,
    };
    gateway.provider.on('/chat/completions', chatAnswer(text, { content: 'Hi.' }, { usage }));
    const answer = await askMessages(gateway, messagesBody({ stream }));
    expect(answer.usage).toMatchObject({ input_tokens: 100, cache_read_input_tokens: 900, output_tokens: 7 });
    expect((await gateway.nextRecord()).usage).toMatchObject({ promptTokens: 1_000, cacheReadTokens: 900 });
  });

  it.each(both)('F31 of Anthropic is inclusive for a Chat client, %s', async (_name, stream) => {
    gateway = await startCatalogueGateway('anthropic/claude-test');
    const turn = {
      text: 'Hi.',
      usage: { promptTokens: 1_000, cacheReadTokens: 600, cacheWriteTokens: 300, completionTokens: 7 },
    };
    gateway.provider.on(MESSAGES_PATH, reply(turn));
    const answer = await gateway.post(CHAT_PATH, chatBody({ stream, stream_options: { include_usage: true } }));
    const body = await answer.text();
    const last: unknown = stream ? framesOf(body).at(-1)?.data : JSON.parse(body);
    expect(last).toMatchObject({
      usage: {
        prompt_tokens: 1_000,
        completion_tokens: 7,
        total_tokens: 1_007,
        prompt_tokens_details: { cached_tokens: 600 },
      },
    });
  });

  it('F32 is read from a last chunk that has a choice with an empty delta', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const usage = { prompt_tokens: 12, completion_tokens: 3 };
    gateway.provider.on(CHAT_PATH, chatAnswer(text, {}, { usage }));
    const answer = await askMessages(gateway, messagesBody({ stream: true }));
    expect(answer.usage).toMatchObject({ input_tokens: 12, output_tokens: 3 });
    expect((await gateway.nextRecord()).usage).toEqual({ promptTokens: 12, completionTokens: 3 });
  });

  it.each(both)('F35 that is 0 stays 0, and none that is not said is recorded, %s', async (_name, stream) => {
    gateway = await startCatalogueGateway('chat/m');
    const usage = { prompt_tokens: 0, completion_tokens: 0 };
    gateway.provider.once(CHAT_PATH, chatAnswer(text, { content: 'Hi.' }, { usage }));
    gateway.provider.once(CHAT_PATH, chatAnswer(text, { content: 'Hi.' }));
    const zero = await askMessages(gateway, messagesBody({ stream }));
    expect(zero.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 });
    expect((await gateway.nextRecord()).usage).toEqual({ promptTokens: 0, completionTokens: 0 });
    await askMessages(gateway, messagesBody({ stream }));
    expect((await gateway.nextRecord()).usage).toBeUndefined();
  });

  it.each([
    ['chat/m', CHAT_PATH, openaiChatTurn({ text: 'A longer answer.' }, { includeUsage: false })],
    ['anthropic/claude-test', MESSAGES_PATH, anthropicTurn({ text: 'A longer answer.' })],
  ])('F38 that was said before a stream of %s broke is recorded', async (target, path, { frames }) => {
    gateway = await startCatalogueGateway(target);
    const said = frames.map((frame) =>
      frame.replace('"choices"', '"usage":{"prompt_tokens":20,"completion_tokens":1},"choices"'),
    );
    const sent = said.slice(0, 3).join('');
    gateway.provider.on(path, cutAfter(sent.length, 'rst', sse(said, { delayMs: 5 })));
    const { error } = await askMessages(gateway, messagesBody({ stream: true }));
    expect(error).toBeDefined();
    expect(await gateway.nextRecord()).toMatchObject({
      error: { code: 'CUT_STREAM' },
      usage: { promptTokens: 20, completionTokens: 1 },
    });
  });

  it('F37 F38 of a request that waits for its whole reply ends with the client', async () => {
    gateway = await startCatalogueGateway('chat/m');
    gateway.provider.on(CHAT_PATH, hang());
    const controller = new AbortController();
    const answer = fetch(gateway.url + MESSAGES_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...anthropicHeaders },
      body: JSON.stringify(messagesBody()),
      signal: controller.signal,
    });
    answer.catch(() => {});
    const upstream = await gateway.provider.waitForRequest(0);
    controller.abort();
    await upstream.aborted;
    expect(await gateway.nextRecord()).toMatchObject({ aborted: true, status: 499 });
  });
});

describe('count_tokens', () => {
  const count = async (extra: object = {}) => {
    const answer = await gateway.post('/v1/messages/count_tokens', messagesBody(extra), anthropicHeaders);
    return { status: answer.status, body: (await answer.json()) as { input_tokens: number } };
  };

  it.each(['chat/m', 'openai/gpt-6', 'deepseek/deepseek-v4-pro', 'openrouter/x', 'claudish/m', 'demo/demo'])(
    'F26 F27 is answered for %s without a call, and counts everything',
    async (target) => {
      gateway = await startCatalogueGateway(target);
      const bare = await count();
      const system = await count({ system: 'x'.repeat(720) });
      const tools = await count({
        tools: [{ name: 'f', description: 'y'.repeat(720), input_schema: { type: 'object' } }],
      });
      const image = await count({
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }],
          },
        ],
      });
      expect([bare, system, tools, image].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const base = bare.body.input_tokens;
      expect(base).toBeGreaterThan(0);
      expect(system.body.input_tokens).toBeGreaterThan(base + 100);
      expect(tools.body.input_tokens).toBeGreaterThan(base + 100);
      expect(image.body.input_tokens).toBeGreaterThan(base + 100);
      expect(gateway.provider.requests).toHaveLength(0);
    },
  );

  it.each([401, 403])('F29 does not hide a %i of the provider behind an estimate', async (status) => {
    gateway = await startCatalogueGateway('anthropic/claude-test');
    const error = { type: 'error', error: { type: 'authentication_error', message: 'no' } };
    gateway.provider.on('/v1/messages/count_tokens', json(status, error));
    const answer = await count();
    expect(answer.status).toBe(502);
    expect(answer.body).toMatchObject({
      type: 'error',
      error: { message: expect.stringMatching(/refused the gateway.s credential/) },
    });
  });
});
