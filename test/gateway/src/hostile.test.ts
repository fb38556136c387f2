import { afterEach, describe, expect, it } from '@jest/globals';
import gemini from '@signalbox/format-gemini';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin } from '@signalbox/kit';
import { anthropicTurn, json } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const { body } = anthropicTurn({ text: 'Hello there' }, { model: 'claude-test' });

describe('an answer that says it is packed', () => {
  it.each(['constructor', 'toString', '__proto__', 'nonsense'])('by %s is a broken one', async (encoding) => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', json(200, body, { 'content-encoding': encoding }));
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(502);
    expect((await gateway.nextRecord()).error?.code).toBe('MALFORMED_REPLY');
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  });
});

describe('an auth plugin that gives what is no caller', () => {
  // As a plugin in JavaScript may say that it knows nobody: `known && { id }`.
  it.each<[unknown]>([[false], [null], [0], [''], [true], ['me'], [{}], [{ id: 7 }]])(
    'lets nobody in: %j',
    async (said) => {
      const auth = definePlugin({
        name: 'auth-test',
        apply: ({ hooks }) => hooks.auth.tap('auth-test', () => said as never),
      });
      gateway = await startTestGateway({ plugins: [[auth]] });
      const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
      expect(answer.status).toBe(401);
      expect(gateway.provider.requests).toHaveLength(0);
    },
  );
});

describe('a plugin that never answers', () => {
  const never = () => new Promise<undefined>(() => {});
  it.each(['auth', 'transformOut'] as const)('in %s holds no exchange whose client has left', async (hook) => {
    const reached = Promise.withResolvers<void>();
    const plugin = definePlugin({
      name: 'transform-never',
      apply: ({ hooks }) =>
        hooks[hook].tapPromise('transform-never', () => {
          reached.resolve();
          return never() as Promise<never>;
        }),
    });
    gateway = await startTestGateway({ plugins: [[plugin]] });
    gateway.provider.on('/v1/messages', json(200, body));
    const leaving = new AbortController();
    const answer = fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...anthropicHeaders },
      body: JSON.stringify(messagesBody()),
      signal: leaving.signal,
    });
    await reached.promise;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    expect(await gateway.nextRecord()).toMatchObject({ status: 499, error: { code: 'CLIENT_CLOSED' } });
  });
});

describe('a key that no header can hold', () => {
  it('is said to be wrong, and is not shown', async () => {
    gateway = await startTestGateway({ keys: { anthropic: 'sk-secret-of-two\nlines', chat: 'c' } });
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(502);
    const text = await answer.text();
    expect(text).toContain('The provider anthropic cannot be called: invalid x-api-key header');
    expect(text).not.toContain('sk-secret');
  });
});

describe('a path that formats share', () => {
  it('answers a Gemini client in its own format', async () => {
    gateway = await startTestGateway({ plugins: [[gemini], [openaiResponses]] });
    const answer = await fetch(`${gateway.url}/v1/models/nobody`, { headers: { 'x-goog-api-key': 'key' } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
  });
});

describe('a stream that only stays alive', () => {
  it('is not kept without end until its first content comes', async () => {
    gateway = await startTestGateway();
    const ping = Buffer.from(`event: ping\ndata: {"type":"ping","x":"${'y'.repeat(1024 * 1024)}"}\n\n`);
    let sent = 0;
    gateway.provider.on('/v1/messages', async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      for (; sent < 400 && !wire.signal.aborted; sent++) await wire.write(ping);
      await wire.closed();
    });
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(answer.status).toBe(502);
    expect((await gateway.nextRecord()).error?.code).toBe('MALFORMED_REPLY');
    expect(sent).toBeLessThan(200);
  }, 60_000);
});

describe('more stop sequences than anybody needs', () => {
  it.each([
    ['very many', Array.from({ length: 5_000 }, (_, index) => `stop ${index}`)],
    ['very long ones', ['a', 'b', 'c', 'd', 'x'.repeat(20_000)]],
  ])('are refused where the gateway has to look for them: %s', async (_name, stop) => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    const body = messagesBody({ stop_sequences: stop });
    const answer = await gateway.post('/v1/messages', body, anthropicHeaders);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('stop sequences');
  });
});
