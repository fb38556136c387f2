import assert from 'node:assert/strict';
import {
  type Block,
  type ChatReply,
  collectMessage,
  type HttpProvider,
  type JsonObject,
  type StreamEvent,
} from '@signalbox/kit';
import { conversation } from '../conversation.ts';
import { callOf, encodeBody } from '../provider-call.ts';
import { providerError } from '../provider-error.ts';
import { startScriptedProvider } from '../scripted-provider.ts';
import type { Turn } from '../turn.ts';
import { modelOf, wantsStream } from '../wire-format.ts';
import type { Law } from './law.ts';
import { PLAIN } from './plain-request.ts';
import type { ProviderLawOptions } from './provider-laws.ts';

const TURN: Turn = {
  reasoning: 'One city, one look-up.',
  text: 'Looking 😀 it up.',
  toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Zürich' } }],
  usage: { promptTokens: 30, completionTokens: 12 },
};

/** Real requests over a socket, for a provider that takes a `baseUrl`. */
export function exchangeLaws(create: (more: JsonObject) => Promise<HttpProvider>, options: ProviderLawOptions): Law[] {
  const { baseUrl, apiKey } = options.config;
  if (typeof baseUrl !== 'string') return [];
  const { pathname } = new URL(baseUrl);
  const path = pathname === '/' ? '' : pathname;

  return [false, true].map((stream) => ({
    name: `brings a ${stream ? 'streamed' : 'whole'} reply through a real connection`,
    check: async () => {
      await using server = await startScriptedProvider({
        script: conversation([TURN, providerError(429, { message: 'Slow down.', headers: { 'retry-after': '3' } })]),
      });
      const provider = await create({ baseUrl: `${server.url}${path}` });
      const ask = () => send(provider, stream, options.model ?? 'some-model');

      const reply = await ask();
      const kinds = reply.content.filter(({ type }) => type !== 'reasoning');
      assert.deepEqual(kinds.map(said), ['Looking 😀 it up.', 'call_1 weather {"city":"Zürich"}']);
      assert.equal(reply.stopReason, 'tool-call');
      if (options.supports?.reasoning !== false) {
        // A signature that stands elsewhere is a block of its own, without words.
        const reasoning = reply.content.filter(({ type }) => type === 'reasoning').map(said);
        assert.deepEqual(reasoning.filter(Boolean), ['One city, one look-up.']);
      }
      const request = await server.waitForRequest(0);
      assert.equal(modelOf(request), options.model ?? 'some-model');
      assert.equal(wantsStream(request), stream);
      if (typeof apiKey === 'string') {
        assert.ok(
          Object.values(request.headers).some((value) => value?.includes(apiKey)),
          'the key is in no header',
        );
        assert.ok(
          !`${request.path}${request.query}${request.rawBody}`.includes(apiKey),
          'the key is outside the headers',
        );
      }
      await assert.rejects(ask(), { code: 'RATE_LIMITED', retryAfterSeconds: 3, retryable: true });
    },
  }));
}

function said(block: Block): string {
  if (block.type === 'text' || block.type === 'reasoning') return block.text;
  return block.type === 'tool-call' ? `${block.id} ${block.name} ${JSON.stringify(block.input)}` : block.type;
}

/** One call as the gateway makes it, without its timers and retries. */
async function send(provider: HttpProvider, stream: boolean, model: string): Promise<ChatReply> {
  const request = {
    ...PLAIN,
    stream,
    tools: [{ type: 'function', name: 'weather', inputSchema: { type: 'object', properties: {} } } as const],
  };
  const { body, notes, target } = encodeBody(provider, request, model);
  const call = callOf(request, { model, stream, notes });
  const { url, headers } = provider.endpoint(call);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(provider.adaptBody?.(body, call) ?? body),
  });
  const { format } = provider;
  if (!response.ok) {
    const text = await response.text();
    const wire = Object.fromEntries(response.headers);
    const error = format.decodeError(response.status, wire, text);
    throw provider.refineError?.(error, { status: response.status, headers: wire, body: text }) ?? error;
  }
  if (!stream) return format.decodeReply((await response.json()) as JsonObject, target);
  const decoder = format.createStreamDecoder(target);
  const events: StreamEvent[] = [];
  for await (const chunk of response.body ?? []) events.push(...decoder.push(chunk as Uint8Array));
  events.push(...decoder.end());
  return collectMessage(events);
}
