import { afterEach, describe, expect, it } from '@jest/globals';
import formatOllama from '@signalbox/format-ollama';
import type { JsonObject } from '@signalbox/kit';
import providerOllama from '@signalbox/provider-ollama';
import { json, sse } from '@signalbox/testkit';
import { Ollama } from 'ollama';
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MODEL = 'qwen3:8b';
const line = (message: JsonObject, more: JsonObject = {}): JsonObject => ({
  model: MODEL,
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
});
const HALF = line({ content: 'Half' });

/** A gateway in front of an Ollama that says these lines, and the real client. */
async function talkingTo(chat: readonly JsonObject[], lastBreak = true): Promise<Ollama> {
  gateway = await startTestGateway({
    targets: ['ollama/{model}'],
    plugins: (url) => [[formatOllama], [providerOllama, { baseUrl: url }]],
  });
  const { provider } = gateway;
  provider.on('/api/tags', json(200, { models: [{ name: MODEL, digest: 'a' }] }));
  provider.on('/api/show', json(200, { capabilities: ['completion'], model_info: {} }));
  const text = chat.map((object) => JSON.stringify(object)).join('\n') + (lastBreak ? '\n' : '');
  provider.on('POST /api/chat', sse(text, { headers: { 'content-type': 'application/x-ndjson' }, chunkSize: 30 }));
  return new Ollama({ host: gateway.url });
}

describe('F21 an Ollama client towards an Ollama that ends a reply without finishing it', () => {
  it.each<[string, JsonObject[]]>([
    ['nothing more', []],
    ['an end without a reason', [line({}, { done: true })]],
    ['an end with an empty reason', [line({}, { done: true, done_reason: '' })]],
    ['the model unloaded', [line({}, { done: true, done_reason: 'unload' })]],
  ])('hears of %s', async (_name, end) => {
    for (const lastBreak of [true, false]) {
      const client = await talkingTo([HALF, ...end], lastBreak);
      let said = '';
      const reading = (async () => {
        const stream = await client.chat({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], stream: true });
        for await (const { message } of stream) said += message.content;
      })();
      await expect(reading).rejects.toThrow(/broke off|closed the stream/);
      expect(said).toBe('Half');
      const record = await gateway.nextRecord();
      expect(record).toMatchObject({ lane: 'pass-through', error: { code: 'CUT_STREAM' } });
      expect(record.attempts).toMatchObject([{ outcome: 'cut' }]);
      await gateway.close();
    }
    await talkingTo([]);
  });
});
