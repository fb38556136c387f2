import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import authApiKey from '@signalbox/auth-api-key';
import { configOf, createGeneration } from '@signalbox/core';
import { definePlugin, type SignalboxError } from '@signalbox/kit';
import providerAnthropic from '@signalbox/provider-anthropic';
import { startServer } from '@signalbox/server';
import { hang, json, reply } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway?.close());

/** `fetch` sets Host itself. */
function rawGet(
  url: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; body: string; headers: object }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    call.on('error', reject).end();
  });
}

describe('security defaults', () => {
  it('refuses foreign Host headers, which is how DNS rebinding looks', async () => {
    gateway = await startTestGateway();
    for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example']) {
      expect((await rawGet(`${gateway.url}/v1/models`, { host })).status).toBe(403);
      expect(await gateway.nextRecord()).toMatchObject({ status: 403, error: { code: 'FORBIDDEN' } });
    }
    for (const host of ['localhost', '127.0.0.1:1234', '[::1]:99']) {
      expect((await rawGet(`${gateway.url}/v1/models`, { host })).status).toBe(200);
    }
  });

  it('refuses web pages of other origins and lets configured ones in', async () => {
    gateway = await startTestGateway({ server: { allowedOrigins: ['https://ok.example'] } });
    gateway.provider.on('/v1/messages', reply({ text: 'x' }));
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
      const answer = await gateway.post('/v1/messages', messagesBody(), { ...anthropicHeaders, origin });
      expect(answer.status).toBe(403);
    }
    expect(gateway.provider.requests).toHaveLength(0);
    const allowed = await gateway.post('/v1/messages', messagesBody(), {
      ...anthropicHeaders,
      origin: 'https://ok.example',
    });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://ok.example');
    const preflight = await rawGet(`${gateway.url}/v1/messages`, { origin: 'https://ok.example' }, 'OPTIONS');
    expect(preflight.status).toBe(204);
  });

  it('does not listen beyond loopback without an auth plugin', async () => {
    const open = (plugins: Parameters<typeof configOf>[0]) =>
      createGeneration(configOf(plugins, { server: { host: '0.0.0.0', port: 0 } }));
    const generation = await open([]);
    await expect(startServer(generation, { version: 'x' })).rejects.toMatchObject({ code: 'BIND_REFUSED' });
    await generation.close();
    const guarded = await open([[authApiKey, { keys: [{ key: 'a-key-of-sixteen-chars', name: 'me' }] }]]);
    const server = await startServer(guarded, { version: 'x' });
    await server.close(0);
  });

  it('limits body size, nesting and concurrency in the client’s format', async () => {
    gateway = await startTestGateway({ server: { maxBodyBytes: 2048, maxJsonDepth: 20, maxConcurrentRequests: 1 } });
    const large = await gateway.post('/v1/messages', messagesBody({ system: 'x'.repeat(3000) }), anthropicHeaders);
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
    const deep = await gateway.post(
      '/v1/messages',
      `{"model":"m","x":${'['.repeat(30)}${']'.repeat(30)}}`,
      anthropicHeaders,
    );
    expect(deep.status).toBe(400);
    gateway.provider.on('/v1/messages', hang());
    const first = gateway.post('/v1/messages', messagesBody(), anthropicHeaders).catch(() => {});
    await gateway.provider.waitForRequest(0);
    const second = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(second.status).toBe(503);
    expect(second.headers.get('retry-after')).toBe('1');
    // Busy is not ill, and what was refused is on record.
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    const refused = gateway.records.find(({ id }) => id === second.headers.get('x-signalbox-id'));
    expect(refused).toMatchObject({ status: 503, error: { code: 'UNAVAILABLE' }, format: 'anthropic-messages' });
    await gateway.close();
    await first;
  });

  it('limits a body that announces no length', async () => {
    gateway = await startTestGateway({ server: { maxBodyBytes: 2048 } });
    const { port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text)).on('error', () => {});
      socket.write(
        'POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nanthropic-version: x\r\n\r\n',
      );
      for (let i = 0; i < 5; i++) socket.write(`400\r\n${'x'.repeat(1024)}\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('auth', () => {
  const key = 'a-key-of-sixteen-chars';

  it('takes the key in x-api-key or as Bearer, and refuses with 401 in the client’s format', async () => {
    gateway = await startTestGateway({ plugins: [[authApiKey, { keys: [{ key, name: 'me' }] }]] });
    gateway.provider.on('/v1/messages', reply({ text: 'x' }));
    for (const headers of [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }]) {
      expect((await gateway.post('/v1/messages', messagesBody(), headers)).status).toBe(200);
      expect((await gateway.nextRecord()).principal).toBe('me');
    }
    for (const headers of [{}, { 'x-api-key': 'wrong' }, { authorization: `Basic ${key}` }]) {
      const refused = await gateway.post('/v1/messages', messagesBody(), headers);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('x-should-retry')).toBe('false');
      expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    }
    const models = await fetch(`${gateway.url}/v1/models`);
    expect(models.status).toBe(401);
    const chat = await gateway.post('/v1/chat/completions', chatBody());
    expect(chat.status).toBe(401);
    expect(await chat.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect(JSON.stringify(gateway.records)).not.toContain(key);
  });

  it('passes the caller’s own key to a provider that wants it', async () => {
    gateway = await startTestGateway({
      targets: ['mine/claude-test'],
      plugins: (url) => [
        [authApiKey, { mode: 'forward' }],
        [providerAnthropic, { name: 'mine', forwardCallerKey: true, baseUrl: url }],
      ],
    });
    gateway.provider.once('/v1/messages', reply({ text: 'x' }));
    gateway.provider.once(
      '/v1/messages',
      json(401, { type: 'error', error: { type: 'authentication_error', message: 'no' } }),
    );
    for (const status of [200, 401]) {
      const answer = await gateway.post('/v1/messages', messagesBody(), { 'x-api-key': 'sk-callers-own-key' });
      expect(answer.status).toBe(status);
    }
    expect(gateway.provider.requests[0]?.headers['x-api-key']).toBe('sk-callers-own-key');
    expect(JSON.stringify(gateway.records)).not.toContain('sk-callers-own-key');
    const missing = await gateway.post('/v1/messages', messagesBody());
    expect(missing.status).toBe(401);
  });
});

describe('paths', () => {
  it('answers what the recorded client asks for beside chat', async () => {
    gateway = await startTestGateway();
    expect((await fetch(`${gateway.url}/`, { method: 'HEAD' })).status).toBe(200);
    expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject({ status: 'ok', name: 'signalbox' });
  });

  it('gives each client its own shape of list, 404 and malformed body', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    const anthropic = await fetch(`${gateway.url}/v1/models?limit=1000`, { headers: anthropicHeaders });
    expect(await anthropic.json()).toMatchObject({ data: expect.any(Array), has_more: false });
    const openai = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: 'Bearer x' } });
    expect(await openai.json()).toMatchObject({ object: 'list', data: expect.any(Array) });
    const lost = await fetch(`${gateway.url}/v1/nothing`, { headers: anthropicHeaders });
    expect(lost.status).toBe(404);
    expect(await lost.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    const lostChat = await fetch(`${gateway.url}/v1/nothing`, { headers: { authorization: 'Bearer x' } });
    expect(lostChat.status).toBe(404);
    expect(await lostChat.json()).toMatchObject({ error: { message: expect.stringContaining('/v1/nothing') } });
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '{"model":1}',
      '{"model":"m"}',
      '{"model":"m","max_tokens":1,"messages":"x"}',
    ]) {
      const answer = await gateway.post('/v1/messages', body, anthropicHeaders);
      expect([body, answer.status]).toEqual([body, 400]);
      expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    }
  });
});

describe('count_tokens', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(360) }] };

  it('F26 F27 estimates where the provider cannot count, with system and tools', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    const count = async (extra: object) => {
      const answer = await gateway.post('/v1/messages/count_tokens?beta=true', { ...body, ...extra }, anthropicHeaders);
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { input_tokens: number }).input_tokens;
    };
    const bare = await count({});
    expect(bare).toBeGreaterThan(50);
    const full = await count({
      system: 'y'.repeat(720),
      tools: [{ name: 'f', description: 'z'.repeat(720), input_schema: { type: 'object' } }],
    });
    expect(full).toBeGreaterThan(bare + 300);
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('asks a provider that counts, and F29 does not hide its refusal', async () => {
    gateway = await startTestGateway();
    gateway.provider.once('/v1/messages/count_tokens', json(200, { input_tokens: 77 }));
    gateway.provider.once(
      '/v1/messages/count_tokens',
      json(401, { type: 'error', error: { type: 'authentication_error', message: 'no' } }),
    );
    gateway.provider.once('/v1/messages/count_tokens', json(500, {}));
    // What was answered is not asked again.
    const ask = (system: string) => gateway.post('/v1/messages/count_tokens', { ...body, system }, anthropicHeaders);
    expect(await (await ask('a')).json()).toEqual({ input_tokens: 77 });
    expect((await ask('b')).status).toBe(502);
    expect((await ask('b')).status).toBe(200);
  });
});

describe('plugins that fail', () => {
  it('answer 500 in the client’s format and name themselves in the log only', async () => {
    const broken = definePlugin({
      name: 'broken',
      apply({ hooks }) {
        hooks.transformIn.tapPromise('broken', async () => {
          throw new TypeError('secret internals');
        });
      },
    });
    gateway = await startTestGateway({ plugins: [[broken]] });
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).toContain('broken');
    expect(text).not.toContain('secret internals');
    expect((await gateway.nextRecord()).error?.code).toBe('PLUGIN_FAILED');
  });

  it('stop the start with name and reason, and leave nothing behind', async () => {
    const bad = definePlugin({
      name: 'bad',
      apply() {
        throw new Error('cannot reach my database');
      },
    });
    const failure = await createGeneration(configOf([[bad]])).catch((error: SignalboxError) => error);
    expect(failure).toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringContaining('plugin bad: cannot reach my database'),
    });
  });
});
