import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import authApiKey from '@signalbox/auth-api-key';
import { type AttemptRecord, definePlugin, mapEvents, type Reply } from '@signalbox/kit';
import { anthropicTurn, cutAfter, headersThenHang, json, openaiChatTurn, reply, slow, sse } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway?.close());

const turn = { text: 'Hello there', usage: { promptTokens: 12, completionTokens: 3 } };
const tap = (name: string, apply: Parameters<typeof definePlugin>[0]['apply']) => definePlugin({ name, apply });

describe('a request that cannot be decoded', () => {
  it('is refused before any provider is called, and the gateway lives on', async () => {
    gateway = await startTestGateway();
    const alien = { stream: true, messages: [{ role: 'alien', content: 'x' }] };
    const answer = await gateway.post('/v1/chat/completions', chatBody(alien));
    expect(answer.status).toBe(400);
    expect(gateway.provider.requests).toHaveLength(0);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  });

  it('passes through all the same, also when the provider is silent for long', async () => {
    gateway = await startTestGateway({ server: { openStreamAfterMs: 100, keepAliveMs: 100 } });
    gateway.provider.on('/v1/messages', slow(350, reply(turn)));
    const body = messagesBody({ stream: true, messages: [{ role: 'alien', content: 'x' }] });
    const answer = await gateway.post('/v1/messages', body, anthropicHeaders);
    expect(await answer.text()).toContain('message_stop');
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  });
});

describe('the bytes that two parsers could read differently', () => {
  it.each(['{"model":"claude-test","mod\\u0065l":"claude-other"', '{"model":"claude-other","model":"claude-test"'])(
    'are printed anew, so that the provider sees the model that was routed: %s',
    async (start) => {
      gateway = await startTestGateway();
      gateway.provider.on('/v1/messages', reply(turn));
      const body = `${start},"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`;
      await gateway.post('/v1/messages', body, anthropicHeaders);
      const [request] = gateway.provider.requests;
      const { model } = JSON.parse(body) as { model: string };
      expect(request?.rawBody.toString().match(/"mod/g)).toHaveLength(1);
      expect(request?.body).toMatchObject({ model });
      expect((await gateway.nextRecord()).model).toBe(model);
    },
  );
});

describe('taps', () => {
  it('may answer in the provider’s place', async () => {
    const cached: Reply = {
      kind: 'whole',
      message: { content: [{ type: 'text', text: 'cached' }], stopReason: 'end-turn' },
    };
    const cache = tap('cache', ({ hooks }) => hooks.dispatch.tap('cache', () => cached));
    gateway = await startTestGateway({ plugins: [[cache]] });
    for (const stream of [false, true]) {
      const answer = await gateway.post('/v1/messages', messagesBody({ stream }), anthropicHeaders);
      expect(answer.headers.get('x-signalbox-lane')).toBe('local');
      expect(await answer.text()).toContain('cached');
    }
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('that fail on a reply end the provider’s call at once', async () => {
    const broken = tap('broken', ({ hooks }) =>
      hooks.transformOut.tap('broken', () => {
        throw new TypeError('no');
      }),
    );
    gateway = await startTestGateway({ plugins: [[broken]] });
    const { sse: stream } = anthropicTurn(turn, { model: 'claude-test' });
    gateway.provider.on(
      '/v1/messages',
      headersThenHang({ content: stream.slice(0, stream.indexOf('event: content_block_stop')) }),
    );
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(answer.status).toBe(500);
    await (await gateway.provider.waitForRequest(0)).aborted;
  });

  it('that read the events of a pass-through reply take it to the canonical lane, whole', async () => {
    const reader = tap('reader', ({ hooks }) =>
      hooks.transformOut.tapPromise('reader', async (answer) => {
        if (answer.kind !== 'stream') return answer;
        const { events } = answer;
        return mapEvents({ kind: 'stream', events }, () => (event) => event);
      }),
    );
    gateway = await startTestGateway({ plugins: [[reader]] });
    gateway.provider.on('/v1/messages', reply(turn, { chunkSize: 50 }));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(answer.headers.get('x-signalbox-lane')).toBe('canonical');
    expect(await answer.text()).toContain('message_stop');
    expect((await gateway.nextRecord()).usage).toMatchObject({ promptTokens: 12, completionTokens: 3 });
  });

  it('of attempt hear how each try ended, and cannot fail a request', async () => {
    const heard: AttemptRecord[] = [];
    const watcher = tap('watcher', ({ hooks }) =>
      hooks.attempt.tap('watcher', (attempt) => {
        heard.push(attempt);
        throw new Error('watchers may break');
      }),
    );
    gateway = await startTestGateway({ plugins: [[watcher]], targets: ['nobody/x', 'anthropic/{model}'] });
    const { sse: stream } = anthropicTurn(turn, { model: 'claude-test' });
    gateway.provider.once('/v1/messages', reply(turn));
    gateway.provider.once(
      '/v1/messages',
      cutAfter(Math.floor(stream.length * 0.7), 'rst', sse(stream, { chunkSize: 40, delayMs: 1 })),
    );
    for (let i = 0; i < 2; i++) {
      const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
      await answer.text();
      await gateway.nextRecord();
    }
    expect(heard.map(({ target, outcome }) => `${target.provider} ${outcome}`)).toEqual([
      'nobody failed',
      'anthropic answered',
      'nobody failed',
      'anthropic cut',
    ]);
  });
});

describe('failures inside a 200', () => {
  it('keep what they say about retrying', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    const error = { error: { message: 'quota', type: 'insufficient_quota', code: 'insufficient_quota' } };
    gateway.provider.once('/v1/chat/completions', sse(`data: ${JSON.stringify(error)}\n\n`));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });

  it('F07 are seen where the body is no reply at all', async () => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', json(200, { hello: 'world' }));
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ type: 'error' });
  });

  it('are not seen where `error` is empty', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    const { body } = openaiChatTurn(turn, { model: 'gpt-test' });
    gateway.provider.on('/v1/chat/completions', json(200, { ...body, error: {} }));
    const answer = await gateway.post('/v1/chat/completions', chatBody());
    expect(answer.status).toBe(200);
  });
});

