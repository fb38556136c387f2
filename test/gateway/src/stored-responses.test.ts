import { afterEach, describe, expect, it } from '@jest/globals';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, type ExchangeRecord, errors, type JsonObject, type Plugin } from '@signalbox/kit';
import providerOpenai from '@signalbox/provider-openai';
import { json, type Responder, reply, responsesTurn, sse, type Turn } from '@signalbox/testkit';
import responseStore from '@signalbox/transform-response-store';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MESSAGES = '/v1/messages';
const RESPONSES = '/openai/v1/responses';
const PATHS: Readonly<Record<string, string>> = {
  'anthropic/claude-test': MESSAGES,
  'chat/gpt-test': '/v1/chat/completions',
};
/** Whoever has this key is called by it; without one nobody is let in. */
const byKey = definePlugin({
  name: 'test-by-key',
  apply: ({ hooks }) =>
    hooks.auth.tap('test-by-key', ({ headers: { authorization } }) => {
      if (authorization === undefined) throw errors.unauthenticated('Who are you?');
      return { id: authorization };
    }),
});
/** It leaves the pass-through lane. */
const touch = definePlugin({
  name: 'test-touch',
  apply: ({ hooks }) => hooks.transformIn.tap('test-touch', (request) => ({ ...request })),
});

async function start(
  target: string,
  more: readonly (readonly [Plugin, JsonObject?])[] = [[responseStore]],
  rest: Partial<TestGatewayOptions> = {},
): Promise<OpenAI> {
  gateway = await startTestGateway({
    targets: [target],
    ...rest,
    plugins: (url) => [
      [openaiResponses],
      [byKey],
      [providerOpenai, { apiKey: 'sk-gateway-openai', baseUrl: `${url}/openai/v1` }],
      ...more,
    ],
  });
  return clientOf('me');
}

const clientOf = (apiKey: string) =>
  new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0, logLevel: 'off' });

type Asked = Pick<
  OpenAI.Responses.ResponseCreateParamsNonStreaming,
  'input' | 'instructions' | 'metadata' | 'tools' | 'previous_response_id' | 'conversation' | 'store'
>;
/** The SDK's type leaves it out. */
type Created = OpenAI.Responses.Response & { readonly store?: boolean };

async function ask(client: OpenAI, body: Asked, stream = false): Promise<Created> {
  const asked = { model: 'asked', ...body };
  return stream ? client.responses.stream(asked).finalResponse() : client.responses.create(asked);
}

function answer(path: string, ...turns: Turn[]): void {
  for (const turn of turns) gateway.provider.once(path, path === RESPONSES ? nativeReply(turn) : reply(turn));
}

function nativeReply(turn: Turn): Responder {
  const { body, sse: frames } = responsesTurn(turn);
  return (request, wire) => (request.body?.stream === true ? sse(frames) : json(200, body))(request, wire);
}

const upstream = (at = -1) => gateway.provider.requests.at(at)?.body as JsonObject;
const reference = (id: string | undefined) => ({ type: 'item_reference' as const, id: id ?? '' });
const user = (content: string) => ({ role: 'user' as const, content });
const NOT_FOUND = { status: 404, type: 'invalid_request_error', param: 'id' };
const LOOK = { type: 'function' as const, name: 'look', parameters: { type: 'object', properties: {} }, strict: false };

