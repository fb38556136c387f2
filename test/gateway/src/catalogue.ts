import type { JsonObject } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import providerDeepseek from '@signalbox/provider-deepseek';
import providerDemo from '@signalbox/provider-demo';
import providerOpenai from '@signalbox/provider-openai';
import providerOpenrouter from '@signalbox/provider-openrouter';
import { json, type Responder, sse } from '@signalbox/testkit';
import { anthropicHeaders, startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

export const CHAT_PATH = '/v1/chat/completions';
export const MESSAGES_PATH = '/v1/messages';

/** Every provider in front of the one scripted socket, beside `anthropic` and `chat`. */
export function startCatalogueGateway(target: string, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { plugins = [], ...rest } = options;
  return startTestGateway({
    targets: [target],
    ...rest,
    plugins: (url) => [
      [providerOpenai, { apiKey: 'sk-openai', baseUrl: `${url}/v1`, surface: 'chat' }],
      [providerDeepseek, { apiKey: 'sk-deepseek', baseUrl: url }],
      [providerOpenrouter, { apiKey: 'sk-openrouter', baseUrl: `${url}/v1` }],
      [providerDemo, { chunkDelayMs: 0 }],
      [
        providerCompatible,
        { name: 'claudish', apiKey: 'sk-claudish', baseUrl: url, format: 'anthropic-messages', betas: ['known-beta'] },
      ],
      ...(typeof plugins === 'function' ? plugins(url) : plugins),
    ],
  });
}

/** A Chat provider's answer: these deltas where a stream is asked for, this message where a whole reply is. */
export function chatAnswer(
  deltas: readonly JsonObject[],
  message: JsonObject,
  { finish = 'stop', usage }: { finish?: string; usage?: JsonObject } = {},
): Responder {
  const envelope = { id: 'c1', created: 1_795_000_000, model: 'm' };
  const choices = (delta: JsonObject, reason: string | null = null) => [{ index: 0, delta, finish_reason: reason }];
  const chunks: JsonObject[] = [...deltas.map((delta) => choices(delta)), choices({}, finish)].map((list) => ({
    ...envelope,
    object: 'chat.completion.chunk',
    choices: list,
  }));
  if (usage !== undefined) chunks.push({ ...envelope, object: 'chat.completion.chunk', choices: choices({}), usage });
  const whole = {
    ...envelope,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finish }],
    ...(usage === undefined ? {} : { usage }),
  };
  const stream = sse(dataFrames(...chunks, '[DONE]'), { chunkSize: 64 });
  const body = json(200, whole);
  return (request, wire) => (request.body?.stream === true ? stream : body)(request, wire);
}

export function dataFrames(...data: readonly (JsonObject | string)[]): string {
  return data.map((item) => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`).join('');
}

/** The JSON of every frame, with the name on its `event:` line. */
export function framesOf(text: string): { event: string; data: JsonObject }[] {
  return text.split('\n\n').flatMap((frame) => {
    const data = /^data: (\{.*)$/m.exec(frame)?.[1];
    if (data === undefined) return [];
    return [{ event: /^event: (.*)$/m.exec(frame)?.[1] ?? '', data: JSON.parse(data) as JsonObject }];
  });
}

/** An answer as an Anthropic client reads it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as received. */
  readonly text: string;
  readonly content: readonly JsonObject[];
  readonly stopReason: unknown;
  /** Later counts over earlier ones. */
  readonly usage: JsonObject;
  /** The error body, or the data of the error event. */
  readonly error: unknown;
}

/** Asks as an Anthropic client and puts a stream together without the code under test. */
export async function askMessages(gateway: TestGateway, body: object, headers: object = {}): Promise<Answer> {
  const answer = await gateway.post(MESSAGES_PATH, body, { ...anthropicHeaders, ...headers });
  const text = await answer.text();
  const { status, headers: received } = answer;
  const head = { status, headers: received, text };
  if (received.get('content-type')?.startsWith('text/event-stream') !== true) {
    const whole = JSON.parse(text) as Record<string, never>;
    const { content = [], stop_reason: stopReason, usage = {}, error } = whole;
    return { ...head, content, stopReason, usage, error };
  }
  return { ...head, ...messageOf(framesOf(text)) };
}

function messageOf(frames: readonly { event: string; data: JsonObject }[]) {
  const content: (JsonObject & { json?: string })[] = [];
  let usage: JsonObject = {};
  let stopReason: unknown;
  let error: unknown;
  let open = -1;
  let starts = 0;
  for (const { event, data } of frames) {
    if (event !== data.type) throw new Error(`the frame "${event}" is of the type "${String(data.type)}"`);
    const { index, delta, content_block: block } = data;
    switch (event) {
      case 'message_start':
        if (++starts > 1) throw new Error('a second message_start');
        usage = { ...(data.message as { usage?: JsonObject }).usage };
        break;
      case 'content_block_start':
        if (open !== -1 || index !== content.length) throw new Error(`block ${String(index)} opens at a wrong place`);
        open = index;
        content.push({ ...(block as JsonObject) });
        break;
      case 'content_block_delta':
        if (index !== open) throw new Error(`a delta for block ${String(index)}, which is not open`);
        addDelta(content[open] as JsonObject, delta as Readonly<Record<string, string>>);
        break;
      case 'content_block_stop':
        if (index !== open) throw new Error(`block ${String(index)} is closed and not open`);
        open = -1;
        break;
      case 'message_delta':
        stopReason = (delta as JsonObject).stop_reason;
        usage = { ...usage, ...(data.usage as JsonObject) };
        break;
      case 'error':
        error = data.error;
    }
  }
  return { content, usage, stopReason, error };
}

/** Argument text stays text, under `json`: it need not parse. @throws where a delta does not fit its block. */
function addDelta(block: JsonObject, delta: Readonly<Record<string, string>>): void {
  const fits = {
    text_delta: 'text',
    thinking_delta: 'thinking',
    signature_delta: 'thinking',
    input_json_delta: 'tool_use',
  };
  if (fits[delta.type as keyof typeof fits] !== block.type) {
    throw new Error(`a ${delta.type} in a ${String(block.type)} block`);
  }
  if (delta.type === 'text_delta') block.text = `${String(block.text)}${delta.text}`;
  else if (delta.type === 'thinking_delta') block.thinking = `${String(block.thinking)}${delta.thinking}`;
  else if (delta.type === 'input_json_delta') block.json = `${String(block.json ?? '')}${delta.partial_json}`;
  else block.signature = delta.signature;
}

/** The text of a call's arguments, streamed or whole. */
export function argumentsOf(block: JsonObject | undefined): string {
  return typeof block?.json === 'string' ? block.json : JSON.stringify(block?.input);
}

/** The body of the last request that reached the provider. */
export function sentBody(gateway: TestGateway): Readonly<Record<string, unknown>> {
  return gateway.provider.requests.at(-1)?.body ?? {};
}

/** The paths that the next record has notes on, with their actions. */
export async function notedPaths(gateway: TestGateway): Promise<string[]> {
  const { notes } = await gateway.nextRecord();
  return notes.map(({ path, action }) => `${action} ${path}`);
}

export const TOOL = { name: 'f', input_schema: { type: 'object', properties: { a: { type: 'string' } } } };
export const CHAT_TOOL = {
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: { a: { type: 'string' } } } },
};
/** The bytes of one white pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=';
