import { afterEach, describe, expect, it } from '@jest/globals';
import {
  anthropicTurn,
  cutAfter,
  dropConnection,
  hang,
  headersThenHang,
  json,
  openaiChatTurn,
  providerError,
  type Responder,
  raw,
  reply,
  sse,
} from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const turn = { text: 'Hello there, this is a longer answer.' };
const lanes = [
  ['pass-through', 'anthropic/claude-test', '/v1/messages', anthropicTurn(turn, { model: 'claude-test' }).sse],
  ['canonical', 'chat/gpt-test', '/v1/chat/completions', openaiChatTurn(turn, { model: 'gpt-test' }).sse],
] as const;

describe.each(lanes)('a stream that breaks, %s lane', (_lane, target, path, stream) => {
  it.each(['end', 'fin', 'rst'] as const)('F21 is never a success when the provider cuts it (%s)', async (how) => {
    gateway = await startTestGateway({ targets: [target] });
    gateway.provider.on(
      path,
      cutAfter(Math.floor(stream.length * 0.6), how, sse(stream, { chunkSize: 40, delayMs: 1 })),
    );
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    const text = await answer.text();
    expect(text).toContain('event: error\ndata: {"type":"error"');
    expect(text).not.toContain('message_stop');
    const record = await gateway.nextRecord();
    expect(record.error?.code).toBe('CUT_STREAM');
  });

  it('F15 F07 is an HTTP error while nothing has been sent', async () => {
    gateway = await startTestGateway({ targets: [target] });
    gateway.provider.once(path, cutAfter(0, 'end', sse(stream)));
    gateway.provider.once(path, sse('data: {"error":{"message":"upstream broke","code":502}}\n\n'));
    gateway.provider.once(
      path,
      sse('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'),
    );
    gateway.provider.once(path, raw(200, { 'content-type': 'text/html' }, '<html>secret proxy page</html>'));
    for (let i = 0; i < 4; i++) {
      const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
      expect(answer.status).toBeGreaterThanOrEqual(500);
      const body = await answer.text();
      expect(JSON.parse(body)).toMatchObject({ type: 'error', error: { message: expect.any(String) } });
      expect(body).not.toContain('secret proxy page');
    }
  });

  it('moves to the next target before the first content, and never after it', async () => {
    gateway = await startTestGateway({ targets: [target, target] });
    gateway.provider.once(path, dropConnection('rst'));
    gateway.provider.once(path, reply(turn));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(await answer.text()).toContain('message_stop');
    expect((await gateway.nextRecord()).attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'answered']);

    gateway.provider.once(
      path,
      cutAfter(Math.floor(stream.length * 0.6), 'rst', sse(stream, { chunkSize: 40, delayMs: 1 })),
    );
    const cut = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(await cut.text()).toContain('event: error');
    expect((await gateway.nextRecord()).attempts).toHaveLength(1);
  });

  it.each([
    ['before', hang()],
    ['after', headersThenHang({ content: stream.slice(0, Math.floor(stream.length * 0.6)) })],
  ])(
    'F37 F38 aborts the provider within 100 ms when the client leaves %s its first byte, and still logs',
    async (when, silence) => {
      gateway = await startTestGateway({ targets: [target] });
      gateway.provider.on(path, silence);
      let soonest = Number.POSITIVE_INFINITY;
      // On a busy machine any one of them may be late.
      for (let tries = 0; tries < 5 && soonest >= 100; tries++) {
        const controller = new AbortController();
        const answer = fetch(`${gateway.url}/v1/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...anthropicHeaders },
          body: JSON.stringify(messagesBody({ stream: true })),
          signal: controller.signal,
        });
        answer.catch(() => {});
        const upstream = await gateway.provider.waitForRequest(tries);
        if (when === 'after') await (await answer).body?.getReader().read();
        const before = performance.now();
        controller.abort();
        soonest = Math.min(soonest, (await upstream.aborted) - before);
        expect(await gateway.nextRecord()).toMatchObject({
          aborted: true,
          status: 499,
          error: { code: 'CLIENT_CLOSED' },
        });
      }
      expect(soonest).toBeLessThan(100);
    },
  );

  it('F20 shows life from the gateway’s own clock while the provider is silent', async () => {
    gateway = await startTestGateway({ targets: [target], server: { keepAliveMs: 100 } });
    const at = stream.indexOf('\n\n', Math.floor(stream.length * 0.5)) + 2;
    const alive = Promise.withResolvers<void>();
    gateway.provider.on(path, async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      await wire.write(Buffer.from(stream.slice(0, at)));
      await alive.promise;
      await wire.write(Buffer.from(stream.slice(at)));
      await wire.end();
    });
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    let text = '';
    const signs = () => text.match(/event: ping|"text_delta","text":""|"text":""\}\}/g)?.length ?? 0;
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      if (signs() >= 2) alive.resolve();
    }
    expect(text.match(/event: message_start/g)).toHaveLength(1);
    expect(text.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true);
  });

  it('opens the stream itself after a long silence, and says it there when all fails', async () => {
    gateway = await startTestGateway({ targets: [target], server: { openStreamAfterMs: 100, keepAliveMs: 100 } });
    let opened = Promise.withResolvers<void>();
    const silent =
      (then: Responder): Responder =>
      async (request, wire) => {
        await opened.promise;
        await then(request, wire);
      };
    gateway.provider.once(path, silent(reply(turn)));
    gateway.provider.once(path, silent(providerError(500, { message: 'boom' })));
    const begun = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    opened.resolve();
    const late = await begun.text();
    expect(late.match(/event: message_start/g)).toHaveLength(1);
    expect(late).toContain('onger answer');
    opened = Promise.withResolvers();
    const failed = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    opened.resolve();
    expect(failed.status).toBe(200);
    const text = await failed.text();
    expect(text).toContain('event: error');
    expect(text).not.toContain('message_stop');
  });

  it('lists in a stream that is open all that failed, and puts no target before the list', async () => {
    gateway = await startTestGateway({ targets: [target, 'chat/other'], server: { openStreamAfterMs: 20 } });
    const opened = Promise.withResolvers<void>();
    gateway.provider.on(/./, async (request, wire) => {
      await opened.promise;
      await providerError(503, { message: 'boom' })(request, wire);
    });
    const failed = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    opened.resolve();
    expect(await failed.text()).toMatch(/"message":"No target could answer\. [^"]*; chat\/other: /);
  });
});

describe('errors of a provider', () => {
  it.each([
    [401, 502, 'false'],
    [403, 502, 'false'],
    [404, 404, null],
    [500, 500, null],
    [503, 503, null],
  ])('a %i of the chat provider is a %i for an Anthropic client', async (given, status, shouldRetry) => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    gateway.provider.on(
      '/v1/chat/completions',
      json(given, { error: { message: 'Incorrect API key provided: sk-gateway-chat', type: 'x', code: null } }),
    );
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-should-retry')).toBe(shouldRetry);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ type: 'error' });
    if (given < 404) expect(text).not.toContain('sk-gateway-chat');
  });

  it('F10 words a context overflow so that Claude Code compacts', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    gateway.provider.on(
      '/v1/chat/completions',
      json(400, {
        error: {
          message:
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
          type: 'invalid_request_error',
          param: 'messages',
          code: 'context_length_exceeded',
        },
      }),
    );
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: 'prompt is too long: 9000 tokens > 8192 maximum' },
    });
  });

  it('F92 passes retry-after on in whole seconds', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    gateway.provider.on(
      '/v1/chat/completions',
      json(429, { error: { message: 'slow down', type: 'rate_limit_error' } }, { 'retry-after': '1.2' }),
    );
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.json()).toMatchObject({ error: { type: 'rate_limit_error' } });
  });

  it('gives a Chat client its own error shape, before and inside a stream', async () => {
    gateway = await startTestGateway();
    gateway.provider.once('/v1/messages', providerError(529, { message: 'Overloaded', type: 'overloaded_error' }));
    const refused = await gateway.post('/v1/chat/completions', chatBody({ stream: true }));
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
    const { sse: stream } = anthropicTurn(turn, { model: 'claude-test' });
    gateway.provider.once(
      '/v1/messages',
      cutAfter(Math.floor(stream.length * 0.6), 'rst', sse(stream, { chunkSize: 40, delayMs: 1 })),
    );
    const cut = await gateway.post('/v1/chat/completions', chatBody({ stream: true }));
    const text = await cut.text();
    expect(text).toContain('data: {"error":{');
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('"finish_reason":"stop"');
  });

  it.each([
    ['HEADERS_TIMEOUT', { headersMs: 150 }, hang()],
    ['IDLE_TIMEOUT', { idleMs: 150 }, headersThenHang()],
  ])('reports each timer by its own name: %s', async (code, timeouts, silence) => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'], timeouts });
    gateway.provider.once('/v1/chat/completions', silence);
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(answer.status).toBe(504);
    expect((await gateway.nextRecord()).error?.code).toBe(code);
  });
});
