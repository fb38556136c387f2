import { describe, expect, it } from '@jest/globals';
import { collectMessage, type JsonObject, type StreamEvent } from '@signalbox/kit';
import { createProvider, json, providerError, send, sse, startScriptedProvider, userRequest } from '@signalbox/testkit';
import { providerLaws } from '@signalbox/testkit/laws';
import { describeLaws } from '@signalbox/testkit/suites';
import ollama from '../src/index.ts';

const config = {
  baseUrl: 'http://127.0.0.1:11434',
  apiKey: 'key-for-tests',
  thinkingUnsaid: 'disabled',
  thinkingLevels: ['*gpt-oss*'],
  loadOptions: false,
};

// The testkit's scripted replies speak no NDJSON: the two laws over a real connection are below.
describeLaws(
  'provider-ollama',
  providerLaws(ollama, { config, supports: { images: true } }).filter(
    ({ name }) => !name.endsWith('reply through a real connection'),
  ),
);

const MESSAGE: JsonObject = {
  role: 'assistant',
  content: 'Looking 😀 it up.',
  thinking: 'One city, one look-up.',
  tool_calls: [{ id: 'call_1', function: { index: 0, name: 'weather', arguments: { city: 'Zürich' } } }],
};
const END: JsonObject = { done: true, done_reason: 'stop', prompt_eval_count: 30, eval_count: 12 };
const lines = (...objects: JsonObject[]): string[] =>
  objects.map((object) => `${JSON.stringify({ model: 'some-model', ...object })}\n`);

describe('over a real connection', () => {
  it.each([false, true])('brings a reply through (streamed: %s)', async (stream) => {
    const { thinking, content, tool_calls } = MESSAGE;
    await using server = await startScriptedProvider({
      script: [
        stream
          ? sse(
              lines(
                { message: { role: 'assistant', content: '', thinking }, done: false },
                { message: { role: 'assistant', content }, done: false },
                { message: { role: 'assistant', content: '', tool_calls }, done: false },
                { message: { role: 'assistant', content: '' }, ...END },
              ),
              { headers: { 'content-type': 'application/x-ndjson' }, chunkSize: 7 },
            )
          : json(200, { model: 'some-model', message: MESSAGE, ...END }),
        providerError(429, { message: 'Slow down.', headers: { 'retry-after': '3' } }),
      ],
    });
    const provider = await createProvider(ollama, { ...config, baseUrl: `${server.url}/` });
    const { format } = provider;
    const target = {
      model: 'some-model',
      notes: { add: () => {} } as never,
      toolNames: { alias: (name: string) => name, original: (name: string) => name } as never,
      reasoningOrigin: 'ollama',
      enforceStopSequences: () => {},
    };
    const ask = async () => {
      const { url, headers, body } = send(provider, userRequest('some-model', { stream }));
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok)
        throw format.decodeError(response.status, Object.fromEntries(response.headers), await response.text());
      if (!stream) return format.decodeReply((await response.json()) as JsonObject, target);
      const decoder = format.createStreamDecoder(target);
      const events: StreamEvent[] = [];
      for await (const chunk of response.body ?? []) events.push(...decoder.push(chunk as Uint8Array));
      return collectMessage([...events, ...decoder.end()]);
    };
    expect(await ask()).toMatchObject({
      content: [
        { type: 'reasoning', text: 'One city, one look-up.' },
        { type: 'text', text: 'Looking 😀 it up.' },
        { type: 'tool-call', id: 'call_1', name: 'weather', input: { city: 'Zürich' } },
      ],
      stopReason: 'tool-call',
      usage: { promptTokens: 30, completionTokens: 12 },
    });
    const [request] = server.requests;
    expect(request).toMatchObject({ path: '/api/chat', headers: { authorization: 'Bearer key-for-tests' } });
    expect(request?.body).toMatchObject({ model: 'some-model', stream });
    await expect(ask()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 3 });
  });
});
