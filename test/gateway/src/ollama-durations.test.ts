import { afterEach, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import formatOllama from '@signalbox/format-ollama';
import formatResponses from '@signalbox/format-openai-responses';
import providerOllama from '@signalbox/provider-ollama';
import { reply } from '@signalbox/testkit';
import { chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

it.each([
  ['/v1/messages', messagesBody()],
  ['/v1/messages', messagesBody({ stream: true })],
  ['/v1/chat/completions', chatBody()],
  ['/v1/responses', { model: 'm', input: 'hi' }],
  ['/v1beta/models/m:generateContent', { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }],
] as const)('what Ollama measured of itself is no loss at %s: %j', async (path, body) => {
  gateway = await startTestGateway({
    targets: ['ollama/m'],
    plugins: (url) => [[formatGemini], [formatOllama], [formatResponses], [providerOllama, { baseUrl: url }]],
  });
  gateway.provider.on('/api/chat', reply({ text: 'hello' }));
  expect(await (await gateway.post(path, body)).text()).toContain('hello');
  const { notes } = await gateway.nextRecord();
  expect(notes.filter((note) => note.path.startsWith('usage'))).toEqual([]);
});
