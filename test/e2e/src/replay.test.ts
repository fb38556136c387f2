import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definePlugin, type JsonObject, type JsonValue } from '@signalbox/kit';
import providerAnthropic from '@signalbox/provider-anthropic';
import providerCompatible from '@signalbox/provider-compatible';
import providerDeepseek from '@signalbox/provider-deepseek';
import providerDemo from '@signalbox/provider-demo';
import providerOpenai from '@signalbox/provider-openai';
import providerOpenrouter from '@signalbox/provider-openrouter';
import { json, type Responder, reply, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { unaccounted } from './accounting.ts';
import { anthropicProblems } from './anthropic-shape.ts';
import { type ChatDialect, chatProblems } from './chat-shape.ts';
import { type PluginEntry, startGateway, type TestGateway } from './gateway.ts';
import { PROVIDER_KEY } from './lanes.ts';
import { type Answer, type RecordedCall, recordedCalls, send } from './recorded.ts';

/** Where the recordings are sent: a provider plugin, and how its requests may look. */
interface Destination {
  readonly name: string;
  readonly plugins: (url: string) => readonly PluginEntry[];
  /** `undefined`: the model that the client asked for. */
  readonly model?: string;
  readonly chat?: ChatDialect;
  readonly anthropic?: { readonly extraFields?: readonly string[] };
}

const apiKey = PROVIDER_KEY;
const changeNothing = definePlugin({
  name: 'test-change-nothing',
  apply: ({ hooks }) => hooks.transformIn.tap('test-change-nothing', (request) => ({ ...request })),
});

const CHAT: readonly Destination[] = [
  {
    name: 'provider-compatible',
    plugins: (url) => [[providerCompatible, { name: 'to', baseUrl: `${url}/v1`, apiKey }]],
    model: 'some-model',
    chat: { messageFields: ['reasoning_content'] },
  },
  ...['deepseek-v4-pro', 'deepseek-v4-flash'].map((model) => ({
    name: `provider-deepseek (${model})`,
    plugins: (url: string): readonly PluginEntry[] => [[providerDeepseek, { name: 'to', baseUrl: url, apiKey }]],
    model,
    chat: { fields: ['thinking', 'user_id'], messageFields: ['reasoning_content'] },
  })),
  ...['z-ai/glm-5', 'anthropic/claude-sonnet-4.5'].map((model) => ({
    name: `provider-openrouter (chat, ${model})`,
    plugins: (url: string): readonly PluginEntry[] => [
      [providerOpenrouter, { name: 'to', baseUrl: `${url}/v1`, apiKey }],
    ],
    model,
    chat: {
      fields: ['plugins', 'reasoning', 'session_id', 'top_k'],
      messageFields: ['reasoning', 'reasoning_details'],
      partFields: ['cache_control'],
      toolFields: ['cache_control'],
    },
  })),
  ...['gpt-4.1', 'gpt-5.4', 'o3'].map((model) => ({
    name: `provider-openai (${model})`,
    plugins: (url: string): readonly PluginEntry[] => [
      [providerOpenai, { name: 'to', baseUrl: `${url}/v1`, apiKey, surface: 'chat' }],
    ],
    model,
    chat: {},
  })),
];

const ANTHROPIC_SKINS: readonly Destination[] = [
  {
    name: 'provider-deepseek (anthropic)',
    plugins: (url) => [[providerDeepseek, { name: 'to', baseUrl: url, apiKey, skin: 'anthropic' }]],
    model: 'deepseek-v4-pro',
    anthropic: {},
  },
  {
    name: 'provider-openrouter (anthropic)',
    plugins: (url) => [[providerOpenrouter, { name: 'to', baseUrl: `${url}/v1`, apiKey, skin: 'anthropic' }]],
    model: 'z-ai/glm-5',
    anthropic: { extraFields: ['session_id'] },
  },
  {
    name: 'provider-compatible (anthropic)',
    plugins: (url) => [[providerCompatible, { name: 'to', baseUrl: url, apiKey, format: 'anthropic-messages' }]],
    model: 'some-model',
    anthropic: {},
  },
];

const calls = recordedCalls();
const chatCalls = calls.filter(({ method, path }) => method === 'POST' && path === '/v1/messages');
const countCalls = calls.filter(({ path }) => path.endsWith('/count_tokens'));
const ANSWER = 'Answered by the script.';
const script: Responder = (request, wire) =>
  (request.path.endsWith('/count_tokens') ? json(200, { input_tokens: 4_321 }) : reply({ text: ANSWER }))(
    request,
    wire,
  );

if (calls.length === 0) {
  it('SKIPPED: the recorded requests of Claude Code (../shared/claude-code/requests) are not on this machine', () => {
    process.stderr.write('replay.test.ts: ../shared/claude-code/requests is absent, nothing is replayed\n');
    expect(calls).toEqual([]);
  });
} else {
  describe.each(CHAT)('the recorded requests of Claude Code, to $name', (destination) => {
    const line = connect(destination);

    it.each(chatCalls)('F42 F47 F48 F49 $name', async (call) => {
      const { answer, upstream, notes } = await line.replay(call);
      expectAnswer(answer, call);
      expect(chatProblems(upstream, destination.chat)).toEqual([]);
      expect(unaccounted(call.body as JsonObject, upstream, notes)).toEqual([]);
      expect(JSON.stringify(upstream)).not.toContain('x-anthropic-billing-header');
      expect(upstream.model).toBe(destination.model);
    });

    it.each(countCalls)('F26 $name', async (call) => {
      const before = line.provider.requests.length;
      const answer = await send(line.gateway.url, call);
      expect(answer.status).toBe(200);
      expect((JSON.parse(answer.text) as { input_tokens: number }).input_tokens).toBeGreaterThan(10);
      expect(line.provider.requests).toHaveLength(before);
    });
  });

  describe.each(ANTHROPIC_SKINS)('the recorded requests of Claude Code, to $name', (destination) => {
    const line = connect(destination);

    it.each(chatCalls)('F48 $name', async (call) => {
      const { answer, upstream, notes } = await line.replay(call);
      expectAnswer(answer, call);
      const own = Object.keys(call.body ?? {});
      const extra = destination.anthropic?.extraFields ?? [];
      expect(anthropicProblems(upstream, [...extra, ...own])).toEqual([]);
      expect(unaccounted(call.body as JsonObject, upstream, notes)).toEqual([]);
      expect(JSON.stringify(upstream)).not.toContain('x-anthropic-billing-header');
      expect(upstream.model).toBe(destination.model);
    });
  });

  describe('the recorded requests of Claude Code, to provider-anthropic', () => {
    const line = connect({
      name: 'pass-through',
      plugins: (url) => [[providerAnthropic, { name: 'to', baseUrl: url, apiKey }]],
      model: 'claude-upstream-1',
    });

    it.each(chatCalls)('pass through byte for byte but for the model: $name', async (call) => {
      const { answer, rawUpstream, notes, lane } = await line.replay(call);
      expectAnswer(answer, call);
      expect(lane).toBe('pass-through');
      expect(rawUpstream).toBe(JSON.stringify({ ...call.body, model: 'claude-upstream-1' }));
      expect(notes).toEqual([]);
    });

    it.each(countCalls)('F26 are counted by the provider: $name', async (call) => {
      const answer = await send(line.gateway.url, call);
      expect(JSON.parse(answer.text)).toEqual({ input_tokens: 4_321 });
      const request = line.provider.requests.at(-1);
      expect(request?.path).toBe('/v1/messages/count_tokens');
      expect(request?.body).toEqual({ ...call.body, model: 'claude-upstream-1' });
    });
  });

  describe('the recorded requests of Claude Code, decoded and encoded again for provider-anthropic', () => {
    const line = connect({
      name: 'canonical',
      plugins: (url) => [[providerAnthropic, { name: 'to', baseUrl: url, apiKey }], [changeNothing]],
    });

    it.each(chatCalls)('say the same: $name', async (call) => {
      const { answer, upstream, lane } = await line.replay(call);
      expectAnswer(answer, call);
      expect(lane).toBe('canonical');
      expect(plain(upstream)).toEqual(plain(call.body as JsonObject));
    });
  });

  describe('the recorded requests of Claude Code, to provider-demo', () => {
    const line = connect({
      name: 'demo',
      plugins: () => [[providerDemo, { name: 'to', chunkDelayMs: 0 }]],
      model: 'demo',
    });

    it.each(chatCalls)('are answered: $name', async (call) => {
      const answer = await send(line.gateway.url, call);
      expect(answer.status).toBe(200);
      expect(answer.text).toContain(JSON.stringify(call.body?.model));
      if (call.body?.stream === true) expect(answer.text).toMatch(/event: message_stop\n/);
      else expect(JSON.parse(answer.text)).toMatchObject({ type: 'message', stop_reason: expect.any(String) });
    });

    it.each(calls.filter(({ method }) => method !== 'POST'))('are answered: $name', async (call) => {
      expect((await send(line.gateway.url, call)).status).toBe(200);
    });
  });
}

interface Replayed {
  readonly answer: Answer;
  readonly upstream: JsonObject;
  readonly rawUpstream: string;
  readonly notes: TestGateway['records'][number]['notes'];
  readonly lane: string | undefined;
}

/** A gateway for one group of tests. */
function connect({ plugins, model }: Destination) {
  let provider: ScriptedProvider;
  let gateway: TestGateway;
  beforeAll(async () => {
    provider = await startScriptedProvider({ script });
    gateway = await startGateway({
      plugins: plugins(provider.url),
      target: model === undefined ? 'to' : `to/${model}`,
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await provider.close();
  });
  return {
    get provider() {
      return provider;
    },
    get gateway() {
      return gateway;
    },
    async replay(call: RecordedCall): Promise<Replayed> {
      const finished = gateway.records.length;
      const sent = provider.requests.length;
      const answer = await send(gateway.url, call);
      const { notes, lane } = await gateway.waitForRecord(finished);
      const request = provider.requests[sent];
      if (request === undefined)
        throw new Error(`nothing was sent upstream; the client got ${answer.status} ${answer.text}`);
      expect(JSON.stringify(request.headers)).not.toContain('test-token');
      return { answer, upstream: request.body ?? {}, rawUpstream: request.rawBody.toString(), notes, lane };
    },
  };
}

function expectAnswer({ status, text }: Answer, { body }: RecordedCall): void {
  expect(status).toBe(200);
  if (body?.stream !== true) {
    expect(JSON.parse(text)).toMatchObject({
      type: 'message',
      model: body?.model,
      content: [{ type: 'text', text: ANSWER }],
    });
    return;
  }
  const events = text
    .split('\n')
    .filter((row) => row.startsWith('data: '))
    .map((row) => JSON.parse(row.slice(6)) as { type: string; message?: JsonObject; delta?: { text?: string } });
  expect(events[0]).toMatchObject({ type: 'message_start', message: { model: body.model } });
  expect(events.map(({ delta }) => delta?.text ?? '').join('')).toBe(ANSWER);
  expect(events.at(-1)?.type).toBe('message_stop');
}

/** The same request in one spelling: text content as a block, an empty list of tools as none. */
function plain(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, item]) => !(key === 'tools' && Array.isArray(item) && item.length === 0))
    .map(([key, item]): [string, JsonValue] => [
      key,
      key === 'content' && typeof item === 'string' ? [{ type: 'text', text: item }] : plain(item as JsonValue),
    ]);
  return Object.fromEntries(entries);
}
