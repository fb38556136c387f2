import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { anthropicTurn, type Responder, raw } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const ask = (extra: object = {}) => gateway.post('/v1/messages', messagesBody(extra), anthropicHeaders);
/** So much that nothing on the way can hold all of it, and that does not compress well. */
const long = Array.from({ length: 4_000 }, () => randomBytes(300).toString('base64'));
const { sse: stream } = anthropicTurn({ text: long }, { model: 'claude-test' });
const { body } = anthropicTurn({ text: 'Hello' }, { model: 'claude-test' });

/** At its best it takes seconds. */
const brotli = (text: string): Buffer => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });

describe.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotli],
] as const)('an answer in %s that nobody asked for', (encoding, compress) => {
  const answer = (body: string): Responder =>
    raw(200, { 'content-type': 'text/event-stream', 'content-encoding': encoding }, compress(body));

  it('is read to its end, also by a client that reads slowly', async () => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', answer(stream));
    const response = await ask({ stream: true });
    expect(response.headers.get('content-encoding')).toBeNull();
    const reader = response.body?.getReader();
    let text = '';
    const decoder = new TextDecoder();
    for (let reads = 0; ; reads++) {
      const next = await reader?.read();
      if (next === undefined || next.done) break;
      text += decoder.decode(next.value, { stream: true });
      if (reads < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(text).toBe(stream);
  });

  it('that breaks off is a cut, not an end', async () => {
    gateway = await startTestGateway();
    const whole = compress(stream);
    const half = whole.subarray(0, whole.length / 2);
    gateway.provider.on(
      '/v1/messages',
      raw(200, { 'content-type': 'text/event-stream', 'content-encoding': encoding }, half),
    );
    const text = await (await ask({ stream: true })).text();
    expect(text).toMatch(/\nevent: error\n/);
    expect(text).not.toContain('message_stop');
  });

  it('lets go of a connection on which more follows than belongs to it', async () => {
    gateway = await startTestGateway();
    const left = Promise.withResolvers<void>();
    gateway.provider.on('/v1/messages', async (_request, wire) => {
      wire.head(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      await wire.write(Buffer.concat([compress(JSON.stringify(body)), Buffer.alloc(12)]));
      // And then it neither says anything more nor ends.
      await wire.closed();
      left.resolve();
    });
    expect((await ask()).status).toBe(200);
    await left.promise;
  });

  it('that is an error says what it says', async () => {
    gateway = await startTestGateway();
    const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: 'too blue' } });
    gateway.provider.on('/v1/messages', raw(400, { 'content-encoding': encoding }, compress(body)));
    expect(await (await ask()).text()).toContain('too blue');
  });
});

it('an answer in an encoding that nobody knows is a failure', async () => {
  gateway = await startTestGateway();
  gateway.provider.on('/v1/messages', raw(200, { 'content-encoding': 'rot13' }, 'nonsense'));
  expect((await ask()).status).toBe(502);
});
