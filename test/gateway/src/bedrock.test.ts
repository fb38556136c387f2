import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import providerBedrock from '@signalbox/provider-bedrock';
import { cutAfter, json, type Responder, reply, sse } from '@signalbox/testkit';
import { EventStreamCodec } from '@smithy/core/event-streams';
import OpenAI from 'openai';
import { signatureOf } from './aws-signature.ts';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a-very-secret-access-key' };
const MODEL = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const STREAM = `/model/${encodeURIComponent(MODEL)}/converse-stream`;
const WHOLE = `/model/${encodeURIComponent(MODEL)}/converse`;

let gateway: TestGateway;
afterEach(() => gateway.close());

async function start(targets: readonly string[] = [`bedrock/${MODEL}`], more: JsonObject = KEY): Promise<void> {
  const plugins = (baseUrl: string) => [[providerBedrock, { region: 'eu-central-1', baseUrl, ...more }] as const];
  gateway = await startTestGateway({ targets, plugins });
}

const codec = new EventStreamCodec(String, (text) => Buffer.from(text));

function frame(name: string, payload: JsonObject, kind: 'event' | 'exception' = 'event'): Uint8Array {
  const string = (value: string) => ({ type: 'string', value }) as const;
  const headers = {
    [kind === 'event' ? ':event-type' : ':exception-type']: string(name),
    ':content-type': string('application/json'),
    ':message-type': string(kind),
  };
  return codec.encode({ headers, body: Buffer.from(JSON.stringify(payload)) });
}
const delta = (contentBlockIndex: number, part: JsonObject) =>
  frame('contentBlockDelta', { contentBlockIndex, delta: part, p: 'abc' });
