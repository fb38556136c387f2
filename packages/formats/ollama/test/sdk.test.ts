import { expect, it } from '@jest/globals';
import { errors, type JsonObject } from '@signalbox/kit';
import { type ChatResponse, type ListResponse, Ollama, type ShowResponse } from 'ollama';
import { ollama } from '../src/index.ts';
import { decode, testClient } from './context.ts';

/** Ollama's own client, on a server that answers with these bodies and shows what it was asked. */
function sdk(answer: string) {
  const asked: JsonObject[] = [];
  const client = new Ollama({
    fetch: async (_url, init) => {
      if (typeof init?.body === 'string') asked.push(JSON.parse(init.body) as JsonObject);
      return new Response(answer, { headers: { 'content-type': 'application/json' } });
    },
  });
  return { client, asked };
}

it('what the SDK asks is decoded to what it says', async () => {
  const reply = ollama.encodeReply({ content: [{ type: 'text', text: 'Ho' }], stopReason: 'end-turn' }, testClient());
  const { client, asked } = sdk(JSON.stringify(reply));
  const said: ChatResponse = await client.chat({
    model: 'm',
    messages: [
      { role: 'user', content: 'Hi', images: [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])] },
    ],
    think: 'low',
    format: { type: 'object' },
    keep_alive: '5m',
    options: { num_predict: 5, stop: ['x'] },
  });
  expect(said.message.content).toBe('Ho');
  expect(decode(asked[0] ?? {}, '/api/chat')).toMatchObject({
    stream: false,
    messages: [{ content: [{ text: 'Hi' }, { source: { mediaType: 'image/png' } }] }],
    reasoning: { effort: 'low' },
    responseFormat: { type: 'json-schema' },
    maxOutputTokens: 5,
    stopSequences: ['x'],
    extensions: { ollama: { keep_alive: '5m' } },
  });
});

it('F17 a stream that fails throws in the SDK, and one without an end, too', async () => {
  const encoder = ollama.createStreamEncoder(testClient());
  const begun = encoder.encode([
    { type: 'message-start' },
    { type: 'block-start', index: 0, block: { type: 'text' } },
    { type: 'text-delta', index: 0, text: 'Half' },
  ]);
  const failed = begun + encoder.fail(errors.cutStream('It broke.'));
  for (const [wire, message] of [
    [failed, 'It broke.'],
    [begun, 'Did not receive done'],
  ] as const) {
    const stream = await sdk(wire).client.chat({ model: 'm', stream: true });
    let said = '';
    const reading = (async () => {
      for await (const chunk of stream) said += chunk.message.content;
    })();
    await expect(reading).rejects.toThrow(message);
    expect(said).toBe('Half');
  }
});

it('the lists are what the SDK’s types say', async () => {
  const models = [{ id: 'a/b:c', contextTokens: 5 }];
  const list: ListResponse = await sdk(JSON.stringify(ollama.encodeModels(models))).client.list();
  expect(list.models[0]).toMatchObject({ name: 'a/b:c', size: 0, details: { families: expect.any(Array) } });
  const respond = ollama.ingress.find(({ path }) => path === '/api/show')?.respond;
  const body = respond?.({
    params: {},
    query: {},
    principal: undefined,
    body: { model: 'a/b:c' },
    models,
    version: '0',
  });
  const shown: ShowResponse = await sdk(JSON.stringify(body)).client.show({ model: 'a/b:c' });
  expect(shown.capabilities).toEqual(['completion', 'tools']);
});
