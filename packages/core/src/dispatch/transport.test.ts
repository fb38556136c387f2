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
    const send = make({ headersMs: 150, firstEventMs: 300, idleMs: 150, totalMs: 600 });
    expect(await codeOf(send('/hang'))).toBe('HEADERS_TIMEOUT');
    expect(await codeOf((await send('/silent')).whole())).toBe('IDLE_TIMEOUT');
    const stalled = await send('/stall');
    stalled.firstEvent();
    expect(await codeOf(stalled.whole())).toBe('IDLE_TIMEOUT');
    expect(await codeOf((await send('/pings')).whole())).toBe('FIRST_EVENT_TIMEOUT');
    const committed = await send('/pings');
    committed.firstEvent();
    expect(await codeOf(committed.whole())).toBe('TOTAL_TIMEOUT');
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

  it('F37 closes the connection within 100 ms of a cancel, before and after the headers', async () => {
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
      const before = performance.now();
      cancel({ code: 'CLIENT_CLOSED' } as SignalboxError);
      await request.aborted;
      expect(performance.now() - before).toBeLessThan(1_000);
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
