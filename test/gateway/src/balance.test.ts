import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { JsonObject, Plugin } from '@signalbox/kit';
import anthropic from '@signalbox/provider-anthropic';
import balance from '@signalbox/route-balance';
import hedge from '@signalbox/route-hedge';
import { hang, headersThenHang, providerError, type Responder, reply, slow } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';
import { skippingClock } from './skip-time.ts';

let gateway: TestGateway;
afterEach(async () => {
  await gateway.close();
  jest.restoreAllMocks();
});

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const KEYS = ['sk-many-one', 'sk-many-two', 'sk-many-three'];

/** A gateway with a provider `many` that has three keys, on the paths of the scripted provider. */
const start = (
  options: JsonObject = {},
  targets = ['many/{model}'],
  more: readonly (readonly [Plugin, JsonObject?])[] = [],
) =>
  startTestGateway({
    targets,
    plugins: (baseUrl) => [[balance, options], ...more, [anthropic, { name: 'many', apiKeys: KEYS, baseUrl }]],
  });

const ask = (extra: object = {}, signal?: AbortSignal) =>
  fetch(gateway.url + MESSAGES, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...anthropicHeaders },
    body: JSON.stringify(messagesBody(extra)),
    ...(signal === undefined ? {} : { signal }),
  });

/** Answers by the key that the call came with. */
const byKey =
  (responders: Readonly<Record<string, Responder>>, other: Responder = reply({ text: 'fine' })): Responder =>
  (request, wire) =>
    (responders[request.headers['x-api-key'] ?? ''] ?? other)(request, wire);

const keysCalled = () => gateway.provider.requests.map(({ headers }) => headers['x-api-key']);
const pathsCalled = () => gateway.provider.requests.map(({ path }) => path);

async function health(): Promise<{ inFlight: object; resting: object }> {
  const { balance: state } = (await (await fetch(`${gateway.url}/health`)).json()) as {
    balance: { inFlight: object; resting: object };
  };
  return state;
}

describe('the keys of a provider', () => {
  it('are called in turn, and are named nowhere', async () => {
    gateway = await start();
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    for (let i = 0; i < 6; i++) await (await ask()).text();
    expect(keysCalled()).toEqual([...KEYS, ...KEYS]);
    const record = await gateway.nextRecord();
    expect(record).toMatchObject({ target: 'many/claude-test', route: 'test; key 1 of many (least-busy)' });
    expect(JSON.stringify([gateway.records, await health()])).not.toContain('sk-many');
  });

  it('are busy for as long as a stream is open, and free as soon as its client has left', async () => {
    gateway = await start();
    const open = byKey({ 'sk-many-one': headersThenHang(), 'sk-many-two': headersThenHang() });
    gateway.provider.on(MESSAGES, open);
    const clients = [new AbortController(), new AbortController()];
    for (const { signal } of clients) void ask({ stream: true }, signal).catch(() => {});
    await gateway.provider.waitForRequest(1);
    expect(await health()).toMatchObject({ inFlight: { 'many#1': 1, 'many#2': 1, 'many/claude-test': 2 } });
    await (await ask()).text();
    await (await ask()).text();
    expect(keysCalled().slice(2)).toEqual(['sk-many-three', 'sk-many-three']);
    for (const client of clients) client.abort();
    await gateway.nextRecord();
    for (let i = 0; i < 3; i++) await gateway.nextRecord();
    expect(await health()).toMatchObject({ inFlight: {} });
  });

  it('share calls that come at once', async () => {
    gateway = await start();
    gateway.provider.on(MESSAGES, async (request, wire) => {
      await gateway.provider.waitForRequest(8); // all nine are there
      await reply({ text: 'fine' })(request, wire);
    });
    await Promise.all(Array.from({ length: 9 }, async () => (await ask()).text()));
    for (const key of KEYS) expect(keysCalled().filter((called) => called === key)).toHaveLength(3);
  });

  it.each<[string, Responder, string]>([
    [
      'F92 429 with a retry-after',
      providerError(429, { message: 'slow', headers: { 'retry-after': '60' } }),
      'RATE_LIMITED',
    ],
    ['429 without', providerError(429, { message: 'slow' }), 'RATE_LIMITED'],
    ['401', providerError(401, { message: 'no' }), 'PROVIDER_AUTH'],
    ['403', providerError(403, { message: 'no' }), 'PROVIDER_AUTH'],
    ['402', providerError(402, { message: 'pay' }), 'PROVIDER_BILLING'],
  ])('%s: the next key answers at once, and the refused one is left alone', async (_name, refusal, code) => {
    gateway = await start({ keys: 'in-order' });
    gateway.provider.on(MESSAGES, byKey({ 'sk-many-one': refusal }));
    for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(200);
    expect(keysCalled()).toEqual(['sk-many-one', 'sk-many-two', 'sk-many-two', 'sk-many-two']);
    const [first, second] = [await gateway.nextRecord(), await gateway.nextRecord()];
    expect(first.attempts).toMatchObject([
      { outcome: 'failed', target: { key: '1' }, error: { code } },
      { outcome: 'answered', target: { key: '2' } },
    ]);
    expect(second.route).toMatch(new RegExp(`key 1 rests for \\d+ s \\(${code}\\)`));
    expect(Object.values((await health()).resting)).toMatchObject([{ code }]);
  });

  it('F95 are not all asked where the provider is down and there is another one', async () => {
    gateway = await start({ keys: 'in-order' }, ['many/{model}', 'chat/gpt-test']);
    gateway.provider.on(MESSAGES, providerError(503, { message: 'down' }));
    gateway.provider.on(CHAT, reply({ text: 'fine' }));
    expect((await ask()).status).toBe(200);
    expect(pathsCalled()).toEqual([MESSAGES, MESSAGES, CHAT]);
  });

  it('the last refusal is the answer where all are refused', async () => {
    gateway = await start();
    gateway.provider.on(MESSAGES, providerError(429, { message: 'slow', headers: { 'retry-after': '30' } }));
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '30']);
    expect(new Set(keysCalled())).toEqual(new Set(KEYS));
  });
});

