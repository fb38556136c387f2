import { afterEach, describe, expect, it } from '@jest/globals';
import { conversation } from '@signalbox/testkit';
import toolRepair from '@signalbox/transform-tool-repair';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const tools = [
  {
    name: 'Read',
    input_schema: {
      type: 'object',
      properties: { path: { type: 'string' }, limit: { type: 'integer' } },
      required: ['path'],
      additionalProperties: false,
    },
  },
];
const careless = { 'path ': 'a', limit: '12' };

describe.each([
  ['canonical', 'chat/m'],
  ['pass-through', 'anthropic/m'],
])('a careless call, %s lane', (_lane, target) => {
  it.each([false, true])('F14 arrives as the client’s schema wants it, streamed: %j', async (stream) => {
    gateway = await startTestGateway({ targets: [target], plugins: [[toolRepair, {}]] });
    const turn = { text: 'Reading.', toolCalls: [{ id: 'toolu_1', name: 'Read', arguments: careless }] };
    gateway.provider.on(() => true, conversation([turn]));
    const answer = await gateway.post('/v1/messages', messagesBody({ tools, stream }), anthropicHeaders);
    const text = await answer.text();
    expect(text).toContain('Reading.');
    expect(text).toContain(stream ? String.raw`{\"path\":\"a\",\"limit\":12}` : '"input":{"path":"a","limit":12}');
    expect((await gateway.nextRecord()).notes.filter(({ path }) => path.startsWith('content'))).toHaveLength(2);
  });

  it('F14 is left alone where the plugin is not listed', async () => {
    gateway = await startTestGateway({ targets: [target] });
    gateway.provider.on(() => true, conversation([{ toolCalls: [{ id: 'c', name: 'Read', arguments: careless }] }]));
    const answer = await gateway.post('/v1/messages', messagesBody({ tools }), anthropicHeaders);
    expect(await answer.text()).toContain('"path "');
  });
});
