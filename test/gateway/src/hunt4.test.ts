import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { defineFormat, definePlugin, defineProvider, type JsonObject, mapEvents, Stage, Type } from '@signalbox/kit';
import routeBalance from '@signalbox/route-balance';
import {
  anthropicTurn,
  cutAfter,
  hang,
  headersThenHang,
  json,
  openaiChatTurn,
  providerError,
  reply,
  sse,
} from '@signalbox/testkit';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import { nextAnswerRead } from './answer-read.ts';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const messages = '/v1/messages';
const chat = '/v1/chat/completions';

const ask = (extra: object = {}, signal?: AbortSignal) =>
  fetch(gateway.url + messages, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...anthropicHeaders },
    body: JSON.stringify(messagesBody(extra)),
    ...(signal === undefined ? {} : { signal }),
  });

/** A connection that nobody reads from until it is resumed. */
function unread(): Socket {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.on('error', () => {}); // 'close' follows
  return socket.pause();
}

function requestBytes(): string {
  const body = JSON.stringify(messagesBody());
  return `POST ${messages} HTTP/1.1\r\nhost: localhost\r\nanthropic-version: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** More than all buffers between a gateway and its client hold. */
const LONG = 'x'.repeat(20_000_000);
const long = () => json(200, { ...anthropicTurn({ text: '' }).body, content: [{ type: 'text', text: LONG }] });

const closingPlugin = (name: string, close: () => void | Promise<void>) =>
  definePlugin({ name, apply: ({ hooks }) => hooks.close.tapPromise(name, async () => close()) });

describe('a hedge', () => {
  const targets = ['chat/first', 'anthropic/second'];
  const plan = { hedge: { afterMs: 60 }, retry: { maxRetries: 0 } };

  it('F37 calls nobody for a client that left while its request was routed', async () => {
    const routing = Promise.withResolvers<void>();
    const slowly = definePlugin({
      name: 'route-slowly',
      apply: ({ hooks }) =>
        hooks.route.tapPromise({ name: 'route-slowly', stage: Stage.Early }, async (found, { signal }) => {
          routing.resolve();
          await once(signal, 'abort');
          return found;
        }),
    });
    gateway = await startTestGateway({ targets, plan, plugins: [[slowly]] });
    gateway.provider.on(chat, hang());
    gateway.provider.on(messages, hang());
    const controller = new AbortController();
    const answer = ask({}, controller.signal).catch(() => {});
    await routing.promise;
    controller.abort();
    await answer;
    expect(await gateway.nextRecord()).toMatchObject({
      status: 499,
      attempts: [{ outcome: 'aborted' }],
    });
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('has the usage of an answer that the provider streams', async () => {
    gateway = await startTestGateway({ targets, plan: { ...plan, hedge: { afterMs: 10_000 } } });
    gateway.provider.on(chat, sse(openaiChatTurn({ text: ['Hel', 'lo'] }, { model: 'first' }).frames, { delayMs: 10 }));
    expect(await (await ask()).text()).toContain('Hello');
    const { usage, attempts } = await gateway.nextRecord();
    expect(usage?.completionTokens).toBeGreaterThan(0);
    expect(attempts).toMatchObject([{ outcome: 'answered', usage }]);
  });

  it('keeps what was noted while the request was routed', async () => {
    const noting = definePlugin({
      name: 'route-noting',
      apply: ({ hooks }) =>
        hooks.route.tap({ name: 'route-noting', stage: Stage.Early }, (found, { notes }) => {
          notes.add('system', 'mapped', 'a tag was taken out');
          return found;
        }),
    });
    gateway = await startTestGateway({
      targets,
      plan: { ...plan, hedge: { afterMs: 10_000 } },
      plugins: [[noting]],
    });
    gateway.provider.on(chat, reply({ text: 'hi' }));
    await (await ask()).text();
    expect((await gateway.nextRecord()).notes.map(({ path }) => path)).toEqual(['system']);
  });

  it('F37 tells a provider in this process that the client has left, also behind its first content', async () => {
    const told = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const local = defineProvider({
      id: 'local',
      configSchema: Type.Object({}),
      create: () => ({
        answer: (_request, { signal }) => ({
          kind: 'stream',
          events: (async function* () {
            yield [
              { type: 'message-start' as const },
              { type: 'block-start' as const, index: 0, block: { type: 'text' as const } },
            ];
            started.resolve();
            await once(signal, 'abort');
            told.resolve();
          })(),
        }),
      }),
    });
    gateway = await startTestGateway({ targets: ['local/m', 'anthropic/second'], plan, plugins: [[local, {}]] });
    const controller = new AbortController();
    const answer = ask({}, controller.signal).catch(() => {});
    await started.promise;
    controller.abort();
    await answer;
    await told.promise;
  });
});

describe('F22 a stream that is continued', () => {
  const model = 'claude-haiku-4-5';
  const plan = { onCut: 'continue', retry: { maxRetries: 0 } } as const;
  const { sse: stream, body } = anthropicTurn({ text: ['Hello ', 'world'] }, { model });
  const cut = () => cutAfter(stream.lastIndexOf('event:', stream.indexOf('world')), 'rst', sse(stream));

  it('takes a continuation that comes whole', async () => {
    gateway = await startTestGateway({ targets: [`anthropic/${model}`], plan });
    gateway.provider.once(messages, cut());
    gateway.provider.once(messages, json(200, { ...body, content: [{ type: 'text', text: 'world' }] }));
    const text = await (await ask({ model, stream: true })).text();
    expect(text).toMatch(/"text":"Hello ".*"text":"world".*message_stop/s);
    expect((await gateway.nextRecord()).attempts).toMatchObject([{ outcome: 'cut' }, { outcome: 'answered' }]);
  });

  it('keeps the usage of what there was where nobody can go on', async () => {
    gateway = await startTestGateway({ targets: [`anthropic/${model}`], plan });
    gateway.provider.once(messages, cut());
    gateway.provider.once(messages, providerError(500, { message: 'oops' }));
    expect(await (await ask({ model, stream: true })).text()).toContain('event: error');
    const { usage, attempts } = await gateway.nextRecord();
    expect(attempts[0]?.usage?.promptTokens).toBeGreaterThan(0);
    expect(usage).toEqual(attempts[0]?.usage);
  });
});

describe('F23 an answer that goes out whole', () => {
  it('is tried anew where the provider streams it and breaks off', async () => {
    gateway = await startTestGateway({ targets: ['chat/first', 'anthropic/second'] });
    const { frames } = openaiChatTurn({ text: ['one ', 'two ', 'three'] }, { model: 'first' });
    const half = frames.slice(0, 3).join('').length;
    gateway.provider.on(chat, cutAfter(half, 'rst', sse(frames, { delayMs: 10 })));
    gateway.provider.on(messages, reply({ text: 'from the second' }));
    const text = await (await ask()).text();
    expect(text).toContain('from the second');
    expect(text).not.toContain('one');
    expect((await gateway.nextRecord()).attempts).toMatchObject([
      { outcome: 'failed', error: { code: 'CUT_STREAM' } },
      { outcome: 'answered' },
    ]);
  });
});

describe('a stream of the client’s format that a tap reads', () => {
  it('leaves its connection to the next call', async () => {
    const reader = definePlugin({
      name: 'transform-reader',
      apply: ({ hooks }) =>
        hooks.transformOut.tap('transform-reader', (answer) => mapEvents(answer, () => (event) => event)),
    });
    gateway = await startTestGateway({ plugins: [[reader]] });
    const { sse: stream } = anthropicTurn({ text: 'hi' }, { model: 'claude-test' });
    gateway.provider.on(messages, async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      await wire.write(Buffer.from(stream));
      await wire.wait(30);
      await wire.end();
    });
    for (let call = 0; call < 3; call++) {
      const read = nextAnswerRead(gateway.provider.url);
      expect(await (await ask({ stream: true })).text()).toContain('message_stop');
      await read;
    }
    expect(gateway.provider.connections).toBe(1);
  });
});

describe('who only watches', () => {
  it.each([
    ['at once', false],
    ['later', true],
  ])('keeps nobody else from hearing it by failing %s', async (_when, later) => {
    const complaints: string[] = [];
    const failing = definePlugin({
      name: 'log-failing',
      apply: ({ hooks, setLogger }) => {
        setLogger({ info: () => {}, warn: () => {}, error: (_fields, message) => void complaints.push(message) });
        const failNow = (): void => {
          throw new Error('at once');
        };
        const fail = later ? async () => failNow() : failNow;
        hooks.log.tap('log-failing', fail);
        hooks.attempt.tap('log-failing', fail);
      },
    });
    const heard: string[] = [];
    const other = definePlugin({
      name: 'log-other',
      apply: ({ hooks }) => hooks.attempt.tap('log-other', ({ outcome }) => void heard.push(outcome)),
    });
    gateway = await startTestGateway({ plugins: [[failing], [other]] });
    gateway.provider.on(messages, reply({ text: 'hi' }));
    expect((await ask()).status).toBe(200);
    await gateway.nextRecord();
    while (complaints.length < 2) await sleep(5);
    expect(heard).toEqual(['answered']);
    expect(complaints).toEqual(['a plugin failed in attempt', 'a log plugin failed']);
  });
});

describe('a client that does not read', () => {
  it('F38 is given up also where its answer is whole', async () => {
    gateway = await startTestGateway({ server: { clientStallMs: 200 } });
    gateway.provider.on(messages, long());
    const socket = unread();
    socket.write(requestBytes());
    await gateway.nextRecord();
    await gateway.drain(3_600_000);
    socket.destroy();
  });

  it('F102 gets its whole answer while the gateway stops', async () => {
    gateway = await startTestGateway();
    gateway.provider.on(messages, long());
    const socket = unread();
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.pause().write(requestBytes());
    await gateway.nextRecord();
    const stopped = gateway.drain(10_000);
    await sleep(300);
    socket.resume();
    await once(socket, 'close');
    await stopped;
    expect(bytes).toBeGreaterThan(LONG.length);
  });
});

describe('a body that is too large', () => {
  it('leaves no connection behind that nobody reads, wherever it was sent', async () => {
    gateway = await startTestGateway({ server: { maxBodyBytes: 1_000 } });
    const socket = unread();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.resume().write('POST /explain HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.write(`1000\r\n${'x'.repeat(4_096)}\r\n`);
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('/health', () => {
  it('is well where a plugin cannot say how it is', async () => {
    const plugin = definePlugin({
      name: 'log-broken',
      apply: ({ addHealth, setLogger }) => {
        setLogger({ info: () => {}, warn: () => {}, error: () => {} });
        addHealth('broken', () => {
          throw new Error('a secret');
        });
        addHealth('sound', () => ({ all: 'well' }));
      },
    });
    gateway = await startTestGateway({ plugins: [[plugin]] });
    const answer = await fetch(`${gateway.url}/health`);
    expect(answer.status).toBe(200);
    const details = (await answer.json()) as JsonObject;
    expect(details).toMatchObject({ status: 'ok', sound: { all: 'well' }, broken: { problem: expect.any(String) } });
    expect(JSON.stringify(details)).not.toContain('secret');
  });
});

describe('/explain', () => {
  it('takes no turn from a real request', async () => {
    gateway = await startTestGateway({
      plugins: [[routeBalance, { groups: { both: { targets: ['anthropic/a', 'chat/b'] } } }]],
    });
    gateway.provider.on(messages, reply({ text: 'hi' }));
    gateway.provider.on(chat, reply({ text: 'hi' }));
    const seen = new Set<string | null>();
    for (let round = 0; round < 2; round++) {
      const answer = await ask({ model: 'both' });
      await answer.text();
      seen.add(answer.headers.get('x-signalbox-target'));
      await (await gateway.post('/explain', messagesBody({ model: 'both' }))).text();
    }
    expect(seen).toEqual(new Set(['anthropic/a', 'chat/b']));
  });
});

describe('a format with a fault', () => {
  it('ends the one exchange whose sign of life it cannot write, and not the process', async () => {
    const base = (await startFormats()).get('anthropic-messages');
    if (base === undefined) throw new Error('no format');
    const faulty = defineFormat({
      ...base,
      id: 'faulty',
      ingress: [{ operation: 'chat', method: 'POST', path: '/faulty' }],
      recognises: ({ path }) => path === '/faulty',
      createStreamEncoder: () => {
        throw new TypeError('a fault of the format');
      },
    });
    gateway = await startTestGateway({ plugins: [[faulty]], server: { openStreamAfterMs: 30 } });
    gateway.provider.on(messages, hang());
    const answer = await gateway.post('/faulty', messagesBody({ stream: true }), anthropicHeaders);
    expect(answer.status).toBe(500);
    await answer.text();
    expect(await gateway.nextRecord()).toMatchObject({ error: { code: 'INTERNAL' } });
  });

  async function startFormats() {
    gateway = await startTestGateway();
    const { formats } = gateway.gateway.generation;
    await gateway.close();
    return formats;
  }
});

describe('F99 a change that fails', () => {
  it('leaves alone what the plugins that serve have kept', async () => {
    const broken = definePlugin({
      name: 'route-broken',
      apply: ({ hooks }) =>
        hooks.ready.tap('route-broken', () => {
          throw new Error('not ready');
        }),
    });
    const turn = { reasoning: 'hm', signature: 'EqRkc2lnbmF0dXJl', text: 'said' };
    gateway = await startTestGateway({ targets: ['anthropic/m'], plugins: [[keepReasoning]] });
    await expect(gateway.reload({ plugins: [[keepReasoning, { maxEntries: 1 }], [broken]] })).rejects.toThrow('ready');
    for (const text of ['one', 'two', 'three']) {
      gateway.provider.once(messages, reply({ ...turn, text }));
      await (await gateway.post(chat, { model: 'm', messages: [{ role: 'user', content: 'hi' }] })).text();
    }
    const details = (await (await fetch(`${gateway.url}/health`)).json()) as { keptReasoning: { answers: number } };
    expect(details.keptReasoning.answers).toBe(3);
  });
});

describe('F102 stopping', () => {
  it('closes all plugins, whatever one of them throws', async () => {
    const closed: string[] = [];
    const failing = closingPlugin('log-failing', () => {
      throw new Error('cannot close');
    });
    gateway = await startTestGateway({
      plugins: [[failing], [closingPlugin('log-other', () => void closed.push('other'))]],
    });
    await gateway.reload({});
    while (closed.length === 0) await sleep(5);
    expect(closed).toEqual(['other']);
  });

  it('waits for the plugins of configurations that requests still needed', async () => {
    const closed: string[] = [];
    const slowly = closingPlugin('log-slowly', async () => {
      await sleep(200);
      closed.push('former');
    });
    gateway = await startTestGateway({ plugins: [[slowly]] });
    const { sse: stream } = anthropicTurn({ text: 'word '.repeat(50) });
    gateway.provider.on(messages, headersThenHang({ content: stream.slice(0, stream.length / 2) }));
    const answer = await ask({ stream: true });
    const text = answer.text();
    await gateway.reload({ plugins: [[closingPlugin('log-new', () => void closed.push('new'))]] });
    await gateway.drain(50);
    expect(closed.toSorted()).toEqual(['former', 'new']);
    expect(await text).toContain('gateway is stopping');
  });

  it('does not wait for a list of models that never comes', async () => {
    const lister = defineProvider({
      id: 'lister',
      configSchema: Type.Object({ baseUrl: Type.String() }),
      create: ({ baseUrl }) => ({
        format: gateway?.gateway.generation.formats.get('openai-chat') as never,
        endpoint: () => ({ url: baseUrl, headers: {} }),
        fetchModels: async (askProvider) => {
          await askProvider({ url: `${baseUrl}/models`, headers: {} });
          return [];
        },
      }),
    });
    const ended = Promise.withResolvers<string>();
    const refresher = definePlugin({
      name: 'log-refresher',
      apply: ({ hooks, fetchModels }) =>
        hooks.ready.tap('log-refresher', () => {
          fetchModels('lister').catch(({ code }: { code: string }) => ended.resolve(code));
        }),
    });
    gateway = await startTestGateway({ plugins: (url) => [[lister, { baseUrl: url }], [refresher]] });
    gateway.provider.on('/models', hang());
    await gateway.provider.waitForRequest(0);
    await gateway.drain(0);
    expect(await ended.promise).toBe('CLIENT_CLOSED');
  });
});