describe.each(Object.keys(PATHS))('a response of %s', (target) => {
  const path = PATHS[target] ?? '';

  it.each([false, true])('is given out again as it was (streamed: %s)', async (stream) => {
    const client = await start(target);
    answer(path, {
      reasoning: 'Hm.',
      signature: 'c2ln',
      text: 'Let me see.',
      toolCalls: [{ id: 'c1', name: 'look', arguments: { at: 'ä' } }],
    });
    const asked = { input: 'Look!', tools: [LOOK], instructions: 'Be brief.', metadata: { of: 'me' } };
    const created = await ask(client, asked, stream);
    const { output_text: _text, ...whole } = await client.responses.retrieve(created.id);
    expect(whole).toMatchObject({ id: created.id, store: true, status: 'completed', instructions: 'Be brief.' });
    expect(whole.tools).toMatchObject([LOOK]);
    const { output_text: _, ...expected } = created;
    expect(whole).toEqual(
      JSON.parse(JSON.stringify(expected, (key, value) => (/parsed/.test(key) ? undefined : value))),
    );
    const plain = await fetch(`${gateway.url}/responses/${created.id}`, { headers: { authorization: 'Bearer me' } });
    expect(await plain.json()).toEqual(whole);
  });

  it('is given out with what it was made of, page by page', async () => {
    const client = await start(target);
    answer(path, { text: 'One.', toolCalls: [{ id: 'c1', name: 'look', arguments: {} }] }, { text: 'Two.' });
    const first = await ask(client, { input: 'Look!', tools: [LOOK] });
    const output = { type: 'function_call_output' as const, call_id: 'c1', output: 'a heron' };
    const input = [output, { role: 'developer' as const, content: [{ type: 'input_text' as const, text: 'Brief!' }] }];
    const second = await ask(client, { input, tools: [LOOK], previous_response_id: first.id });
    const list = await client.responses.inputItems.list(second.id, { order: 'asc' });
    const expected = [
      { type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'Look!' }] },
      ...first.output,
      { ...output, status: 'completed' },
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Brief!' }] },
    ];
    expect(list.data).toMatchObject(JSON.parse(JSON.stringify(expected)));
    expect(list.has_more).toBe(false);
    const ids = list.data.map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^\w[\w-]+$/);

    const [newest] = (await client.responses.inputItems.list(second.id, { limit: 1 })).data;
    expect(newest).toEqual(list.data.at(-1));
    const pages: (string | undefined)[] = [];
    for await (const { id } of client.responses.inputItems.list(second.id, { limit: 2 })) pages.push(id);
    expect(pages).toEqual(ids.toReversed());
    for (const query of [{ limit: 0 }, { limit: 101 }, { after: 'msg_1' }, { order: 'up' as 'asc' }]) {
      await expect(client.responses.inputItems.list(second.id, query)).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining(Object.keys(query).join()),
      });
    }

    answer(path, { text: 'Three.' });
    await ask(client, { input: [reference(ids[0]), user('Again!')] });
    expect(JSON.stringify(upstream())).toContain('Look!');
  });

  it('is deleted, and only it', async () => {
    const client = await start(target);
    answer(path, { text: 'One.' }, { text: 'Two.' }, { text: 'Three.' });
    const first = await ask(client, { input: 'Begin.' });
    const second = await ask(client, { input: 'More.', previous_response_id: first.id });
    const removed = await client.responses.delete(first.id).asResponse();
    expect(await removed.json()).toEqual({ id: first.id, object: 'response', deleted: true });
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject(NOT_FOUND);
    await expect(client.responses.delete(first.id)).rejects.toMatchObject(NOT_FOUND);
    await expect(ask(client, { input: 'x', previous_response_id: first.id })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    });
    await ask(client, { input: 'And?', previous_response_id: second.id });
    for (const said of ['Begin.', 'One.', 'More.', 'Two.', 'And?']) expect(JSON.stringify(upstream())).toContain(said);
  });

  it('is nobody else’s business', async () => {
    const client = await start(target);
    answer(path, { text: 'One.' });
    const { id, output } = await ask(client, { input: 'Psst.' });
    const stranger = clientOf('you');
    for (const request of [
      stranger.responses.retrieve(id),
      stranger.responses.inputItems.list(id),
      stranger.responses.delete(id),
      stranger.responses.cancel(id),
      client.responses.retrieve('resp_sbx_unknown'),
      client.responses.retrieve('resp_68e3'),
    ]) {
      await expect(request).rejects.toMatchObject(NOT_FOUND);
    }
    await expect(client.responses.retrieve('resp_68e3')).rejects.toThrow(/kept by its provider/);
    await expect(ask(stranger, { input: [reference(output[0]?.id)] })).rejects.toMatchObject({ status: 400 });
    const keyless = await fetch(`${gateway.url}/v1/responses/${id}`);
    expect(keyless.status).toBe(401);
    expect(gateway.provider.requests).toHaveLength(1);
    expect((await client.responses.retrieve(id)).output_text).toBe('One.');
  });

  it('is not kept where the client says so, and `store` is noted where nobody keeps it', async () => {
    const client = await start(target);
    answer(path, { text: 'One.' }, { text: 'Two.' }, { text: 'Three.' });
    const closed = await ask(client, { input: 'Psst.', store: false });
    expect(closed.store).toBe(false);
    await expect(client.responses.retrieve(closed.id)).rejects.toMatchObject(NOT_FOUND);
    await expect(ask(client, { input: [reference(closed.output[0]?.id)] })).rejects.toMatchObject({ status: 400 });
    const strict = { headers: { 'x-signalbox-strict': '1' } };
    const more = { model: 'asked', max_output_tokens: 100 };
    const open: Created = await client.responses.create({ ...more, input: 'Hi', store: true }, strict);
    expect(open.store).toBe(true);
    // It is done here.
    expect(upstream()).not.toHaveProperty('store');
    expect(notes(gateway.records.at(-1))).toEqual([]);
    await gateway.close();

    const forgetful = await start(target, []);
    answer(path, { text: 'Four.' });
    expect(await ask(forgetful, { input: 'Hi', store: true })).toMatchObject({ store: false });
    expect(notes(gateway.records.at(-1))).toContain('store');
  });
});

