import { afterEach, describe, expect, it } from '@jest/globals';
import auth from '@signalbox/auth-api-key';
import type { JsonObject } from '@signalbox/kit';
import limitRate from '@signalbox/limit-rate';
import { headersThenHang, providerError, type Responder, reply, slow } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const ANN = 'key-of-ann-0123456789';
const BOB = 'key-of-bob-0123456789';

const start = (options: JsonObject, targets?: readonly string[], withKeys = false) =>
  startTestGateway({
    ...(targets === undefined ? {} : { targets }),
    plugins: [
      [limitRate, options],
      ...(withKeys ? [[auth, { keys: [ANN, BOB].map((key) => ({ key, name: key.slice(7, 10) })) }] as const] : []),
    ],
  });

const ask = (extra: object = {}, { key = ANN, signal }: { key?: string; signal?: AbortSignal } = {}) =>
  fetch(gateway.url + MESSAGES, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...anthropicHeaders, 'x-api-key': key },
    body: JSON.stringify(messagesBody(extra)),
    ...(signal === undefined ? {} : { signal }),
  });

interface Counted {
  running: number;
  waiting: number;
  requests: number;
  tokens: number;
}

async function limits(): Promise<Record<string, Counted>> {
  const body = (await (await fetch(`${gateway.url}/health`)).json()) as { limits: Record<string, Counted> };
  return body.limits;
}

