import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import compatible from '@signalbox/provider-compatible';
import health from '@signalbox/route-health';
import {
  cutAfter,
  dropConnection,
  hang,
  headersThenHang,
  openaiChatTurn,
  providerError,
  type Responder,
  reply,
  sse,
} from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';
import { skippingClock } from './skip-time.ts';

let gateway: TestGateway;
/** An open circuit is not worth a real minute. */
let skip: (ms: number) => void;
beforeEach(() => {
  skip = skippingClock();
});
afterEach(async () => {
  await gateway.close();
  jest.restoreAllMocks();
});

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const OPEN_MS = 60_000;
const TARGETS = ['chat/first', 'anthropic/second'];
const CHAT_KIND = { apiKey: 'k', format: 'openai-chat' };

const start = (options: JsonObject = {}, targets = TARGETS) =>
  startTestGateway({
    targets,
    plugins: (url) => [
      [health, { consecutiveFailures: 3, openMs: OPEN_MS, ...options }],
      // Nobody listens there.
      [compatible, { ...CHAT_KIND, name: 'gone', baseUrl: 'http://127.0.0.1:9/v1' }],
      [compatible, { ...CHAT_KIND, name: 'mute', baseUrl: `${url}/v1`, timeouts: { headersMs: 600 } }],
    ],
  });

const ask = (extra: object = {}, signal?: AbortSignal) =>
  fetch(gateway.url + MESSAGES, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...anthropicHeaders },
    body: JSON.stringify(messagesBody(extra)),
    ...(signal === undefined ? {} : { signal }),
  });
const askTimes = async (times: number, extra: object = {}) => {
  for (let i = 0; i < times; i++) await (await ask(extra)).text();
};
const calls = (path: string) => gateway.provider.requests.filter((request) => request.path === path).length;

async function circuits(): Promise<Record<string, { state: string; lastCode: string }>> {
  const body = (await (await fetch(`${gateway.url}/health`)).json()) as { circuits: never };
  return body.circuits;
}

/** A stream that breaks off in the middle. */
const cut: Responder = (request, wire) => {
  const { sse: text } = openaiChatTurn({ text: 'word '.repeat(100) }, { model: 'first' });
  return cutAfter(Math.floor(text.length / 2), 'fin', sse(text))(request, wire);
};

