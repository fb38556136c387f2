import { afterEach, describe, expect, it } from '@jest/globals';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, type JsonObject, type Plugin } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import providerOpenai from '@signalbox/provider-openai';
import {
  anthropicTurn,
  cutAfter,
  json,
  type Responder,
  reply,
  responsesTurn,
  sse,
  type Turn,
} from '@signalbox/testkit';
import responseStore from '@signalbox/transform-response-store';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const TARGETS = ['anthropic/claude-test', 'chat/gpt-test'] as const;
const PATHS: Readonly<Record<string, string>> = {
  'anthropic/claude-test': '/v1/messages',
  'chat/gpt-test': '/v1/chat/completions',
};
const LIMITS = { ttlMinutes: 10, maxEntries: 100, maxBytes: 1_000_000 };
/** Whoever has this key is called by it. */
const byKey = definePlugin({
  name: 'test-by-key',
  apply: ({ hooks }) => hooks.auth.tap('test-by-key', ({ headers }) => ({ id: headers.authorization ?? '' })),
});
const LOOK = {
  type: 'function' as const,
  name: 'look',
  parameters: { type: 'object', properties: {} },
  strict: false,
};
const PATCH = { type: 'custom' as const, name: 'patch' };

const options = (
  targets: readonly string[],
  more: readonly (readonly [Plugin, JsonObject?])[] = [],
): TestGatewayOptions => ({
  targets,
  plugins: (url) => [
    [openaiResponses],
    [byKey],
    [responseStore, LIMITS],
    [providerOpenai, { apiKey: 'sk-gateway-openai', baseUrl: `${url}/openai/v1` }],
    ...more,
  ],
});

async function start(...given: Parameters<typeof options>): Promise<OpenAI> {
  gateway = await startTestGateway(options(...given));
  return clientOf('me');
}

function clientOf(key: string): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0, logLevel: 'off' });
}

type Asked = Pick<
  OpenAI.Responses.ResponseCreateParamsNonStreaming,
  'input' | 'instructions' | 'previous_response_id' | 'store' | 'tools'
>;

async function ask(client: OpenAI, stream: boolean, body: Asked): Promise<OpenAI.Responses.Response> {
  const asked = { model: 'asked', ...body };
  return stream ? client.responses.stream(asked).finalResponse() : client.responses.create(asked);
}

const upstream = (at = -1) => gateway.provider.requests.at(at)?.body as JsonObject;
const says = (turn: Turn): Responder => {
  const { body, sse: frames } = responsesTurn(turn);
  return (request, wire) => (request.body?.stream === true ? sse(frames) : json(200, body))(request, wire);
};
const answer = (turns: readonly Turn[], path: string): void => {
  for (const turn of turns) gateway.provider.once(path, path.endsWith('/responses') ? says(turn) : reply(turn));
};

const CALLS: Turn[] = [
  {
    reasoning: 'Hm.',
    signature: 'c2ln',
    text: 'Let me look.',
    toolCalls: [{ id: 'call_1', name: 'look', arguments: {} }],
  },
  { toolCalls: [{ id: 'call_1', name: 'patch', arguments: { input: '+ä' } }] },
  { text: 'Done.' },
];

