import assert from 'node:assert/strict';
import {
  type Block,
  type ChatReply,
  collectMessage,
  type Format,
  type HttpProvider,
  type JsonObject,
  Notes,
  providerForCall,
  type StreamEvent,
} from '@signalbox/kit';
import { conversation } from '../conversation.ts';
import { chatRouteOf, wantsStreamIn } from '../own-format.ts';
import { callOf, encodeBody } from '../provider-call.ts';
import { providerError } from '../provider-error.ts';
import { startScriptedProvider } from '../scripted-provider.ts';
import type { Turn } from '../turn.ts';
import { formatOf, modelOf, wantsStream } from '../wire-format.ts';
import type { Law } from './law.ts';
import { PLAIN } from './plain-request.ts';
import type { ProviderLawOptions } from './provider-laws.ts';

const TURN: Turn = {
  reasoning: 'One city, one look-up.',
  text: 'Looking 😀 it up.',
  toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Zürich' } }],
  usage: { promptTokens: 30, completionTokens: 12 },
};

const BUSY = { message: 'Slow down.', headers: { 'retry-after': '3' } };

/**
 * Real requests over a socket, for a provider that takes a `baseUrl`. What the testkit has no turns for is answered as the
 * provider's own format writes it.
 */
export function exchangeLaws(create: (more: JsonObject) => Promise<HttpProvider>, options: ProviderLawOptions): Law[] {
  const { baseUrl, apiKey } = options.config;
  if (typeof baseUrl !== 'string') return [];
  const { pathname } = new URL(baseUrl);
  const path = pathname === '/' ? '' : pathname;

  return [false, true].map((stream) => ({
    name: `brings a ${stream ? 'streamed' : 'whole'} reply through a real connection`,
    check: async () => {
      await using server = await startScriptedProvider();
      const provider = await create({ baseUrl: `${server.url}${path}` });
      const model = options.model ?? 'some-model';
      const own = ownFormat(provider, stream, model, options);
      const tools = options.supports?.tools !== false;
      const turn = tools ? TURN : { ...TURN, toolCalls: [] };
      server.on(/./, conversation([turn, providerError(429, { ...BUSY, ...own })], own));
      const ask = () => send(provider, stream, model);

      const reply = await ask();
      const kinds = reply.content.filter(({ type }) => type !== 'reasoning');
      const call = tools ? ['call_1 weather {"city":"Zürich"}'] : [];
      assert.deepEqual(kinds.map(said), ['Looking 😀 it up.', ...call]);
      assert.equal(reply.stopReason, tools ? 'tool-call' : 'end-turn');
      if (options.supports?.reasoning !== false) {
        // A signature that stands elsewhere is a block of its own, without words.
        const reasoning = reply.content.filter(({ type }) => type === 'reasoning').map(said);
        assert.deepEqual(reasoning.filter(Boolean), ['One city, one look-up.']);
      }
      const request = await server.waitForRequest(0);
      const { format } = providerForCall(provider, callOf({ ...PLAIN, stream }, { model, stream }));
      assert.equal(modelOf(request), model);
      assert.equal(own.format === undefined ? wantsStream(request) : wantsStreamIn(format, request), stream);
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

/** The format to script in; none where the testkit knows the path. */
function ownFormat(
  provider: HttpProvider,
  stream: boolean,
  model: string,
  { chatPath }: ProviderLawOptions,
): { format?: Format } {
  const call = callOf({ ...PLAIN, stream }, { model, stream });
  const { pathname } = new URL(provider.endpoint(call).url);
  if (formatOf({ method: 'POST', path: pathname }) !== undefined) return {};
  const { format } = providerForCall(provider, call);
  assert.ok(
    chatPath === undefined ? chatRouteOf(format, pathname) !== undefined : pathname.endsWith(chatPath),
    `the testkit has no turns for \`POST ${pathname}\`, which is no chat path of ${format.id}: give \`chatPath\` where it is right`,
  );
  return { format };
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
  const notes = new Notes();
  const call = callOf(request, { model, stream, notes });
  const { format } = providerForCall(provider, call);
  const { body, target } = encodeBody({ ...provider, format }, request, model, notes);
  const { url, headers } = provider.endpoint(call);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(provider.adaptBody?.(body, call) ?? body),
  });
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
