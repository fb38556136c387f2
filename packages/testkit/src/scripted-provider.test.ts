import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cutAfter,
  drip,
  dropConnection,
  hang,
  headersThenHang,
  inOrder,
  json,
  pingOnly,
  type Responder,
  type ScriptedProvider,
  slow,
  sse,
  startScriptedProvider,
} from './index.ts';

let provider: ScriptedProvider;
beforeEach(async () => {
  provider = await startScriptedProvider();
});
afterEach(() => provider.close());

interface RawAnswer {
  status: number;
  body: Buffer;
  chunks: number[];
  error: string | undefined;
}

/** Reads an answer as the socket gives it: `error` is the code of a broken connection. */
function post(path: string, body = '{}'): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const answer: RawAnswer = { status: 0, body: Buffer.alloc(0), chunks: [], error: undefined };
    const fail = (error: NodeJS.ErrnoException) => resolve({ ...answer, error: error.code });
    const outgoing = httpRequest(`${provider.url}${path}`, { method: 'POST', agent: false }, (incoming) => {
      answer.status = incoming.statusCode ?? 0;
      incoming.on('data', (chunk: Buffer) => {
        answer.body = Buffer.concat([answer.body, chunk]);
        answer.chunks.push(chunk.length);
      });
      incoming.on('end', () => resolve(answer));
      incoming.on('error', fail);
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

describe('startScriptedProvider', () => {
  it('keeps nothing of what it was asked where it is not to', async () => {
    await provider.close();
    const indexes: number[] = [];
    provider = await startScriptedProvider({
      remember: false,
      script: (request, wire) => {
        indexes.push(request.index);
        return json(200, {})(request, wire);
      },
    });
    for (const path of ['/a', '/b']) expect((await post(path)).status).toBe(200);
    expect({ indexes, kept: provider.requests, unscripted: provider.unscripted }).toEqual({
      indexes: [0, 1],
      kept: [],
      unscripted: [],
    });
  });

  it('records what it was asked', async () => {
    provider.on('/v1/x', json(201, { ok: true }, { 'x-a': 'b' }));
    const response = await fetch(`${provider.url}/v1/x?beta=true`, {
      method: 'POST',
      headers: { 'X-Api-Key': 'k' },
      body: '{"model":"m"}',
    });
    expect([response.status, response.headers.get('x-a'), await response.json()]).toEqual([201, 'b', { ok: true }]);
    const request = await provider.waitForRequest(0);
    expect(request).toMatchObject({
      index: 0,
      method: 'POST',
      path: '/v1/x',
      query: '?beta=true',
      body: { model: 'm' },
    });
    expect(request.headers['x-api-key']).toBe('k');
    expect(request.rawBody.toString()).toBe('{"model":"m"}');
    expect(request.abortedAt).toBeUndefined();
  });

  it('asks queued responders first, in order, then the last rule that matches', async () => {
    provider.on(/^POST /, json(200, '1'));
    provider.on('POST /b', json(200, '2'));
    provider.once('/b', json(200, '3'));
    provider.once(() => true, json(200, '4'));
    const answers = [];
    for (const path of ['/b', '/b', '/b', '/a']) answers.push((await post(path)).body.toString());
    expect(answers).toEqual(['3', '4', '2', '1']);
  });

  it('answers 501 where nothing is scripted, and lists it', async () => {
    expect((await post('/nothing')).status).toBe(501);
    expect(provider.unscripted.map(({ path }) => path)).toEqual(['/nothing']);
  });

  it('F37 knows at once that the client left', async () => {
    provider.on('/hang', hang());
    const controller = new AbortController();
    const answer = fetch(`${provider.url}/hang`, { method: 'POST', body: '{}', signal: controller.signal });
    const request = await provider.waitForRequest(0);
    expect(request.abortedAt).toBeUndefined();
    controller.abort();
    await expect(answer).rejects.toThrow();
    await request.aborted;
    await provider.waitForSockets(0);
    expect(provider.openSockets).toBe(0);
  });

  it('F37 knows it in the middle of a stream, too', async () => {
    provider.on('/s', drip('data: x\n\n'.repeat(1000)));
    const controller = new AbortController();
    const response = await fetch(`${provider.url}/s`, { signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
    const request = await provider.waitForRequest(0);
    expect(await request.aborted).toBeGreaterThan(request.receivedAt);
  });

  it('closes while a responder hangs, and fails what waits for more', async () => {
    provider.on('/hang', hang());
    const answer = post('/hang');
    const request = await provider.waitForRequest(0);
    const more = provider.waitForRequest(1);
    await Promise.all([provider.close(), expect(more).rejects.toThrow('closed before request 1')]);
    expect((await answer).error).toBe('ECONNRESET');
    expect(request.abortedAt).toBeUndefined();
    expect(provider.openSockets).toBe(0);
  });

  it('reports a responder that throws when it closes', async () => {
    const broken = await startScriptedProvider({
      script: () => {
        throw new TypeError('no such fixture');
      },
    });
    await expect(fetch(broken.url)).rejects.toThrow();
    await expect(broken.close()).rejects.toMatchObject({ cause: { message: 'no such fixture' } });
  });
});

describe('responders', () => {
  it('writes a stream in the pieces asked for, byte for byte', async () => {
    const text = 'data: é€😀\n\ndata: [DONE]\n\n';
    const piecesOf = async (responder: Responder) => {
      provider.on('/', responder);
      let most = await post('/');
      // Two that were sent may arrive as one, where this process stood still in between: the other answers tell.
      for (let again = 0; again < 4; again++) {
        const answer = await post('/');
        if (answer.chunks.length > most.chunks.length) most = answer;
      }
      return most;
    };
    const split = await piecesOf(sse(text, { splitAt: [7, 9, 9], delayMs: 15 }));
    expect(split.body.toString()).toBe(text);
    expect(split.chunks).toEqual([7, 2, Buffer.byteLength(text) - 9]);
    const chopped = await piecesOf(sse([text, text], { chunkSize: 40, delayMs: 15 }));
    expect(chopped.chunks).toEqual([40, Buffer.byteLength(text) * 2 - 40]);
    expect((await piecesOf(sse([text, 'x'], { delayMs: 15 }))).chunks).toEqual([Buffer.byteLength(text), 1]);
  });

  it.each([
    ['end', undefined],
    ['fin', 'ECONNRESET'],
    ['rst', 'ECONNRESET'],
  ] as const)('F21 cuts a stream after so many bytes: %s', async (how, error) => {
    provider.on('/', cutAfter(5, how, sse('0123456789', { chunkSize: 3, delayMs: 5 })));
    const answer = await post('/');
    expect([answer.status, answer.body.toString(), answer.error]).toEqual([200, '01234', error]);
    const request = await provider.waitForRequest(0);
    expect(request.finishedAt).toBeGreaterThan(0);
    expect(request.abortedAt).toBeUndefined();
  });

  it.each([
    ['end', undefined],
    ['fin', 'ECONNRESET'],
  ] as const)('cuts a whole body: %s', async (how, error) => {
    provider.on('/', cutAfter(3, how, json(200, '{"a":1}')));
    const answer = await post('/');
    expect([answer.body.toString(), answer.error]).toEqual(['{"a', error]);
  });

  it('lets a shorter body through', async () => {
    provider.on('/', cutAfter(100, 'rst', json(200, '{}')));
    expect((await post('/')).body.toString()).toBe('{}');
  });

  it.each(['fin', 'rst'] as const)('drops a connection without an answer: %s', async (how) => {
    provider.on('/', dropConnection(how));
    expect(await post('/')).toMatchObject({ status: 0, error: 'ECONNRESET' });
  });

  it('sends headers and a beginning, and then nothing', async () => {
    provider.on('/', headersThenHang({ content: 'data: 1\n\n' }));
    const controller = new AbortController();
    const response = await fetch(provider.url, { signal: controller.signal });
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    const silence = await Promise.race([reader?.read(), new Promise((resolve) => setTimeout(resolve, 50, 'silence'))]);
    expect(silence).toBe('silence');
    controller.abort();
  });

  it.each([
    ['/v1/messages', 'event: ping\ndata: {"type":"ping"}\n\n'],
    ['/v1/chat/completions', ': keep-alive\n\n'],
  ])('keeps %s alive without content', async (path, ping) => {
    provider.on(path, pingOnly({ everyMs: 5 }));
    const controller = new AbortController();
    const response = await fetch(`${provider.url}${path}`, { method: 'POST', body: '{}', signal: controller.signal });
    let seen = '';
    for await (const chunk of response.body ?? []) {
      seen += Buffer.from(chunk as Uint8Array).toString();
      if (seen.length >= ping.length * 3) break;
    }
    expect(seen.startsWith(ping.repeat(3))).toBe(true);
    await (await provider.waitForRequest(0)).aborted;
  });

  it('is slow, and goes in order', async () => {
    provider.on('/', inOrder(json(503, '{}'), slow(40, json(200, '{}'))));
    expect((await post('/')).status).toBe(503);
    const asked = performance.now();
    expect((await post('/')).status).toBe(200);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(38);
    expect((await post('/')).status).toBe(200);
  });
});

it('says at once which Node it needs', async () => {
  const own = Object.getOwnPropertyDescriptor(Promise, 'withResolvers');
  Reflect.deleteProperty(Promise, 'withResolvers');
  try {
    await expect(startScriptedProvider()).rejects.toThrow('needs Node 22.19 or later');
  } finally {
    if (own !== undefined) Object.defineProperty(Promise, 'withResolvers', own);
  }
});