describe.each(TARGETS)('F78 previous_response_id at %s', (target) => {
  const path = PATHS[target] ?? '';

  it.each([false, true])('is the same as sending everything, turn after turn (streamed: %s)', async (stream) => {
    const client = await start([target]);
    const tools = [LOOK, PATCH];
    const opening: OpenAI.Responses.ResponseInput = [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Look, then patch.' },
    ];
    answer([...CALLS, ...CALLS], path);

    const first = await ask(client, stream, { input: opening, tools });
    expect(first).toMatchObject({ store: true });
    const call = first.output.find(({ type }) => type === 'function_call');
    if (call?.type !== 'function_call') throw new Error('no call');
    const found = { type: 'function_call_output' as const, call_id: call.call_id, output: 'a heron' };
    const second = await ask(client, stream, { input: [found], tools, previous_response_id: first.id });
    expect(second.previous_response_id).toBe(first.id);
    const custom = second.output.find(({ type }) => type === 'custom_tool_call');
    if (custom?.type !== 'custom_tool_call') throw new Error('no custom call');
    expect(custom.call_id).not.toBe(call.call_id);
    const patched = { type: 'custom_tool_call_output' as const, call_id: custom.call_id, output: 'ok' };
    const thanks: OpenAI.Responses.ResponseInput = [patched, { role: 'user', content: 'And?' }];
    const third = await ask(client, stream, { input: thanks, tools, previous_response_id: second.id });
    expect(third.output_text).toBe('Done.');

    const everything = [
      ...opening,
      ...first.output,
      found,
      ...second.output,
      ...thanks,
    ] as OpenAI.Responses.ResponseInput;
    await ask(client, stream, { input: everything, tools, store: false });
    expect(upstream(2)).toEqual(upstream(3));
    expect(JSON.stringify(upstream(2))).toContain('a heron');
    for (const { notes } of gateway.records)
      expect(notes.filter(({ path: at }) => /previous|store/.test(at))).toEqual([]);
  });

  it('goes on from one response in two ways, with other instructions', async () => {
    const client = await start([target]);
    answer([{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }], path);
    const first = await ask(client, false, { input: 'Begin.', instructions: 'Be a pirate.' });
    const more = { previous_response_id: first.id };
    await ask(client, false, { ...more, input: 'Left.' });
    expect(JSON.stringify(upstream())).not.toContain('pirate');
    await ask(client, false, { ...more, input: 'Right.', instructions: 'Be a poet.' });
    const sent = JSON.stringify(upstream());
    for (const part of ['Begin.', 'One.', 'Right.', 'Be a poet.']) expect(sent).toContain(part);
    for (const part of ['Left.', 'Two.', 'pirate']) expect(sent).not.toContain(part);
  });

  it('survives a reload, and knows neither what was not to be stored nor what others were told', async () => {
    const client = await start([target]);
    answer([{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }], path);
    const unknown = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' };
    const open = await ask(client, false, { input: 'Begin.' });
    const closed = await ask(client, true, { input: 'Psst.', store: false });
    expect(closed).toMatchObject({ store: false });
    await gateway.reload();
    const next = { input: 'Go on.' };
    for (const id of [closed.id, 'resp_1', 'resp_sbx_unknown']) {
      await expect(ask(client, false, { ...next, previous_response_id: id })).rejects.toMatchObject(unknown);
    }
    const stranger = clientOf('you');
    await expect(ask(stranger, false, { ...next, previous_response_id: open.id })).rejects.toMatchObject(unknown);
    expect(gateway.provider.requests).toHaveLength(2);
    expect((await ask(client, false, { ...next, previous_response_id: open.id })).output_text).toBe('Three.');
  });

  it('keeps nothing of an answer that breaks off', async () => {
    const client = await start([target]);
    answer([{ text: 'One.' }], path);
    const first = await ask(client, false, { input: 'Begin.' });
    gateway.provider.once(path, (request, wire) =>
      cutAfter(120, 'rst', reply({ text: 'A long answer.' }))(request, wire),
    );
    const body = { model: 'asked', input: 'More.', stream: true, previous_response_id: first.id };
    const text = await (await gateway.post('/v1/responses', body, { authorization: 'Bearer me' })).text();
    expect(text).not.toContain('response.completed');
    const health = (await (await fetch(`${gateway.url}/health`)).json()) as { keptResponses?: JsonObject };
    expect(JSON.stringify(health)).toContain('"responses":1');
  });
});

