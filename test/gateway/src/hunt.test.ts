import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  anthropicTurn,
  hang,
  headersThenHang,
  json,
  openaiChatTurn,
  type Responder,
  raw,
  reply,
  sse,
} from '@signalbox/testkit';
import { nextAnswerRead } from './answer-read.ts';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const turn = { text: 'Hello there' };
const { sse: stream } = anthropicTurn(turn, { model: 'claude-test' });

/** A request as bytes, for what no well-behaved client sends. */
function post(body: string, headers = ''): string {
  return `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nanthropic-version: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

function open(): Socket {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.on('error', () => {}); // 'close' follows
  return socket;
}

/** Sends `bytes` and gives all that comes back until the gateway closes. */
async function exchangeBytes(bytes: string): Promise<string> {
  const socket = open();
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

describe('a request line', () => {
  it.each(['http://evil.example/v1/models', 'http://[', '*'])('that is no path gets a 400: %s', async (target) => {
    gateway = await startTestGateway();
    const request = `OPTIONS ${target} HTTP/1.1\r\nhost: localhost\r\nanthropic-version: x\r\nconnection: close\r\n\r\n`;
    const answer = await exchangeBytes(request);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"type":"invalid_request_error"');
  });
});

const rest = '"max_tokens":5,"messages":[{"role":"user","content":"hi"}]';

describe('a body that two parsers could read differently', () => {
  it.each([
    ['a key twice', `{"model":"cheap","model":"dear",${rest}}`],
    ['a key twice, once escaped', `{"model":"cheap","mod\\u0065l":"dear",${rest}}`],
    ['a key twice, first escaped', `{"mod\\u0065l":"cheap",${rest},"model":"dear"}`],
  ])('goes upstream with the one model that was routed: %s', async (_name, body) => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', reply(turn));
    expect((await gateway.post('/v1/messages', body, anthropicHeaders)).status).toBe(200);
    expect((await gateway.nextRecord()).model).toBe('dear');
    const sent = gateway.provider.requests[0]?.rawBody.toString() ?? '';
    expect(JSON.parse(sent)).toMatchObject({ model: 'dear' });
    expect(sent).not.toContain('cheap');
  });

  it('refuses a second model that is no text', async () => {
    gateway = await startTestGateway();
    const answer = await gateway.post('/v1/messages', `{"model":"cheap",${rest},"model":7}`, anthropicHeaders);
    expect(answer.status).toBe(400);
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('streams or not as the last `stream` says', async () => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', reply(turn));
    const body = `{"model":"m","stream":true,"stream":false,${rest}}`;
    const answer = await gateway.post('/v1/messages', body, anthropicHeaders);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(gateway.provider.requests[0]?.rawBody.toString()).not.toContain('true');
  });
});

describe('headers of an answer', () => {
  it('stay small and legal whatever the model is called', async () => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', reply(turn));
    for (const model of ['x'.repeat(1_000), 'a\r\nx-evil: 1\u2028é', '__proto__']) {
      const answer = await gateway.post('/v1/messages', messagesBody({ model }), anthropicHeaders);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-evil')).toBeNull();
      expect(answer.headers.get('x-signalbox-target')?.length).toBeLessThan(300);
    }
  });

  it.each([false, true])('may come from a provider that writes UTF-8 into them (stream: %s)', async (streamed) => {
    gateway = await startTestGateway();
    const headers = { 'anthropic-ratelimit-note': Buffer.from('→ noté').toString('latin1') };
    const { body } = anthropicTurn(turn, { model: 'claude-test' });
    gateway.provider.on('/v1/messages', streamed ? sse(stream, { headers }) : json(200, body, headers));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: streamed }), anthropicHeaders);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Hello there');
    expect(answer.headers.get('anthropic-ratelimit-note')).toMatch(/not/);
  });
});

describe('a model name', () => {
  it('of any length is refused before it is matched, logged or sent on', async () => {
    gateway = await startTestGateway();
    const model = 'claude'.repeat(200_000);
    for (const body of [messagesBody({ model }), `{"model":"m","mod\\u0065l":"${model}",${rest}}`]) {
      const answer = await gateway.post('/v1/messages', body, anthropicHeaders);
      expect(answer.status).toBe(400);
      expect((await answer.text()).length).toBeLessThan(1_000);
    }
    expect(gateway.provider.requests).toHaveLength(0);
  });
});

describe('a client that is slow', () => {
  it('is not mistaken for a silent provider', async () => {
    gateway = await startTestGateway({ timeouts: { idleMs: 1_000 } });
    const filler = `event: ping\ndata: {"type":"ping","x":"${'y'.repeat(100_000)}"}\n\n`;
    const [head = '', ...tail] = stream.split(/(?<=\n\n)(?=event: content_block_stop)/);
    const parts = [head, ...Array.from({ length: 200 }, () => filler), ...tail];
    gateway.provider.on('/v1/messages', sse(parts));
    const socket = open();
    socket.pause();
    socket.write(post(JSON.stringify(messagesBody({ stream: true })), 'connection: close\r\n'));
    await gateway.provider.waitForRequest(0);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk.slice(-20_000);
    });
    socket.resume();
    await once(socket, 'close');
    expect((await gateway.nextRecord()).error).toBeUndefined();
    expect(text).toContain('message_stop');
  });
});

describe('a client that leaves', () => {
  it('F37 ends every request that it had put on one connection', async () => {
    gateway = await startTestGateway({ server: { maxConcurrentRequests: 2 } });
    gateway.provider.once('/v1/messages', hang());
    gateway.provider.once('/v1/messages', hang());
    gateway.provider.on('/v1/messages', reply(turn));
    const socket = open();
    const request = post(JSON.stringify(messagesBody({ stream: true })));
    socket.write(request + request);
    await gateway.provider.waitForRequest(1);
    socket.destroy();
    await gateway.provider.waitForSockets(0);
    const records = [await gateway.nextRecord(), await gateway.nextRecord()];
    expect(records.map(({ status }) => status)).toEqual([499, 499]);
    const after = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(after.status).toBe(200);
  });

  it('F38 leaves nothing behind, at whatever moment it goes', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    gateway.provider.on(/completions/, sse(openaiChatTurn(turn, { model: 'm' }).sse, { chunkSize: 60, delayMs: 5 }));
    const request = post(JSON.stringify(messagesBody({ stream: true })), 'connection: close\r\n');
    const leave = async (index: number): Promise<boolean> => {
      const socket = open();
      const closed = once(socket, 'close');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (index % 5 === 3 && text.includes('event:')) socket.resetAndDestroy();
      });
      const moment = index % 5;
      socket.write(moment === 0 ? request.slice(0, -20) : request);
      if (moment < 3) setTimeout(() => socket.destroy(), moment * (index % 30));
      await closed;
      return text.includes('message_stop');
    };
    const finished = (await Promise.all(Array.from({ length: 200 }, (_, index) => leave(index)))).filter(Boolean);
    expect(finished.length).toBeGreaterThanOrEqual(40);
    const reached = gateway.provider.requests.length;
    while (gateway.records.length < reached) await gateway.nextRecord();
    expect(new Set(gateway.records.map(({ id }) => id)).size).toBe(gateway.records.length);
    expect(gateway.records.filter(({ status }) => status === 200)).toHaveLength(finished.length);
    await gateway.drain(0);
    await gateway.provider.waitForSockets(0);
  });

  it('gets its refusal even while it is still sending', async () => {
    gateway = await startTestGateway({ server: { maxBodyBytes: 100_000 } });
    const answer = await gateway.post(
      '/v1/messages',
      messagesBody({ system: 'x'.repeat(20_000_000) }),
      anthropicHeaders,
    );
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { type: 'request_too_large' } });
  });
});

describe('stopping', () => {
  it('does not wait for connections that only stay open', async () => {
    gateway = await startTestGateway();
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const held: Responder = async (request, wire) => {
      await finished;
      await sse(stream)(request, wire);
    };
    gateway.provider.on('/v1/messages', held);
    const socket = open();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(post(JSON.stringify(messagesBody({ stream: true }))));
    await gateway.provider.waitForRequest(0);
    const closed = gateway.drain(3_600_000);
    finish();
    await closed;
    expect(text).toContain('message_stop');
  });
});

describe('what a provider says about an error', () => {
  const keys = { anthropic: 'a1b2c3d4e5f6a7b8', chat: 'gsk_0123456789abcdef' };

  it.each(['constructor', '__proto__', 'toString'])('is not looked up on Object.prototype: %s', async (type) => {
    for (const target of ['chat/gpt-test', 'anthropic/claude-test']) {
      gateway = await startTestGateway({ targets: [target] });
      gateway.provider.on(/messages|completions/, json(400, { error: { message: 'no', type, code: type } }));
      const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
      expect([target, answer.status]).toEqual([target, 400]);
      gateway.provider.on(/messages|completions/, json(200, { error: { message: 'no', type, code: type } }));
      const inside = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
      expect(inside.status).toBeGreaterThanOrEqual(500);
      expect(await inside.text()).not.toContain('Signalbox failed');
      await gateway.close();
    }
  });

  it.each([400, 404, 413, 422, 429, 500, 502, 503, 529, 200])(
    'F101 never shows the key it was called with (%i)',
    async (status) => {
      for (const name of ['anthropic', 'chat'] as const) {
        gateway = await startTestGateway({ targets: [`${name}/m`], keys });
        const message = `bad header: ${keys[name]} given`;
        gateway.provider.on(/messages|completions/, json(status, { type: 'error', error: { message, type: 'x' } }));
        const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
        const shown = (await answer.text()) + JSON.stringify(await gateway.nextRecord());
        expect(shown).not.toContain(keys[name]);
        await gateway.close();
      }
    },
  );

  it.each(['anthropic/m', 'chat/m'])('F92 asks for a wait in digits, and for a week at most (%s)', async (target) => {
    gateway = await startTestGateway({ targets: [target] });
    for (const [given, passed] of [
      ['99999999999999999999999', '604800'],
      ['1e999', null],
      ['-5', null],
    ] as const) {
      gateway.provider.once(/messages|completions/, json(429, {}, { 'retry-after': given }));
      const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, passed]);
    }
  });

  it('is not read out of compressed bytes', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    const body = gzipSync(JSON.stringify({ error: { message: 'inside' } }));
    gateway.provider.on(/completions/, raw(500, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, body));
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toMatch(/^[\x20-\x7e’]+$/);
  });
});

describe('a provider’s connection', () => {
  it.each(['anthropic/claude-test', 'chat/m'])('serves the next stream, too (%s)', async (target) => {
    gateway = await startTestGateway({ targets: [target] });
    const chat = openaiChatTurn(turn, { model: 'm' }).sse;
    const late: Responder = async ({ path }, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      await wire.write(Buffer.from(path.includes('chat') ? chat : stream));
      await wire.wait(30); // the end of the body comes in a packet of its own
      await wire.end();
    };
    gateway.provider.on(/messages|completions/, late);
    for (let i = 0; i < 4; i++) {
      const read = nextAnswerRead(gateway.provider.url);
      const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
      expect(await answer.text()).toContain('message_stop');
      await read;
    }
    expect(gateway.provider.connections).toBe(1);
  });

  it('is not held by one that never ends its answer', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    gateway.provider.on(/completions/, headersThenHang({ content: openaiChatTurn(turn, { model: 'm' }).sse }));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(await answer.text()).toContain('message_stop');
    await gateway.provider.waitForSockets(0);
    expect((await gateway.nextRecord()).status).toBe(200);
  });
});

describe('a very long frame', () => {
  it('costs time by its length, not by its square', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'] });
    const piece = 'q'.repeat(64 * 1024);
    const cpuOf = async (pieces: number): Promise<number> => {
      const long: Responder = async (_request, wire) => {
        wire.head(200, { 'content-type': 'text/event-stream' });
        await wire.write(Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"'));
        for (let i = 0; i < pieces; i++) await wire.write(Buffer.from(piece));
        await wire.write(Buffer.from('"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'));
        await wire.end();
      };
      gateway.provider.on(/completions/, long);
      const began = process.cpuUsage();
      const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
      expect((await answer.text()).length).toBeGreaterThan(pieces * 65_000);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1_000;
    };
    /** The engine tidies up when it likes, in all that other tests have left: the least of some is what the work costs. */
    const leastOf = async (pieces: number): Promise<number> =>
      Math.min(await cpuOf(pieces), await cpuOf(pieces), await cpuOf(pieces));
    await cpuOf(50);
    const short = await leastOf(50);
    const long = await leastOf(400);
    // Eight times as long; the square of that is 64.
    expect(long).toBeLessThan(30 * short + 500);
  });
});

describe('content types', () => {
  it('are read in any case', async () => {
    gateway = await startTestGateway();
    const { body } = anthropicTurn(turn, { model: 'claude-test' });
    gateway.provider.once('/v1/messages', raw(200, { 'content-type': 'Text/HTML' }, '<html>secret</html>'));
    expect((await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders)).status).toBe(502);
    gateway.provider.once('/v1/messages', raw(200, { 'content-type': 'Application/JSON' }, JSON.stringify(body)));
    const whole = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    expect(await whole.text()).toContain('message_stop');
    gateway.provider.once('/v1/messages', raw(200, { 'content-type': 'Text/Event-Stream' }, stream));
    const streamed = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(await streamed.json()).toMatchObject({ content: [{ text: 'Hello there' }] });
  });
});
