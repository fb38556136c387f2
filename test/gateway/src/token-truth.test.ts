import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import providerBedrock from '@signalbox/provider-bedrock';
import providerGemini from '@signalbox/provider-gemini';
import providerOllama from '@signalbox/provider-ollama';
import providerOpenai from '@signalbox/provider-openai';
import { type Responder, reply, sse, type Turn } from '@signalbox/testkit';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { startTestGateway, type TestGateway } from './harness.ts';

const SYSTEM = 'The harbour was quiet when the first boats came back. '.repeat(200);
/** What the provider counts, far from what anybody would estimate. */
const USAGE = { promptTokens: 3_500, cacheReadTokens: 1_000, completionTokens: 77 };

let gateway: TestGateway;
afterEach(() => gateway.close());

const codec = new EventStreamCodec(String, (text) => Buffer.from(text));
function frame(name: string, payload: JsonObject): Uint8Array {
  const string = (value: string) => ({ type: 'string', value }) as const;
  const headers = { ':event-type': string(name), ':message-type': string('event') };
  return codec.encode({ headers, body: Buffer.from(JSON.stringify(payload)) });
}

/** Bedrock's counts leave cached tokens out. */
const bedrockReply = ({ text, usage }: Turn): Responder => {
  const { promptTokens = 0, cacheReadTokens = 0, completionTokens: outputTokens } = usage ?? {};
  const counts = { inputTokens: promptTokens - cacheReadTokens, cacheReadInputTokens: cacheReadTokens, outputTokens };
  const frames = [
    frame('messageStart', { role: 'assistant' }),
    frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: String(text) } }),
    frame('contentBlockStop', { contentBlockIndex: 0 }),
    frame('messageStop', { stopReason: 'end_turn' }),
    ...(usage === undefined ? [] : [frame('metadata', { usage: counts as JsonObject })]),
  ];
  return sse(Buffer.concat(frames), { headers: { 'content-type': 'application/vnd.amazon.eventstream' } });
};

interface Foreign {
  readonly target: string;
  readonly cached: boolean;
  readonly answer: (turn: Turn) => Responder;
}
const FOREIGN: readonly Foreign[] = [
  { target: 'chat/m', cached: true, answer: reply },
  { target: 'openai/gpt-5.2', cached: true, answer: reply },
  { target: 'gemini/gemini-3.8-flash', cached: true, answer: reply },
  // Counts the prompt as a whole.
  { target: 'ollama/qwen3', cached: false, answer: reply },
  { target: 'bedrock/eu.anthropic.claude-x', cached: true, answer: bedrockReply },
];

async function start(target: string, responder: Responder): Promise<Anthropic> {
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [providerOpenai, { apiKey: 'k', baseUrl: `${url}/v1` }],
      [providerGemini, { apiKey: 'k', baseUrl: url }],
      [providerOllama, { baseUrl: url }],
      [providerBedrock, { region: 'eu-central-1', apiKey: 'k', baseUrl: url }],
    ],
  });
  gateway.provider.on(/\/(?:chat\/completions|responses|chat|converse-stream)$|:streamGenerateContent$/, responder);
  return new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 });
}

/** What Anthropic's SDK is told of a stream's tokens: at its start, in its last delta, and as its own sum. */
async function stream(client: Anthropic) {
  const told: { start?: Anthropic.Usage; delta?: Anthropic.MessageDeltaUsage } = {};
  const running = client.messages.stream({
    model: 'asked-model',
    max_tokens: 100,
    system: SYSTEM,
    messages: [{ role: 'user', content: 'What of it?' }],
  });
  running.on('streamEvent', (event) => {
    if (event.type === 'message_start') told.start = { ...event.message.usage };
    if (event.type === 'message_delta') told.delta = event.usage;
  });
  const { usage, content } = await running.finalMessage();
  await gateway.nextRecord();
  return { ...told, usage, content };
}

describe.each(FOREIGN)('Anthropic’s SDK, streaming from $target', ({ target, cached, answer }) => {
  it('F25 F31 F35 is told an estimate first and the provider’s count last, and better estimates from then on', async () => {
    const client = await start(target, answer({ text: 'Nothing.', usage: USAGE }));
    const first = await stream(client);
    expect(first.content).toMatchObject([{ type: 'text', text: 'Nothing.' }]);
    const estimate = first.start?.input_tokens ?? 0;
    expect(estimate).toBeGreaterThan(2_000);
    expect(estimate).toBeLessThan(3_000);
    expect(first.start?.output_tokens).toBeLessThan(10);
    const truth = {
      input_tokens: USAGE.promptTokens - (cached ? USAGE.cacheReadTokens : 0),
      cache_read_input_tokens: cached ? USAGE.cacheReadTokens : 0,
      output_tokens: USAGE.completionTokens,
    };
    expect({ cache_read_input_tokens: 0, ...known(first.delta) }).toMatchObject(truth);
    expect({ cache_read_input_tokens: 0, ...known(first.usage) }).toMatchObject(truth);

    const second = await stream(client);
    expect((second.start?.input_tokens ?? 0) / USAGE.promptTokens).toBeCloseTo(1, 1);
    expect({ cache_read_input_tokens: 0, ...known(second.usage) }).toMatchObject(truth);
  });

  it('F25 keeps the estimate where the provider reports nothing', async () => {
    const { start: told, usage } = await stream(await start(target, withoutUsage(answer)));
    expect(usage.input_tokens).toBe(told?.input_tokens);
    expect(usage.input_tokens).toBeGreaterThan(2_000);
  });
});

it('a whole answer, for which nobody needed an estimate, corrects later ones, too', async () => {
  const client = await start('chat/m', reply({ text: 'Nothing.', usage: USAGE }));
  const asked = {
    model: 'asked-model',
    system: SYSTEM,
    messages: [{ role: 'user' as const, content: 'What of it?' }],
  };
  await client.messages.create({ ...asked, max_tokens: 100 });
  await gateway.nextRecord();
  const { input_tokens } = await client.messages.countTokens(asked);
  expect(input_tokens / USAGE.promptTokens).toBeCloseTo(1, 1);
});

/** Without what is `null`: the SDK's word for not known. */
function known(usage: object | undefined): object {
  return Object.fromEntries(Object.entries(usage ?? {}).filter(([, value]) => value !== null));
}

/** The same answer with no word about tokens. */
function withoutUsage(answer: Foreign['answer']): Responder {
  if (answer === bedrockReply) return bedrockReply({ text: 'Nothing.' });
  const plain = answer({ text: 'Nothing.' });
  return (request, wire) =>
    plain(request, {
      ...wire,
      write: (bytes) =>
        wire.write(
          Buffer.from(
            Buffer.from(bytes)
              .toString()
              .replace(/"usage(?:Metadata)?":\{(?:[^{}]|\{[^{}]*\})*\}/g, '"other":{}')
              .replace(/"(?:prompt_)?eval_count":\d+/g, '"other":0'),
          ),
        ),
    } as typeof wire);
}