/** Until the limiter looks like this; the test's own time limit ends it. */
async function until(name: string, expected: Partial<Counted>): Promise<void> {
  for (;;) {
    const counted = (await limits())[name];
    if (
      counted !== undefined &&
      Object.entries(expected).every(([key, value]) => counted[key as keyof Counted] === value)
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const CLIENT = 'clients["*"] local';

/** Answers, but not before that. */
const behind =
  (gate: Promise<void>, text = 'fine'): Responder =>
  async (request, wire) => {
    await gate;
    await reply({ text })(request, wire);
  };

describe('a caller over its limit', () => {
  it('F92 gets a 429 in its own format, with whole seconds that it will wait for', async () => {
    gateway = await start({ clients: { '*': { requestsPerMinute: 2 } } }, undefined, true);
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    for (let i = 0; i < 2; i++) expect((await ask()).status).toBe(200);
    const anthropic = await ask();
    expect(anthropic.status).toBe(429);
    expect(Number(anthropic.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(Number(anthropic.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(anthropic.headers.get('x-should-retry')).toBeNull();
    expect(await anthropic.json()).toMatchObject({
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: expect.stringContaining('"ann" is at the limit of 2 requests per minute (limit-rate, clients["*"])'),
      },
    });
    const openai = await gateway.post(CHAT, chatBody(), { authorization: `Bearer ${ANN}` });
    expect([openai.status, openai.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d\d$/)]);
    expect(await openai.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } });
    // Another caller has a limit of its own.
    expect((await ask({}, { key: BOB })).status).toBe(200);
    expect(gateway.provider.requests).toHaveLength(3);
  });

  it('F40 cannot pass by asking often at once', async () => {
    gateway = await start({ clients: { '*': { tokensPerMinute: 3_300 } } });
    const refused = Promise.withResolvers<void>();
    gateway.provider.on(MESSAGES, async (request, wire) => {
      await refused.promise;
      await reply({ text: 'fine', usage: { promptTokens: 20, completionTokens: 10 } })(request, wire);
    });
    let refusals = 0;
    const answers = await Promise.all(
      // Each is expected to use a thousand and a little.
      Array.from({ length: 10 }, async () => {
        const answer = await ask({ max_tokens: 5_000 });
        if (answer.status === 429 && ++refusals === 7) refused.resolve();
        return answer;
      }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(gateway.provider.requests).toHaveLength(3);
    await until(CLIENT, { running: 0, tokens: 90 });
    expect((await ask({ max_tokens: 5_000 })).status).toBe(200);
  });

  it('F38 is charged for what a client that leaves has used', async () => {
    gateway = await start({ clients: { '*': { tokensPerMinute: 100_000, concurrent: 1 } } });
    const started =
      'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",' +
      '"model":"m","content":[],"usage":{"input_tokens":700,"output_tokens":1}}}\n\n' +
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n' +
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n';
    gateway.provider.on(MESSAGES, headersThenHang({ content: started }));
    const client = new AbortController();
    const answer = await ask({ stream: true }, { signal: client.signal });
    await until(CLIENT, { running: 1 });
    expect((await ask()).status).toBe(429);
    client.abort();
    await answer.text().catch(() => {});
    await gateway.nextRecord();
    await gateway.nextRecord();
    await until(CLIENT, { running: 0 });
    const { tokens } = (await limits())[CLIENT] as Counted;
    expect(tokens).toBeGreaterThanOrEqual(701);
    expect(tokens).toBeLessThan(1_800);
  });

  it('F30 is not charged for counts of tokens', async () => {
    gateway = await start({ clients: { '*': { requestsPerMinute: 1 } }, targets: { '*': { requestsPerMinute: 1 } } }, [
      'chat/gpt-test',
    ]);
    gateway.provider.on(CHAT, reply({ text: 'fine' }));
    for (let i = 0; i < 20; i++) {
      const answer = await gateway.post('/v1/messages/count_tokens', messagesBody(), anthropicHeaders);
      expect(answer.status).toBe(200);
    }
    expect((await ask()).status).toBe(200);
  });

  it('gives its place back after every end: an answer, a failure, a request without a route', async () => {
    gateway = await start({ clients: { '*': { concurrent: 1 } } }, ['anthropic/{model}', 'nobody/x']);
    gateway.provider.once(MESSAGES, reply({ text: 'fine' }));
    gateway.provider.once(MESSAGES, providerError(400, { message: 'bad' }));
    gateway.provider.once(MESSAGES, providerError(500, { message: 'oops' }));
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const answer = await ask();
      statuses.push(answer.status);
      await answer.text();
      await gateway.nextRecord();
    }
    expect(statuses).toEqual([200, 400, 500, 200]);
    expect(await limits()).toMatchObject({ [CLIENT]: { running: 0 } });
  });

  it('is not charged for a request that is only explained', async () => {
    gateway = await start({ clients: { '*': { requestsPerMinute: 1, concurrent: 1 } } });
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    for (let i = 0; i < 3; i++) await (await gateway.post('/explain', messagesBody(), anthropicHeaders)).text();
    expect(await limits()).toEqual({});
    expect((await ask()).status).toBe(200);
  });
});

describe('a caller who may wait', () => {
  const QUEUE = { clients: { '*': { concurrent: 1, queue: { maxWaitMs: 10_000 } } } };

  it('is served in turn', async () => {
    gateway = await start(QUEUE);
    const gate = Promise.withResolvers<void>();
    gateway.provider.on(MESSAGES, behind(gate.promise));
    const order: number[] = [];
    const all: Promise<void>[] = [];
    for (let i = 0; i < 5; i++) {
      all.push(
        ask({ max_tokens: 100 + i }).then(async (answer) => {
          expect(answer.status).toBe(200);
          await answer.text();
          order.push(i);
        }),
      );
      await until(CLIENT, { running: 1, waiting: i });
    }
    gate.resolve();
    await Promise.all(all);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    const sent = gateway.provider.requests;
    for (const [index, request] of sent.entries()) {
      expect(request.body?.max_tokens).toBe(100 + index);
      expect(request.receivedAt).toBeGreaterThanOrEqual(sent[index - 1]?.finishedAt ?? 0);
    }
  });

  it('F37 gives its place in the queue back at once when it leaves', async () => {
    gateway = await start(QUEUE);
    const gate = Promise.withResolvers<void>();
    gateway.provider.on(MESSAGES, behind(gate.promise));
    const first = ask();
    await until(CLIENT, { running: 1 });
    const client = new AbortController();
    const leaving = ask({}, { signal: client.signal }).catch(() => {});
    await until(CLIENT, { waiting: 1 });
    client.abort();
    await leaving;
    await until(CLIENT, { waiting: 0, running: 1, requests: 1 });
    gate.resolve();
    await (await first).text();
    expect(await gateway.nextRecord()).toMatchObject({ aborted: true, status: 499 });
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it('gets signs of life while it waits for long, and then the answer', async () => {
    gateway = await startTestGateway({ plugins: [[limitRate, QUEUE]], server: { openStreamAfterMs: 60 } });
    const gate = Promise.withResolvers<void>();
    gateway.provider.once(MESSAGES, behind(gate.promise));
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    const first = ask();
    await until(CLIENT, { running: 1 });
    const second = await ask({ stream: true });
    expect(await limits()).toMatchObject({ [CLIENT]: { running: 1, waiting: 1 } });
    gate.resolve();
    expect(await second.text()).toContain('message_stop');
    expect((await first).status).toBe(200);
  });

  it('is told when the gateway stops', async () => {
    gateway = await start(QUEUE);
    gateway.provider.on(MESSAGES, headersThenHang());
    const first = ask().catch(() => {});
    await until(CLIENT, { running: 1 });
    const second = ask();
    await until(CLIENT, { waiting: 1 });
    await gateway.drain(20);
    expect((await second).status).toBe(503);
    await first;
  });
});

describe('a target at its limit', () => {
  const TWO = ['anthropic/first', 'chat/second'];

  it('is passed over without a call, and without the limit of others', async () => {
    gateway = await start({ targets: { 'anthropic/*': { requestsPerMinute: 1 } } }, TWO);
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    gateway.provider.on(CHAT, reply({ text: 'fine' }));
    for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(200);
    expect(gateway.provider.requests.map(({ path }) => path)).toEqual([MESSAGES, CHAT, CHAT]);
    expect(gateway.records.at(-1)?.attempts).toMatchObject([
      { outcome: 'skipped', error: { code: 'RATE_LIMITED' } },
      { outcome: 'answered' },
    ]);
  });

  it('F92 is a 429 where it is the only one', async () => {
    gateway = await start({ targets: { 'anthropic/*': { requestsPerMinute: 1 } } });
    gateway.provider.on(MESSAGES, reply({ text: 'fine' }));
    await ask();
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^(5\d|60)$/)]);
    expect(await answer.text()).toContain('anthropic/claude-test is at the limit of 1 requests per minute');
  });

  it('is waited for up to the deadline, then the next one is asked', async () => {
    const queue = { maxWaitMs: 1_500 };
    gateway = await start({ targets: { 'anthropic/*': { concurrent: 1, queue } } }, TWO);
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    gateway.provider.once(MESSAGES, behind(gates[0].promise, 'one'));
    gateway.provider.once(MESSAGES, behind(gates[1].promise, 'two'));
    gateway.provider.on(CHAT, reply({ text: 'elsewhere' }));
    const name = 'targets["anthropic/*"] anthropic';
    const first = ask();
    await until(name, { running: 1 });
    const second = ask();
    await until(name, { running: 1, waiting: 1 });
    gates[0].resolve();
    expect(await (await first).text()).toContain('one');
    await until(name, { running: 1, waiting: 0, requests: 2 });
    const third = await ask();
    expect(await third.text()).toContain('elsewhere');
    gates[1].resolve();
    expect(await (await second).text()).toContain('two');
    const waited = gateway.records.find(({ target }) => target === 'chat/second');
    expect(waited?.timings.totalMs).toBeGreaterThanOrEqual(1_495);
    await until(name, { running: 0, waiting: 0 });
  });

  it('F40 is never called more often than its limit, nor by more at once', async () => {
    gateway = await start({
      targets: { 'anthropic/*': { concurrent: 3, requestsPerMinute: 12, queue: { maxWaitMs: 5_000 } } },
    });
    gateway.provider.on(MESSAGES, slow(20, reply({ text: 'fine' })));
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(8);
    const { requests } = gateway.provider;
    expect(requests).toHaveLength(12);
    for (const { receivedAt, index } of requests) {
      const running = requests.filter(
        (other) =>
          other.index !== index && other.receivedAt < receivedAt && (other.finishedAt ?? Infinity) > receivedAt,
      );
      expect(running.length).toBeLessThan(3);
    }
  });
});