const stop = (contentBlockIndex: number) => frame('contentBlockStop', { contentBlockIndex });
const call = (contentBlockIndex: number, toolUseId: string, input: string) => [
  frame('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId, name: 'weather' } } }),
  delta(contentBlockIndex, { toolUse: { input } }),
  stop(contentBlockIndex),
];
const TURN = [
  frame('messageStart', { role: 'assistant' }),
  delta(0, { reasoningContent: { text: 'Two look-ups.' } }),
  delta(0, { reasoningContent: { signature: 'U0lH' } }),
  stop(0),
  delta(1, { text: 'Checking both 😀.' }),
  stop(1),
  ...call(2, 'tooluse_a', '{"city":"Oslo"}'),
  ...call(3, 'tooluse_b', '{"city":"Lima"}'),
  frame('messageStop', { stopReason: 'tool_use' }),
  frame('metadata', {
    usage: { inputTokens: 80, outputTokens: 70, totalTokens: 180, cacheReadInputTokens: 30 },
    metrics: { latencyMs: 900 },
  }),
];

/** Bedrock's stream, in pieces that are no frames. */
const events = (...frames: readonly Uint8Array[]): Responder =>
  sse(Buffer.concat(frames), { headers: { 'content-type': 'application/vnd.amazon.eventstream' }, chunkSize: 61 });
const ANSWER = {
  output: { message: { role: 'assistant', content: [{ text: 'Hello.' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 8, outputTokens: 7, totalTokens: 15 },
};
const fail = (status: number, type: string, message: string): Responder =>
  json(status, { message }, { 'x-amzn-errortype': type });

const tools: Anthropic.Tool[] = [
  { name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
];

const expectedSignature = (index: number) => signatureOf(gateway.provider.requests[index], KEY.secretAccessKey);

describe('a call', () => {
  it('is signed over the bytes that arrive, once per try', async () => {
    await start();
    gateway.provider.once(WHOLE, fail(500, 'InternalServerException', 'oops'));
    gateway.provider.on(WHOLE, json(200, ANSWER));
    await gateway.post('/v1/messages', messagesBody({ messages: [{ role: 'user', content: 'Zürich 😀' }] }));
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(await answer.json()).toMatchObject({
      content: [{ type: 'text', text: 'Hello.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 8, output_tokens: 7 },
    });
    for (const index of [0, 1]) {
      const { sent, expected } = expectedSignature(index);
      expect(sent).toBe(expected);
    }
    const { headers } = gateway.provider.requests[1] ?? {};
    expect(headers?.['content-type']).toBe('application/json');
    expect(JSON.stringify(headers)).not.toContain(KEY.secretAccessKey);
  });

  it('goes with an API key as it is', async () => {
    await start(undefined, { apiKey: 'bedrock-api-key' });
    gateway.provider.on(WHOLE, json(200, ANSWER));
    await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(gateway.provider.requests[0]?.headers.authorization).toBe('Bearer bedrock-api-key');
    expect(gateway.provider.requests[0]?.headers).not.toHaveProperty('x-amz-date');
  });
});

describe('a stream', () => {
  it('F87 satisfies Anthropic’s SDK, and its reasoning goes back with its signature', async () => {
    await start();
    gateway.provider.once(STREAM, events(...TURN));
    gateway.provider.once(
      STREAM,
      events(delta(0, { text: 'Done.' }), frame('messageStop', { stopReason: 'end_turn' })),
    );
    const client = new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
    const ask = { model: 'm', max_tokens: 4_000, tools, thinking: { type: 'enabled', budget_tokens: 1_024 } } as const;
    const question = { role: 'user', content: 'Oslo and Lima?' } as const;
    const first = await client.messages.stream({ ...ask, messages: [question] }).finalMessage();
    expect(first.content).toMatchObject([
      { type: 'thinking', thinking: 'Two look-ups.' },
      { type: 'text', text: 'Checking both 😀.' },
      { type: 'tool_use', name: 'weather', input: { city: 'Oslo' } },
      { type: 'tool_use', name: 'weather', input: { city: 'Lima' } },
    ]);
    expect(first).toMatchObject({
      stop_reason: 'tool_use',
      usage: { input_tokens: 80, cache_read_input_tokens: 30, output_tokens: 70 },
    });

    const results = first.content
      .filter((block) => block.type === 'tool_use')
      .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'Rain.' }) as const);
    const second = await client.messages
      .stream({
        ...ask,
        messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
      })
      .finalMessage();
    expect(second.content).toMatchObject([{ type: 'text', text: 'Done.' }]);
    const { body } = gateway.provider.requests[1] ?? {};
    expect(body).toMatchObject({
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1_024 } },
      messages: [
        {},
        {
          content: [{ reasoningContent: { reasoningText: { text: 'Two look-ups.', signature: 'U0lH' } } }, {}, {}, {}],
        },
        { content: [{ toolResult: { content: [{ text: 'Rain.' }] } }, { toolResult: {} }] },
      ],
    });
    expect(expectedSignature(1).sent).toBe(expectedSignature(1).expected);
  });

  it('F87 satisfies OpenAI’s SDK', async () => {
    await start();
    gateway.provider.on(STREAM, events(...TURN));
    const client = new OpenAI({ apiKey: 'client-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const stream = client.chat.completions.stream({
      ...(chatBody() as { messages: [] }),
      model: 'm',
      stream_options: { include_usage: true },
      tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } }],
    });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'Checking both 😀.' } });
    expect(choices[0]?.message.tool_calls).toHaveLength(2);
    expect(usage).toMatchObject({ prompt_tokens: 110, completion_tokens: 70 });
  });

  it('F15 that fails before its first content goes to the next target', async () => {
    await start([`bedrock/${MODEL}`, 'chat/m']);
    gateway.provider.on(
      STREAM,
      events(
        frame('messageStart', { role: 'assistant' }),
        frame('throttlingException', { message: 'slow' }, 'exception'),
      ),
    );
    gateway.provider.on('/v1/chat/completions', reply({ text: 'Here I am.' }));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(answer.headers.get('x-signalbox-attempts')).toBe('2');
    expect(await answer.text()).toContain('Here I am.');
  });

  it.each<[string, Responder, string]>([
    [
      'with an exception',
      events(...TURN.slice(0, 6), frame('modelStreamErrorException', { message: 'broke off' }, 'exception')),
      'PROVIDER_FAILED',
    ],
    ['by a cut', cutAfter(Buffer.concat(TURN.slice(0, 8)).length, 'end', events(...TURN)), 'CUT_STREAM'],
  ])('F17 F21 that ends %s after its first content ends as an error', async (_how, responder, code) => {
    await start();
    gateway.provider.on(STREAM, responder);
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    const text = await answer.text();
    expect(text).toContain('Checking both');
    expect(text).toContain('event: error');
    expect(text).not.toContain('message_stop');
    expect((await gateway.nextRecord()).error?.code).toBe(code);
  });
});

it.each<[string, Responder, number, string]>([
  ['a limit', fail(429, 'ThrottlingException', 'Too many requests'), 429, 'rate_limit_error'],
  ['a refused key', fail(403, 'UnrecognizedClientException', 'invalid token'), 502, 'api_error'],
  [
    'F10 too long a prompt',
    fail(
      400,
      'ValidationException',
      'The model returned the following errors: prompt is too long: 208310 tokens > 200000 maximum',
    ),
    400,
    'prompt is too long: 208310 tokens > 200000 maximum',
  ],
])('%s is told in the client’s words', async (_name, responder, status, said) => {
  await start();
  gateway.provider.on(WHOLE, responder);
  const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain(said);
});