const notes = (record: ExchangeRecord | undefined) => record?.notes.map(({ path }) => path);

describe('what else is asked about a response', () => {
  it('is refused in words', async () => {
    const client = await start('anthropic/claude-test');
    answer(MESSAGES, { text: 'One.' });
    const { id } = await ask(client, { input: 'Hi' });
    await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('without `stream`'),
    });
    await expect(client.responses.cancel(id)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('background'),
    });
  });

  it('names the plugin where it is not listed', async () => {
    const { responses } = await start('anthropic/claude-test', []);
    for (const request of [
      responses.retrieve('resp_1'),
      responses.delete('resp_1'),
      responses.inputItems.list('resp_1'),
      responses.cancel('resp_1'),
    ]) {
      await expect(request).rejects.toMatchObject({
        status: 404,
        type: 'invalid_request_error',
        message: expect.stringContaining('@signalbox/transform-response-store'),
      });
    }
  });
});

describe('F78 an item that is only referred to', () => {
  it.each(Object.entries(PATHS))('is the same as one that is sent, at %s', async (target, path) => {
    const client = await start(target);
    answer(path, {
      reasoning: 'Hm.',
      signature: 'c2ln',
      text: 'I look.',
      toolCalls: [{ id: 'c1', name: 'look', arguments: {} }],
    });
    const tools = [LOOK];
    const first = await ask(client, { input: 'Look!', tools });
    const result = { type: 'function_call_output' as const, call_id: 'c1', output: 'a heron' };
    const sent = first.output as OpenAI.Responses.ResponseInput;
    const named = first.output.map(({ id }) => reference(id));
    // The type may be left out, and some clients name an item twice, or name or send it beside the response that it is of.
    const short = named.map(({ id }) => ({ id }));
    const twice = named.flatMap((item) => [item, item]);
    const bodies: Asked[] = [
      { input: [user('Look!'), ...sent, result] },
      { input: [user('Look!'), ...named, result] },
      { input: [user('Look!'), ...short, result] },
      { input: [user('Look!'), ...twice, result] },
      { input: [result], previous_response_id: first.id },
      { input: [...named, result], previous_response_id: first.id },
      { input: [...sent, result], previous_response_id: first.id },
    ];
    for (const body of bodies) {
      answer(path, { text: 'A heron.' });
      await ask(client, { ...body, tools });
    }
    const [, whole, ...others] = gateway.provider.requests.map(({ body }) => body);
    expect(JSON.stringify(whole)).toContain('I look.');
    expect(others).toHaveLength(bodies.length - 1);
    for (const other of others) expect(other).toEqual(whole);
    for (const { notes: list } of gateway.records)
      expect(list.filter(({ path: at }) => /input|refer/.test(at))).toEqual([]);
  });

  it.each(Object.entries(PATHS))('is refused where it is not known, at %s', async (target) => {
    const client = await start(target);
    await expect(ask(client, { input: [reference('msg_0'), user('And?')] })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param: 'input',
      message: expect.stringMatching(/'msg_0' not found.*item_reference.*`store: false`/),
    });
    expect(gateway.provider.requests).toEqual([]);
  });

  it('passes through to the provider that keeps it', async () => {
    const client = await start('openai/gpt-5.5');
    answer(RESPONSES, { text: 'One.' });
    const body = '{"model":"gpt-5.5",  "input":[{"type":"item_reference","id":"msg_0"}]}';
    const passed = await gateway.post('/v1/responses', body, { authorization: 'Bearer me' });
    expect(passed.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(gateway.provider.requests[0]?.rawBody.toString()).toBe(body);
    const { id } = (await passed.json()) as { id: string };
    await expect(client.responses.retrieve(id)).rejects.toThrow(/kept by its provider/);
  });

  it('is put in beside those that the provider keeps', async () => {
    const client = await start('anthropic/claude-test');
    answer(MESSAGES, { text: 'One.' });
    const { output } = await ask(client, { input: 'Begin.' });
    await gateway.reload({
      targets: ['openai/gpt-5.5'],
      plugins: (url) => [
        [openaiResponses],
        [byKey],
        [responseStore],
        [providerOpenai, { apiKey: 'sk-gateway-openai', baseUrl: `${url}/openai/v1` }],
      ],
    });
    answer(RESPONSES, { text: 'Two.' });
    await ask(client, { input: [reference(output[0]?.id), reference('msg_0'), user('And?')] });
    expect(upstream().input).toMatchObject([
      { role: 'assistant', content: [{ text: 'One.' }] },
      reference('msg_0'),
      { role: 'user', content: [{ text: 'And?' }] },
    ]);
    expect(upstream().input).not.toMatchObject([{ id: expect.anything() }, {}, {}]);
  });

  it('has the ids of its provider where they were shown', async () => {
    const client = await start('openai/gpt-5.5', [[responseStore], [touch]]);
    answer(RESPONSES, { reasoning: 'Hm.', text: 'One.' });
    const { output } = await ask(client, { input: 'Begin.' });
    const [reasoning] = output;
    expect(reasoning).toMatchObject({ type: 'reasoning', id: 'rs_scripted' });
    answer(RESPONSES, { text: 'Two.' });
    await ask(client, { input: [user('Begin.'), ...output.map(({ id }) => reference(id)), user('And?')] });
    expect(upstream().input).toMatchObject([
      { role: 'user' },
      { type: 'reasoning', id: 'rs_scripted', encrypted_content: 'c2NyaXB0ZWQ=' },
      { role: 'assistant', content: [{ text: 'One.' }] },
      { role: 'user' },
    ]);
  });
});