describe('beside a provider of Responses', () => {
  const native = '/openai/v1/responses';

  it('leaves what passes through to it, ids and all', async () => {
    const client = await start(['openai/gpt-5.5']);
    answer([{ text: 'One.' }], native);
    const body = '{"model": "gpt-5.5", "input":"Hi",  "previous_response_id":"resp_0"}';
    const passed = await gateway.post('/v1/responses', body, { authorization: 'Bearer me' });
    expect(passed.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(gateway.provider.requests[0]?.rawBody.toString()).toBe(body);
    const { id } = (await passed.json()) as { id: string };
    expect(id).toBe(responsesTurn({ text: 'One.' }).body.id);
    await gateway.reload(options(['anthropic/claude-test']));
    await expect(ask(client, false, { input: 'More.', previous_response_id: id })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
  });

  it('gives it the conversation that another provider began, and takes it back', async () => {
    const client = await start(['anthropic/claude-test']);
    answer(
      [{ text: 'One.', toolCalls: [{ id: 'call_p', name: 'patch', arguments: { input: '+ä' } }] }],
      '/v1/messages',
    );
    const first = await ask(client, false, { input: 'Begin.', tools: [PATCH] });
    await gateway.reload(options(['openai/gpt-5.5']));
    answer([{ text: 'Two.' }], native);
    const second = await ask(client, true, {
      input: [{ type: 'custom_tool_call_output', call_id: 'call_p', output: 'ok' }],
      tools: [PATCH],
      previous_response_id: first.id,
    });
    expect(upstream()).not.toHaveProperty('previous_response_id');
    expect(upstream().input).toMatchObject([
      { role: 'user', content: [{ text: 'Begin.' }] },
      { role: 'assistant', content: [{ text: 'One.' }] },
      { type: 'custom_tool_call', call_id: 'call_p', input: '+ä' },
      { type: 'custom_tool_call_output', call_id: 'call_p', output: 'ok' },
    ]);
    await gateway.reload(options(['anthropic/claude-test']));
    answer([{ text: 'Three.' }], '/v1/messages');
    await ask(client, false, { input: 'And?', previous_response_id: second.id });
    const sent = JSON.stringify(upstream().messages);
    for (const part of ['Begin.', 'One.', 'Two.', 'And?']) expect(sent).toContain(part);
  });

  it('goes on from what only the provider knows, at that provider alone', async () => {
    const touch = definePlugin({
      name: 'test-touch',
      apply: ({ hooks }) => hooks.transformIn.tap('test-touch', (request) => ({ ...request })),
    });
    const client = await start(['openai/gpt-5.5'], [[touch]]);
    answer([{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }], native);
    const first = await ask(client, false, { input: 'Hi.', previous_response_id: 'resp_0' });
    expect(upstream()).toMatchObject({ previous_response_id: 'resp_0' });
    await ask(client, false, { input: 'More.', previous_response_id: first.id });
    expect(upstream()).toMatchObject({
      previous_response_id: 'resp_0',
      input: [
        { role: 'user', content: [{ text: 'Hi.' }] },
        { role: 'assistant', content: [{ text: 'One.' }] },
        { role: 'user', content: [{ text: 'More.' }] },
      ],
    });
    await gateway.reload(options(['anthropic/claude-test']));
    await expect(ask(client, false, { input: 'More.', previous_response_id: first.id })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
  });
});

it('keeps an answer that another provider went on with as the one text that the client has', async () => {
  const old = 'claude-haiku-4-5';
  gateway = await startTestGateway({
    ...options([`anthropic/${old}`]),
    plan: { onCut: 'continue', retry: { maxRetries: 0 } },
  });
  const client = clientOf('me');
  const { sse: stream } = anthropicTurn({ text: ['Once upon ', '@@@'] }, { model: old });
  gateway.provider.once(
    '/v1/messages',
    cutAfter(stream.lastIndexOf('event:', stream.indexOf('@')), 'rst', sse(stream)),
  );
  answer([{ text: ' a time.' }, { text: 'Good.' }], '/v1/messages');
  const first = await ask(client, true, { input: 'Tell.' });
  expect(first.output_text).toBe('Once upon a time.');
  await ask(client, false, { input: 'Nice.', previous_response_id: first.id });
  expect(JSON.stringify(upstream().messages)).toContain('"Once upon a time."');
});

it('forgets over its bounds, and says how much it holds', async () => {
  gateway = await startTestGateway({
    targets: ['far/m'],
    plugins: (url) => [
      [openaiResponses],
      [responseStore, { ...LIMITS, maxEntries: 1 }],
      [providerCompatible, { name: 'far', baseUrl: `${url}/v1`, format: 'openai-chat' }],
    ],
  });
  const client = clientOf('me');
  answer([{ text: 'One.' }, { text: 'Two.' }], '/v1/chat/completions');
  const first = await ask(client, false, { input: 'a' });
  await ask(client, false, { input: 'b' });
  await expect(ask(client, false, { input: 'c', previous_response_id: first.id })).rejects.toMatchObject({
    code: 'previous_response_not_found',
  });
});
