import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { JsonObject } from '@signalbox/kit';
import { anthropicTurn, openaiChatTurn, type Responder, type ScriptedProvider } from '@signalbox/testkit';

const TEXT = Array.from({ length: 40 }, (_, index) => `piece ${index} – ✓ `);
const TURN = { text: TEXT, toolCalls: [{ id: 'call_1', name: 'Read', arguments: { path: 'a.txt' } }] };

/** Opens one step after the other, for whoever waits. */
export class Gate {
  #step = 0;
  readonly #waiting = new Set<() => void>();

  open(step = Number.POSITIVE_INFINITY): void {
    this.#step = step;
    for (const look of this.#waiting) look();
  }

  passed(step: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#step < step) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/**
 * Streams a long answer in the format of the path, in as many parts as there are steps and one more: the first one at
 * once, each further one when its step is open.
 */
export function inSteps(gate: Gate, steps: number): Responder {
  return async ({ path, body }, wire) => {
    const model = String(body?.model);
    const { frames } = path.endsWith('/messages') ? anthropicTurn(TURN, { model }) : openaiChatTurn(TURN, { model });
    wire.head(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (let step = 0; step <= steps; step++) {
      await Promise.race([gate.passed(step), wire.closed()]);
      const [from, to] = [step, step + 1].map((part) => Math.round((part * frames.length) / (steps + 1)));
      await wire.write(Buffer.from(frames.slice(from, to).join('')));
    }
    await wire.end();
  };
}

/** The way from a client's format to a provider's. */
export interface Way {
  readonly name: string;
  readonly client: 'anthropic' | 'openai';
  /** `nobody`: a model that only the gateway's routes can place. */
  readonly provider: 'messages' | 'chat' | 'nobody';
}

/** Two whose bytes pass through, two that are translated. */
export const WAYS: readonly Way[] = [
  { name: 'Messages passed through', client: 'anthropic', provider: 'messages' },
  { name: 'Messages to Chat', client: 'anthropic', provider: 'chat' },
  { name: 'Chat passed through', client: 'openai', provider: 'chat' },
  { name: 'Chat to Messages', client: 'openai', provider: 'messages' },
];

/** The config of a gateway whose providers `messages` and `chat` are one scripted provider. `strategies` routes what names neither. */
export function configFor(
  { url }: ScriptedProvider,
  {
    server = {},
    plugins = [],
    strategies = [['@signalbox/route-scenarios', { default: 'messages/m' }]],
  }: { server?: JsonObject; plugins?: readonly unknown[]; strategies?: readonly unknown[] } = {},
): string {
  const provider = { apiKey: 'provider-key', models: ['m'] };
  const list = [
    '@signalbox/format-anthropic-messages',
    '@signalbox/format-openai-chat',
    ['@signalbox/provider-anthropic', { ...provider, name: 'messages', baseUrl: url }],
    ['@signalbox/provider-compatible', { ...provider, name: 'chat', format: 'openai-chat', baseUrl: `${url}/v1` }],
    ...strategies,
    ...plugins,
  ];
  return JSON.stringify({ server, plugins: list }, undefined, 2);
}

export interface LiveStream {
  /** Settles with the first byte of content. */
  readonly begun: Promise<void>;
  /** All bytes, ids of the gateway's own making masked; rejects where the connection breaks. */
  readonly ended: Promise<string>;
}

/** Opens a stream on a connection of its own. */
export function openStream(url: string, { client, provider }: Omit<Way, 'name'>, model = 'm'): LiveStream {
  const target = provider === 'nobody' ? model : `${provider}/${model}`;
  const messages = [{ role: 'user', content: 'Go on' }];
  const [path, body] =
    client === 'anthropic'
      ? ['/v1/messages', { model: target, max_tokens: 500, stream: true, messages }]
      : ['/v1/chat/completions', { model: target, stream: true, messages }];
  const begun = Promise.withResolvers<void>();
  const ended = post(`${url}${path}`, body, begun.resolve);
  ended.catch(begun.reject);
  return { begun: begun.promise, ended };
}

function post(url: string, body: object, onData: () => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': 'k', authorization: 'Bearer k' };
    const call = httpRequest(url, { method: 'POST', headers, agent: false }, (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        onData();
      });
      response.once('error', reject);
      response.once('end', () => resolve(masked(`${response.statusCode}\n${Buffer.concat(chunks)}`)));
    });
    call.once('error', reject);
    call.end(JSON.stringify(body));
  });
}

/** What differs from one answer to the next. */
function masked(text: string): string {
  return text
    .replace(/"(msg|chatcmpl|toolu|call|sbx)[-_][A-Za-z0-9_-]+"/g, '"$1_id"')
    .replace(/"created":\d+/g, '"created":0');
}