describe('a target that fails again and again', () => {
  it.each<[string, Responder, boolean, string, string?]>([
    ['F95 with 500', providerError(500, { message: 'oops' }), false, 'PROVIDER_FAILED'],
    ['F95 with 503', providerError(503, { message: 'down' }), true, 'PROVIDER_OVERLOADED'],
    ['with a refused key', providerError(401, { message: 'no' }), false, 'PROVIDER_AUTH'],
    ['with an empty account', providerError(402, { message: 'pay' }), false, 'PROVIDER_BILLING'],
    ['with dropped connections', dropConnection('rst'), false, 'PROVIDER_UNREACHABLE'],
    ['F94 with silence', hang(), false, 'HEADERS_TIMEOUT', 'mute/first'],
    ['F22 with cut streams', cut, true, 'CUT_STREAM'],
  ])(
    '%s is not asked any more, and then one request finds out',
    async (_name, fault, stream, code, target = 'chat/first') => {
      gateway = await start({}, [target, 'anthropic/second']);
      gateway.provider.on(CHAT, fault);
      gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
      await askTimes(3, { stream });
      const before = calls(CHAT);
      await askTimes(3, { stream });
      expect(calls(CHAT)).toBe(before);
      expect(Object.values(await circuits())).toMatchObject([{ state: 'open', lastCode: code }]);
      expect(gateway.records.at(-1)).toMatchObject({
        target: 'anthropic/second',
        route: expect.stringMatching(new RegExp(`^test; (chat|mute)\\S* rests, for \\d+ s more \\(${code}\\)$`)),
        attempts: [{ outcome: 'answered' }],
      });

      skip(OPEN_MS);
      gateway.provider.on(CHAT, reply({ text: 'again' }));
      expect(await (await ask({ stream })).text()).toContain('again');
      expect(await (await ask({ stream })).text()).toContain('again');
      expect(await circuits()).toEqual({});
    },
  );

  it('gets exactly one probe at a time, however many ask at once', async () => {
    const late = (then: Responder): Responder => {
      const before = gateway.provider.requests.length;
      return async (request, wire) => {
        await gateway.provider.waitForRequest(before + 9); // all ten are there
        await then(request, wire);
      };
    };
    gateway = await start();
    gateway.provider.on(CHAT, providerError(500, { message: 'oops' }));
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    await askTimes(3);
    skip(OPEN_MS);
    gateway.provider.on(CHAT, late(providerError(500, { message: 'still' })));
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(calls(CHAT)).toBe(4);
    // The failed probe has made it longer.
    skip(OPEN_MS);
    await askTimes(1);
    expect(calls(CHAT)).toBe(4);
    skip(OPEN_MS);
    gateway.provider.on(CHAT, late(reply({ text: 'again' })));
    await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(calls(CHAT)).toBe(5);
    expect(await (await ask()).text()).toContain('again');
  });

  it('is back with the first content of a stream, long before its end', async () => {
    gateway = await start();
    gateway.provider.on(CHAT, providerError(500, { message: 'oops' }));
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    await askTimes(3);
    skip(OPEN_MS);
    const [first = '', ...rest] = openaiChatTurn({ text: 'hello there' }, { model: 'first' }).frames;
    gateway.provider.once(CHAT, headersThenHang({ content: first + rest.slice(0, 1).join('') }));
    gateway.provider.on(CHAT, reply({ text: 'again' }));
    const client = new AbortController();
    const answer = await ask({ stream: true }, client.signal);
    expect(answer.headers.get('x-signalbox-target')).toBe('chat/first');
    expect(await (await ask()).text()).toContain('again');
    client.abort();
    await answer.text().catch(() => {});
  });

  it('hands the probe on where its client leaves', async () => {
    gateway = await start();
    gateway.provider.on(CHAT, providerError(500, { message: 'oops' }));
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    await askTimes(3);
    skip(OPEN_MS);
    gateway.provider.once(CHAT, hang());
    gateway.provider.on(CHAT, reply({ text: 'again' }));
    const client = new AbortController();
    const probe = ask({}, client.signal).catch(() => {});
    await gateway.provider.waitForRequest(6);
    client.abort();
    await probe;
    for (let i = 0; i < 4; i++) await gateway.nextRecord();
    expect(await (await ask()).text()).toContain('again');
  });
});

it('a provider that cannot be reached is left alone as a whole, and the only one is asked all the same', async () => {
  gateway = await start({}, ['gone/{model}', 'anthropic/second']);
  gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
  await askTimes(3);
  await (await ask({ model: 'other' })).text();
  expect(gateway.records.at(-1)).toMatchObject({ attempts: [{ outcome: 'answered' }] });
  expect(await circuits()).toMatchObject({ gone: { state: 'open' } });
  await gateway.close();

  gateway = await start({}, ['gone/{model}']);
  await askTimes(4);
  expect(gateway.records.at(-1)).toMatchObject({
    route: expect.stringContaining('no other target is left, so they are tried all the same'),
    error: { code: 'PROVIDER_UNREACHABLE' },
  });
});

it.each<[string, Responder]>([
  ['its own mistakes', providerError(400, { type: 'invalid_request_error', message: 'bad' })],
  ['rate limits', providerError(429, { message: 'slow' })],
])('a client’s requests open nothing by %s', async (_name, fault) => {
  gateway = await start();
  gateway.provider.on(CHAT, fault);
  gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
  await askTimes(6);
  expect(calls(CHAT)).toBe(6);
  expect(await circuits()).toEqual({});
});

it('F37 clients that leave open nothing', async () => {
  gateway = await start();
  gateway.provider.on(CHAT, hang());
  gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
  for (let i = 0; i < 4; i++) {
    const client = new AbortController();
    const answer = ask({}, client.signal).catch(() => {});
    await gateway.provider.waitForRequest(i);
    client.abort();
    await answer;
    expect(await gateway.nextRecord()).toMatchObject({ aborted: true });
  }
  expect(await circuits()).toEqual({});
});
