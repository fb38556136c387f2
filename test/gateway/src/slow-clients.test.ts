import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
let socket: Socket;
afterEach(async () => {
  socket.destroy();
  await gateway.close();
});

/** All that comes until the gateway closes the connection. */
function talk(first: string): Promise<string> {
  socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  let text = '';
  const all = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text)).on('error', () => {});
  });
  socket.write(first);
  return all;
}
const head = (path: string, ...more: string[]) =>
  [`POST ${path} HTTP/1.1`, 'host: localhost', ...more, '', ''].join('\r\n');
const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>;

describe('a request that does not become whole', () => {
  it('is refused in the client’s format where its body stands still', async () => {
    gateway = await startTestGateway({ server: { bodyStallMs: 100 } });
    const answer = await talk(`${head('/v1/messages', 'anthropic-version: x', 'content-length: 500')}{"model"`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyOf(answer)).toMatchObject({ type: 'error', error: { message: expect.stringContaining('bodyStallMs') } });
    expect(await gateway.nextRecord()).toMatchObject({ status: 408, error: { code: 'REQUEST_TIMEOUT' } });
    expect(gateway.provider.requests).toEqual([]);
  });

  it('is refused where its body takes too long, although it comes', async () => {
    gateway = await startTestGateway({ server: { bodyTotalMs: 300 } });
    const answer = talk(head('/v1/messages', 'anthropic-version: x', 'content-length: 50000'));
    const drip = setInterval(() => socket.write(' '), 20);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 .*bodyTotalMs/s);
    clearInterval(drip);
    expect(await gateway.nextRecord()).toMatchObject({ status: 408, error: { code: 'REQUEST_TIMEOUT' } });
  });

  it.each([
    ['/v1/messages', { type: 'error', error: { type: expect.any(String) } }],
    ['/v1/chat/completions', { error: { message: expect.any(String), type: expect.any(String) } }],
    ['/v1beta/models/m:generateContent', { error: { code: 431, status: expect.any(String) } }],
  ])('is refused in the format of %s where its head is too large', async (path, expected) => {
    gateway = await startTestGateway({ server: { maxHeaderBytes: 8_192 }, plugins: [[formatGemini]] });
    const answer = await talk(head(path, `x-large: ${'x'.repeat(20_000)}`));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toMatch(/\r\nx-signalbox-id: sbx_/);
    expect(bodyOf(answer)).toMatchObject(expected);
    expect(JSON.stringify(bodyOf(answer))).toContain('maxHeaderBytes');
  });

  it('is refused where it is no HTTP', async () => {
    gateway = await startTestGateway();
    const answer = await talk('hello there\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyOf(answer)).toMatchObject({ type: 'error' });
  });

  it('is gone although its client does not close its half', async () => {
    gateway = await startTestGateway();
    const port = Number(new URL(gateway.url).port);
    const closed = new Promise((resolve) => {
      const watch = (message: unknown): void => {
        const { socket: ours } = message as { socket: Socket };
        if (ours.localPort !== port) return;
        unsubscribe('net.server.socket', watch);
        ours.on('close', resolve);
      };
      subscribe('net.server.socket', watch);
    });
    socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {}).resume();
    socket.write('hello there\r\n\r\n');
    await closed;
    expect(socket.writable).toBe(true);
  });
});