describe('a group', () => {
  const GROUP = {
    groups: { fast: { targets: [{ target: 'anthropic/claude-test', weight: 3 }, 'chat/gpt-test'] } },
  };
  const fast = () => ask({ model: 'fast' });

  it('is in the model list, and shares by weight over formats', async () => {
    gateway = await start(GROUP);
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    gateway.provider.on(CHAT, reply({ text: 'fine' }));
    const list = await (await fetch(`${gateway.url}/v1/models`, { headers: anthropicHeaders })).text();
    expect(list).toContain('"fast"');
    for (let i = 0; i < 8; i++) expect(await (await fast()).text()).toContain('"model":"fast"');
    expect(pathsCalled().filter((path) => path === MESSAGES)).toHaveLength(6);
    expect(gateway.provider.requests.map(({ body }) => body?.model)).not.toContain('fast');
  });

  it('is exact when all come at once', async () => {
    gateway = await start(GROUP);
    gateway.provider.on(MESSAGES, slow(30, reply({ text: 'fine' })));
    gateway.provider.on(CHAT, slow(30, reply({ text: 'fine' })));
    await Promise.all(Array.from({ length: 20 }, async () => (await fast()).text()));
    expect(pathsCalled().filter((path) => path === CHAT)).toHaveLength(5);
  });

  it('F95 fails over to the others, whoever was picked', async () => {
    gateway = await start(GROUP);
    gateway.provider.on(MESSAGES, providerError(503, { message: 'down' }));
    gateway.provider.on(CHAT, reply({ text: 'fine' }));
    for (let i = 0; i < 4; i++) expect((await fast()).status).toBe(200);
    // Three turns of four, each with the one retry that is usual.
    expect(pathsCalled().filter((path) => path === MESSAGES)).toHaveLength(6);
    expect(pathsCalled().filter((path) => path === CHAT)).toHaveLength(4);
  });

  it('gives the share of a target at its limit to the others', async () => {
    gateway = await start(GROUP);
    gateway.provider.on(MESSAGES, providerError(429, { message: 'slow', headers: { 'retry-after': '30' } }));
    gateway.provider.on(CHAT, reply({ text: 'fine' }));
    for (let i = 0; i < 4; i++) expect((await fast()).status).toBe(200);
    expect(pathsCalled()).toEqual([MESSAGES, CHAT, CHAT, CHAT, CHAT]);
  });

  it('learns who is faster', async () => {
    gateway = await start({
      groups: { fast: { targets: ['anthropic/claude-test', 'chat/gpt-test'], policy: 'fastest' } },
    });
    const skip = skippingClock();
    gateway.provider.on(MESSAGES, (request, wire) => {
      skip(60_000);
      return reply({ text: 'slow' })(request, wire);
    });
    gateway.provider.on(CHAT, reply({ text: 'quick' }));
    for (let i = 0; i < 8; i++) await (await fast()).text();
    expect(pathsCalled().filter((path) => path === MESSAGES)).toHaveLength(1);
  });

  it('F30 takes no turn for counts of tokens', async () => {
    gateway = await start(GROUP);
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    gateway.provider.on('/v1/messages/count_tokens', (_request, wire) => {
      wire.head(200, { 'content-type': 'application/json' });
      return wire.write(Buffer.from('{"input_tokens":9}')).then(() => wire.end());
    });
    gateway.provider.on(CHAT, reply({ text: 'fine' }));
    for (let i = 0; i < 4; i++) {
      await gateway.post('/v1/messages/count_tokens', messagesBody({ model: 'fast' }), anthropicHeaders);
      await (await fast()).text();
    }
    expect(pathsCalled().filter((path) => path === CHAT)).toHaveLength(1);
  });
});

