import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SignalboxError } from '@signalbox/kit';
import {
  cutAfter,
  dropConnection,
  hang,
  headersThenHang,
  json,
  pingOnly,
  type ScriptedProvider,
  slow,
  sse,
  startScriptedProvider,
} from '@signalbox/testkit';
import { defaultTimeouts } from './attempt-clock.ts';
import { Transport } from './transport.ts';

let provider: ScriptedProvider;
let transport: Transport;

beforeEach(async () => {
  provider = await startScriptedProvider();
});
afterEach(async () => {
  await transport.destroy();
  await provider.close();
});

const make = (timeouts: Partial<typeof defaultTimeouts> = {}) => {
  transport = new Transport('The provider test', { ...defaultTimeouts, ...timeouts });
  return (path = '/x') => transport.send({ url: provider.url + path, headers: {}, body: '{}' }, () => {});
};
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: SignalboxError) => error.code,
  );

describe('Transport', () => {
  it('gives status, headers and the body', async () => {
    provider.on('/x', json(201, { a: 1 }, { 'X-Thing': 'y' }));
    const response = await make()();
    expect(response.status).toBe(201);
    expect(response.headers['x-thing']).toBe('y');
    expect((await response.whole()).toString()).toBe('{"a":1}');
    expect(provider.requests[0]?.rawBody.toString()).toBe('{}');
  });

  it('F94 tells a missing answer, a silent start, a stall and an endless stream apart', async () => {
    provider.on('/hang', hang());
    provider.on('/silent', headersThenHang());
    provider.on('/stall', headersThenHang({ content: 'data: x\n\n' }));
    provider.on('/pings', pingOnly({ everyMs: 20 }));
    // Each limit alone: on a machine that stands still, one that is short as well would be the first.
    expect(await codeOf(make({ headersMs: 150 })('/hang'))).toBe('HEADERS_TIMEOUT');
    await transport.destroy();
    const patient = make({ idleMs: 150 });
    expect(await codeOf((await patient('/silent')).whole())).toBe('IDLE_TIMEOUT');
    const stalled = await patient('/stall');
    stalled.firstEvent();
    expect(await codeOf(stalled.whole())).toBe('IDLE_TIMEOUT');
    await transport.destroy();
    expect(await codeOf((await make({ firstEventMs: 150 })('/pings')).whole())).toBe('FIRST_EVENT_TIMEOUT');
    await transport.destroy();
    const committed = await make({ totalMs: 600 })('/pings');
    committed.firstEvent();
    expect(await codeOf(committed.whole())).toBe('TOTAL_TIMEOUT');
  });

  it('F94 takes nobody for silent whose bytes came while this process stood still', async () => {
    const waiting = Promise.withResolvers<void>();
    provider.on('/late', async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      await waiting.promise;
      await nextTurn();
      const written = wire.write(Buffer.from('data: x\n\n'));
      // The bytes are on their way when everything stops, and the limit is over when it goes on.
      process.nextTick(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200));
      await written;
      await wire.end();
    });
    const response = await make({ idleMs: 1_000 })('/late');
    waiting.resolve();
    expect((await response.whole()).toString()).toBe('data: x\n\n');
  });

  it('calls a provider that refuses or resets before the headers unreachable, and after them cut', async () => {
    provider.on('/drop', dropConnection('rst'));
    provider.on('/cut', cutAfter(5, 'rst', sse('data: hello\n\ndata: more\n\n')));
    const send = make();
    expect(await codeOf(send('/drop'))).toBe('PROVIDER_UNREACHABLE');
    expect(await codeOf((await send('/cut')).whole())).toBe('CUT_STREAM');
    const { port } = provider;
    await provider.close();
    expect(await codeOf(transport.send({ url: `http://127.0.0.1:${port}/x`, headers: {}, body: '' }, () => {}))).toBe(
      'PROVIDER_UNREACHABLE',
    );
  });

  it('F37 closes the connection with a cancel, before and after the headers', async () => {
    provider.on('/hang', hang());
    provider.on('/late', slow(20, headersThenHang({ content: 'data: x\n\n' })));
    make();
    for (const path of ['/hang', '/late']) {
      let cancel: (reason: SignalboxError) => void = () => {};
      const answer = transport.send({ url: provider.url + path, headers: {}, body: '' }, (given) => {
        cancel = given;
      });
      answer.catch(() => {});
      const request = await provider.waitForRequest(path === '/hang' ? 0 : 1);
      if (path === '/late') await answer;
      cancel({ code: 'CLIENT_CLOSED' } as SignalboxError);
      await request.aborted;
    }
  });

  it('holds a fast provider back while nobody reads', async () => {
    const chunk = `data: ${'x'.repeat(65_000)}\n\n`;
    let written = 0;
    provider.on('/fast', async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < 400; i++) {
        await wire.write(Buffer.from(chunk));
        written++;
      }
      await wire.end();
    });
    const response = await make()('/fast');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(400);
    expect((await response.whole()).length).toBe(chunk.length * 400);
  });
});