describe('a conversation that a request goes on from', () => {
  /** So that estimates are not corrected by what the script reports. */
  const usage = { promptTokens: 0, completionTokens: 1 };
  const LONG = 'The heron stands in the reeds and waits. '.repeat(400);

  it('is what routes, estimates and counts see', async () => {
    const seen: { tokens: number; body: string }[] = [];
    const watch = definePlugin({
      name: 'test-watch',
      apply: ({ hooks }) =>
        hooks.route.tap({ name: 'test-watch', stage: -100 }, (plan, exchange) => {
          seen.push({ tokens: exchange.estimatePromptTokens(), body: exchange.rawBody.toString() });
          return plan;
        }),
    });
    const client = await start('anthropic/claude-test', [[watch], [responseStore]]);
    answer(MESSAGES, { text: 'One.', usage }, { text: 'Two.', usage }, { text: 'Three.', usage });
    const { id, output } = await ask(client, { input: LONG });
    const body = { model: 'asked', input: 'And?', max_output_tokens: 100, previous_response_id: id };
    await ask(client, body);
    await ask(client, { input: [user(LONG), ...output.map((item) => reference(item.id)), user('And?')] });
    gateway.provider.once('/v1/messages/count_tokens', json(200, { input_tokens: 7 }));
    const counted = await client.post<{ input_tokens: number }>('/responses/input_tokens', { body });
    const headers = { authorization: 'Bearer me' };
    const explained = await (await gateway.post('/explain?path=/v1/responses', body, headers)).json();
    const [first, second, third, fourth, fifth] = seen.map(({ tokens }) => tokens);
    expect(first).toBeGreaterThan(2_000);
    expect(second).toBeGreaterThan(first ?? 0);
    expect([third, fourth, fifth]).toEqual([second, second, second]);
    expect(counted.input_tokens).toBe(7);
    expect(JSON.stringify(upstream())).toContain(LONG);
    expect(explained).toMatchObject({ promptTokens: second, targets: [{ lane: 'canonical', notes: [] }] });
    expect(seen[1]?.body).toContain(LONG);
    expect(seen[1]?.body).not.toContain('previous_response_id');
    expect(gateway.records[1]?.bytesIn).toBeLessThan(200);
  });

  it('is refused where it would be too large to be sent', async () => {
    const client = await start('anthropic/claude-test', [[responseStore]], { server: { maxBodyBytes: 20_000 } });
    answer(MESSAGES, { text: 'One.' });
    const { id } = await ask(client, { input: LONG });
    const more = { input: LONG.slice(0, 5_000), previous_response_id: id };
    await expect(ask(client, more)).rejects.toMatchObject({ status: 413, message: expect.stringContaining('20000') });
    expect(gateway.provider.requests).toHaveLength(1);
    answer(MESSAGES, { text: 'Two.' });
    await ask(client, { ...more, input: 'Short.' });
  });

  it('is not mixed up with others at the same time', async () => {
    await start('chat/gpt-test');
    gateway.provider.on('/v1/chat/completions', (request, wire) => {
      const messages = (request.body?.messages ?? []) as { content: string }[];
      return reply({ text: `echo ${messages.at(-1)?.content}` })(request, wire);
    });
    const talk = async (who: string): Promise<void> => {
      const client = clientOf(who.slice(0, 1));
      let previous: OpenAI.Responses.Response | undefined;
      for (const turn of ['a', 'b', 'c']) {
        previous = await ask(
          client,
          { input: `${who}${turn}`, ...(previous === undefined ? {} : { previous_response_id: previous.id }) },
          turn === 'b',
        );
      }
      const items = await client.responses.inputItems.list(previous?.id ?? '', { order: 'asc' });
      const said = items.data.map((item) => ('content' in item ? (item.content as { text: string }[])[0]?.text : ''));
      expect(said).toEqual([`${who}a`, `echo ${who}a`, `${who}b`, `echo ${who}b`, `${who}c`]);
      expect(previous?.output_text).toBe(`echo ${who}c`);
    };
    await Promise.all(Array.from({ length: 12 }, (_, index) => talk(`${index % 2}-${index}`)));
  });

  it('is not kept where a part of it is known to the provider alone', async () => {
    const client = await start('openai/gpt-5.5', [[responseStore], [touch]]);
    answer(RESPONSES, { text: 'One.' });
    const created = await ask(client, { input: 'Hi', conversation: 'conv_1' });
    expect(upstream()).toMatchObject({ conversation: 'conv_1' });
    expect(created.store).toBe(false);
    await expect(client.responses.retrieve(created.id)).rejects.toMatchObject(NOT_FOUND);
  });
});