describe('route-hedge', () => {
  const OPTIONS = { afterMs: 60, share: 1 };

  it('asks another key beside one that is silent, and cancels the loser', async () => {
    gateway = await start({ keys: 'in-order' }, undefined, [[hedge, OPTIONS]]);
    gateway.provider.on(MESSAGES, byKey({ 'sk-many-one': hang() }));
    expect(await (await ask()).text()).toContain('fine');
    expect(keysCalled()).toEqual(['sk-many-one', 'sk-many-two']);
    await (await gateway.provider.waitForRequest(0)).aborted;
    const record = await gateway.nextRecord();
    expect(record.route).toBe('test; key 1 of many (in-order); after 60 ms many/claude-test is tried, too');
    expect(record.attempts).toMatchObject([
      { outcome: 'aborted', target: { key: '1' } },
      { outcome: 'answered', target: { key: '2' }, as: 'hedge' },
    ]);
    expect(await health()).toMatchObject({ inFlight: {} });
  });

  it('learns when a call is slow, and keeps to its share', async () => {
    gateway = await start({ keys: 'in-order' }, undefined, [
      [hedge, { minSamples: 3, minMs: 40, maxMs: 60, share: 0.25 }],
    ]);
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    for (let i = 0; i < 3; i++) await (await ask()).text();
    gateway.provider.on(MESSAGES, byKey({ 'sk-many-one': slow(200, reply({ text: 'late' })) }));
    // One was saved from the start, and four calls earn one: of eight slow ones a few get a second try.
    for (let i = 0; i < 8; i++) await (await ask()).text();
    for (let i = 0; i < 3; i++) expect((await gateway.nextRecord()).attempts).toHaveLength(1);
    const hedged: boolean[] = [];
    for (let i = 0; i < 8; i++) hedged.push((await gateway.nextRecord()).attempts.some(({ as }) => as === 'hedge'));
    expect(hedged[0]).toBe(true);
    const count = hedged.filter(Boolean).length;
    expect(count).toBeGreaterThanOrEqual(2);
    expect(count).toBeLessThanOrEqual(1 + 11 * 0.25);
  });

  it('goes to the same target where the options say so, and leaves streams alone', async () => {
    gateway = await startTestGateway({ plugins: [[hedge, { ...OPTIONS, sameTarget: true }]] });
    gateway.provider.once(MESSAGES, hang());
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    expect(await (await ask()).text()).toContain('fine');
    expect(gateway.provider.requests).toHaveLength(2);
    gateway.provider.on(MESSAGES, slow(150, reply({ text: 'fine' })));
    await (await ask({ stream: true })).text();
    expect(gateway.provider.requests).toHaveLength(3);
  });
});
