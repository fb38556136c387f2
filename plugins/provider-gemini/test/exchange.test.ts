import { describe, expect, it } from '@jest/globals';
import {
  collectMessage,
  type HttpProvider,
  type JsonObject,
  Notes,
  type StreamEvent,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import {
  createProvider,
  json,
  type ScriptedProvider,
  send,
  sse,
  startScriptedProvider,
  userRequest,
} from '@signalbox/testkit';
import gemini from '../src/index.ts';

const MODEL = 'gemini-3.8-flash';
const REPLY: JsonObject = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'One city, one look-up.', thought: true },
          { text: 'Looking 😀 it up.' },
          { functionCall: { id: 'call_1', name: 'weather', args: { city: 'Zürich' } }, thoughtSignature: 'QUJD' },
        ],
      },
      finishReason: 'STOP',
      index: 0,
    },
  ],
  usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 12, totalTokenCount: 42 },
  modelVersion: MODEL,
};

/** One call as the gateway makes it, without its timers and retries. */
async function ask(provider: HttpProvider, stream: boolean) {
  const { url, headers, body } = send(provider, userRequest(MODEL, { stream }), { stream });
  const target: TargetContext = {
    model: MODEL,
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: 'gemini',
    enforceStopSequences: () => {},
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const { format } = provider;
  if (!response.ok)
    throw format.decodeError(response.status, Object.fromEntries(response.headers), await response.text());
  if (!stream) return format.decodeReply((await response.json()) as JsonObject, target);
  const decoder = format.createStreamDecoder(target);
  const events: StreamEvent[] = [];
  for await (const chunk of response.body ?? []) events.push(...decoder.push(chunk as Uint8Array));
  events.push(...decoder.end());
  return collectMessage(events);
}

async function withServer(run: (provider: HttpProvider, server: ScriptedProvider) => Promise<void>): Promise<void> {
  await using server = await startScriptedProvider();
  await run(await createProvider(gemini, { apiKey: 'AIza-key-in-header', baseUrl: server.url }), server);
}

describe.each([false, true])('through a real connection (stream: %s)', (stream) => {
  it('brings a reply, with the key in a header and in nothing else', () =>
    withServer(async (provider, server) => {
      server.on(/./, stream ? sse(`data: ${JSON.stringify(REPLY)}\r\n\r\n`, { chunkSize: 7 }) : json(200, REPLY));
      const reply = await ask(provider, stream);
      expect(reply).toMatchObject({
        content: [
          { type: 'reasoning', text: 'One city, one look-up.' },
          { type: 'text', text: 'Looking 😀 it up.' },
          { type: 'reasoning', text: '' },
          { type: 'tool-call', id: 'call_1', name: 'weather', input: { city: 'Zürich' } },
        ],
        stopReason: 'tool-call',
        usage: { promptTokens: 30, completionTokens: 12 },
      });
      const request = await server.waitForRequest(0);
      expect(request.headers['x-goog-api-key']).toBe('AIza-key-in-header');
      expect(`${request.path}${request.query}${request.rawBody}`).not.toContain('AIza');
      expect(request.path).toBe(`/v1beta/models/${MODEL}:${stream ? 'streamGenerateContent' : 'generateContent'}`);
    }));

  it('F92 brings a limit, with the seconds to wait', () =>
    withServer(async (provider, server) => {
      const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' }];
      server.on(/./, json(429, { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED', details } }));
      await expect(ask(provider, stream)).rejects.toMatchObject({
        code: 'RATE_LIMITED',
        retryAfterSeconds: 3,
        retryable: true,
      });
    }));
});