describe('a client that reads slowly', () => {
  it('is not mistaken for a silent provider', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'], timeouts: { idleMs: 1_000 } });
    const turnText = { text: Array.from({ length: 120 }, () => 'x'.repeat(50_000)) };
    gateway.provider.on('/v1/chat/completions', reply(turnText, { chunkSize: 65_536 }));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    const reader = answer.body?.getReader();
    let text = '';
    const decoder = new TextDecoder();
    for (let reads = 0; ; reads++) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      text += decoder.decode(value, { stream: true });
      if (reads === 3) await new Promise((resolve) => setTimeout(resolve, 2_500));
    }
    expect(text.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true);
  });
});

describe('count_tokens', () => {
  it('F29 passes on what is wrong with the request itself', async () => {
    gateway = await startTestGateway();
    const refusal = { type: 'error', error: { type: 'invalid_request_error', message: 'messages: too strange' } };
    gateway.provider.on('/v1/messages/count_tokens', json(400, refusal));
    const body = { model: 'm', messages: [{ role: 'user', content: 'x' }] };
    const answer = await gateway.post('/v1/messages/count_tokens', body, anthropicHeaders);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual(refusal);
  });
});

describe('a client that leaves with the last byte', () => {
  it.each(['anthropic/claude-test', 'chat/m'])('has had its whole answer (%s)', async (target) => {
    gateway = await startTestGateway({ targets: [target] });
    gateway.provider.on(/messages|completions/, reply(turn));
    const controller = new AbortController();
    const answer = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...anthropicHeaders },
      body: JSON.stringify(messagesBody({ stream: true })),
      signal: controller.signal,
    });
    const reader = answer.body?.getReader();
    let text = '';
    while (!text.includes('message_stop"}')) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    controller.abort();
    expect(await gateway.nextRecord()).toMatchObject({
      status: 200,
      aborted: false,
      attempts: [{ outcome: 'answered' }],
    });
  });
});

describe('a request that is refused early', () => {
  it('is refused before its body is read, where a key is wanted', async () => {
    gateway = await startTestGateway({
      plugins: [[authApiKey, { keys: [{ key: 'a-key-of-sixteen-chars', name: 'me' }] }]],
    });
    const { port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.on('error', () => {});
      // The body that is announced here never comes.
      socket.write(
        'POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\nanthropic-version: x\r\n\r\n',
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(await gateway.nextRecord()).toMatchObject({ status: 401, error: { code: 'UNAUTHENTICATED' } });
  });

  it('is in the log, too', async () => {
    gateway = await startTestGateway();
    await gateway.post('/v1/messages', '{"model":', anthropicHeaders);
    expect(await gateway.nextRecord()).toMatchObject({ status: 400, error: { code: 'INVALID_REQUEST' } });
  });
});

describe('a pass-through stream that is finished', () => {
  it.each(['rst', 'hang'] as const)('stays finished, however the provider ends the connection (%s)', async (how) => {
    gateway = await startTestGateway({ timeouts: { idleMs: 200 } });
    const { sse: stream } = anthropicTurn(turn, { model: 'claude-test' });
    const whole = sse(stream, { chunkSize: 200, delayMs: 1 });
    gateway.provider.on(
      '/v1/messages',
      how === 'hang' ? headersThenHang({ content: stream }) : cutAfter(Buffer.byteLength(stream), 'rst', whole),
    );
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(await answer.text()).toBe(stream);
    expect(await gateway.nextRecord()).toMatchObject({ status: 200, attempts: [{ outcome: 'answered' }] });
  });
});
