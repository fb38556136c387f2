import { afterEach, describe, expect, it } from '@jest/globals';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, type JsonObject } from '@signalbox/kit';
import { json, reply } from '@signalbox/testkit';
import responseStore from '@signalbox/transform-response-store';
import { messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const byKey = definePlugin({
  name: 'test-by-key',
  apply: ({ hooks }) =>
    hooks.auth.tap('test-by-key', ({ headers: { authorization } }) =>
      authorization === undefined ? undefined : { id: authorization },
    ),
});

describe('token counts', () => {
  const count = async (caller: string): Promise<unknown> => {
    const headers = { authorization: caller, 'anthropic-version': '2023-06-01' };
    const answered = await gateway.post('/v1/messages/count_tokens', messagesBody({ user: caller }), headers);
    return ((await answered.json()) as JsonObject).input_tokens;
  };

  it('are asked for by one caller where another one had no luck', async () => {
    gateway = await startTestGateway({ plugins: [[byKey]] });
    gateway.provider.once('/v1/messages/count_tokens', json(404, { error: { message: 'no such model for you' } }));
    gateway.provider.on('/v1/messages/count_tokens', json(200, { input_tokens: 4_711 }));
    expect(await count('a')).not.toBe(4_711);
    expect(await count('a')).not.toBe(4_711);
    expect(await count('b')).toBe(4_711);
  });
});

describe('the items of a stored response', () => {
  it('have ids, also where the client said that one has none', async () => {
    gateway = await startTestGateway({ plugins: [[openaiResponses], [byKey], [responseStore]] });
    gateway.provider.once('/v1/messages', reply({ text: 'Hello.' }));
    const headers = { authorization: 'a' };
    const input = [{ id: null, role: 'user', content: 'Hi.' }];
    const created = (await (await gateway.post('/v1/responses', { model: 'm', input }, headers)).json()) as JsonObject;
    const listed = await fetch(`${gateway.url}/v1/responses/${created.id}/input_items`, { headers });
    expect(await listed.json()).toMatchObject({ data: [{ id: expect.stringMatching(/^msg_sbx/) }] });
  });
});
