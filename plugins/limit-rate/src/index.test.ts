import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type AttemptRecord,
  type Exchange,
  type ExchangeRecord,
  errors,
  type JsonObject,
  type LocalProvider,
  parseTarget,
  type RoutePlan,
  type Target,
  type Usage,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, type FakeHost, fakeExchange, fakeHost } from '@signalbox/testkit';
import limitRate from './index.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const silent: LocalProvider = { answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }) };

async function gateway(options: JsonObject, host: FakeHost = fakeHost()) {
  for (const name of ['a', 'openrouter']) if (!host.hasProvider(name)) host.addProvider(name, silent);
  if (!host.hasProvider('many')) host.addProvider('many', { ...silent, keys: ['1', '2'] });
  await applyPlugin(limitRate, { clients: {}, targets: {}, answerTokens: 1_000, ...options }, host);
  const route = async (given: FakeExchangeOptions = {}, targets: readonly (string | Target)[] = ['a/x']) => {
    const exchange = fakeExchange(given);
    const plan: RoutePlan = {
      reason: 'test',
      targets: targets.flatMap((one) => (typeof one === 'string' ? (parseTarget(one) ?? []) : one)),
    };
    const after = await host.hooks.route.promise(plan, exchange);
    return { exchange, before: plan, plan: after ?? plan };
  };
  /** One try at the first target of a plan, through all admissions. */
  const start = async ({ exchange, plan }: Pick<Awaited<ReturnType<typeof route>>, 'exchange' | 'plan'>, index = 0) => {
    const target = plan.targets[index] as Target;
    const releases: (((attempt: AttemptRecord) => void) | undefined)[] = [];
    for (const admit of plan.admit ?? []) releases.push(await admit(target, exchange));
    return (end: Partial<AttemptRecord> = {}) => {
      for (const release of releases) release?.(attemptOf(target, end));
    };
  };
  /** Routes a request and begins its first try. */
  const enter = async (given: FakeExchangeOptions = {}) => {
    const routed = await route(given);
    await start(routed);
    return routed;
  };
  const finish = (exchange: Exchange, attempts: readonly AttemptRecord[] = []) =>
    host.hooks.log.call({ id: exchange.id, attempts } as ExchangeRecord);
  return { host, route, start, enter, finish, limits: () => host.health.get('limits')?.() };
}

function attemptOf(target: Target, end: Partial<AttemptRecord>): AttemptRecord {
  const committed = end.outcome === undefined || end.outcome === 'answered' || end.outcome === 'cut';
  return {
    target,
    lane: 'canonical',
    startedMs: 0,
    endedMs: 5,
    outcome: 'answered',
    ...(committed ? { committedMs: 2 } : {}),
    ...end,
  };
}

const as = (id: string): FakeExchangeOptions => ({ principal: { id } });
const usage = (promptTokens: number, completionTokens: number): Usage => ({ promptTokens, completionTokens });

describe('a caller’s limit', () => {
  it('F92 is a 429 that names it, with whole seconds to wait', async () => {
    const { enter } = await gateway({ clients: { '*': { requestsPerMinute: 2 } } });
    await enter(as('team'));
    jest.advanceTimersByTime(10_300);
    await enter(as('team'));
    await expect(enter(as('team'))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      status: 429,
      retryAfterSeconds: 50,
      message: '"team" is at the limit of 2 requests per minute (limit-rate, clients["*"]). Try again in 50 s.',
    });
    jest.advanceTimersByTime(49_700);
    await enter(as('team'));
  });

  it('F92 never asks for more than a minute, which Claude Code would not wait for', async () => {
    const options = { clients: { '*': { requestsPerMinute: 1, queue: { maxWaitMs: 61_000 } } } };
    const { enter } = await gateway(options);
    await enter();
    void enter();
    const refused = await enter().catch((error: unknown) => error);
    expect(refused).toMatchObject({ retryAfterSeconds: 60 });
  });

  it('asks for a second at least', async () => {
    const { enter } = await gateway({ clients: { '*': { concurrent: 1 } } });
    await enter();
    await expect(enter()).rejects.toMatchObject({ retryAfterSeconds: 1 });
  });

  it('is each caller’s own, and that of the most exact name', async () => {
    const { enter } = await gateway({ clients: { '*': { concurrent: 1 }, 'ci-*': { concurrent: 2 } } });
    await enter(as('ann'));
    await enter(as('bob'));
    await enter(as('ci-1'));
    await enter(as('ci-1'));
    await expect(enter(as('ann'))).rejects.toThrow('"ann" is at the limit of 1 requests at once');
    await expect(enter(as('ci-1'))).rejects.toThrow('clients["ci-*"]');
  });

  it('is nobody’s whom no name fits, and is asked for before all other routing', async () => {
    const { enter, host, limits } = await gateway({ clients: { ann: { concurrent: 1 } } });
    await enter(as('bob'));
    await enter(as('bob'));
    expect(limits()).toEqual({});
    expect(host.taps.find(({ hook }) => hook === 'route')).toMatchObject({ stage: -100 });
    await enter(as('ann'));
    await expect(host.hooks.route.promise(undefined, fakeExchange(as('ann')))).rejects.toThrow('1 requests at once');
  });

  it('counts nothing that is only routed', async () => {
    const { route, limits } = await gateway({ clients: { '*': { requestsPerMinute: 1, concurrent: 1 } } });
    for (let i = 0; i < 3; i++) await route();
    expect(limits()).toEqual({});
  });

  it('is asked for once, however many tries there are, one after the other or at once', async () => {
    const { route, start, finish, limits } = await gateway({ clients: { '*': { concurrent: 1, queue: {} } } });
    const first = await route();
    await start(first);
    const second = await route();
    const tries = [start(second), start(second), start(second)];
    await jest.advanceTimersByTimeAsync(0);
    expect(limits()).toMatchObject({ 'clients["*"] local': { running: 1, waiting: 1 } });
    await start(first);
    finish(first.exchange);
    await Promise.all(tries);
    expect(limits()).toMatchObject({ 'clients["*"] local': { running: 1, waiting: 0, requests: 2 } });
  });

  it('is given back where the exchange was over before the place was there', async () => {
    const { enter, route, start, finish, limits } = await gateway({ clients: { '*': { concurrent: 1, queue: {} } } });
    const first = await enter();
    const second = await route();
    const waiting = start(second).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    finish(second.exchange);
    finish(first.exchange);
    expect(await waiting).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(limits()).toMatchObject({ 'clients["*"] local': { running: 0, requests: 1 } });
  });

  it('ends the request: no other target would change it', async () => {
    const { route, start } = await gateway({ clients: { '*': { concurrent: 1 } } });
    const [one, other] = [await route(), await route()];
    await start(one);
    await expect(start(other)).rejects.toMatchObject({ status: 429, retryable: false });
  });

  it('F30 is not used up by counts of tokens', async () => {
    const { route, enter } = await gateway({
      clients: { '*': { requestsPerMinute: 1 } },
      targets: { '*': { concurrent: 1 } },
    });
    for (let i = 0; i < 50; i++) {
      const { plan, before } = await route({ operation: 'count-tokens' });
      expect(plan).toBe(before);
    }
    await enter();
  });

  it('of concurrency ends with the exchange, whatever became of it', async () => {
    const { enter, finish } = await gateway({ clients: { '*': { concurrent: 1 } } });
    for (let i = 0; i < 3; i++) finish((await enter()).exchange);
    await enter();
    finish(fakeExchange());
    await expect(enter()).rejects.toThrow('1 requests at once');
  });

  it('F40 of tokens is reserved before, and settled with what all tries have used', async () => {
    const { enter, finish, limits } = await gateway({ clients: { '*': { tokensPerMinute: 3_000 } } });
    const big = { estimatePromptTokens: () => 1_500 };
    const { exchange, plan } = await enter(big);
    await expect(enter(big)).rejects.toThrow('3000 tokens per minute');
    const target = plan.targets[0] as Target;
    finish(exchange, [
      attemptOf(target, { outcome: 'failed' }),
      attemptOf(target, { usage: usage(300, 40) }),
      attemptOf(target, { outcome: 'skipped' }),
    ]);
    expect(limits()).toEqual({ 'clients["*"] local': { running: 0, waiting: 0, requests: 1, tokens: 340 } });
    await enter(big);
  });

  it.each<[string, Partial<AttemptRecord>, number]>([
    ['F38 a client that left before the first content', { outcome: 'aborted' }, 700],
    ['F38 a client that left in the middle', { outcome: 'aborted', committedMs: 2, usage: { promptTokens: 450 } }, 650],
    ['F38 a client that left after the usage', { outcome: 'aborted', committedMs: 2, usage: usage(450, 30) }, 480],
    ['an answer without usage', {}, 700],
    ['F35 usage that is zero', { usage: usage(0, 0) }, 0],
    ['a cut', { outcome: 'cut', usage: { promptTokens: 450 } }, 650],
    ['a failure', { outcome: 'failed' }, 0],
  ])('%s', async (_name, end, tokens) => {
    const { enter, finish, limits } = await gateway({
      clients: { '*': { tokensPerMinute: 10_000 } },
      answerTokens: 200,
    });
    const { exchange, plan } = await enter({ estimatePromptTokens: () => 500 });
    finish(exchange, [attemptOf(plan.targets[0] as Target, end)]);
    expect(limits()).toMatchObject({ 'clients["*"] local': { tokens } });
  });

  it('reserves no more for an answer than the request asks for, and decodes only where tokens are limited', async () => {
    const { enter, limits } = await gateway({ clients: { ann: { tokensPerMinute: 10_000 }, bob: { concurrent: 9 } } });
    await enter({ ...as('ann'), estimatePromptTokens: () => 500, request: { maxOutputTokens: 7 } });
    expect(limits()).toMatchObject({ 'clients["ann"] ann': { tokens: 507 } });
    const estimatePromptTokens = jest.fn(() => 1);
    await enter({ ...as('bob'), estimatePromptTokens });
    expect(estimatePromptTokens).not.toHaveBeenCalled();
  });

  it('refuses for good what is larger than the limit', async () => {
    const { enter } = await gateway({ clients: { '*': { tokensPerMinute: 3_000, queue: {} } } });
    await expect(enter({ estimatePromptTokens: () => 5_000 })).rejects.toMatchObject({
      status: 429,
      shouldRetry: false,
      retryAfterSeconds: undefined,
      message: expect.stringContaining(
        'expected to use 6000 tokens, and "local" has a limit of 3000 tokens per minute',
      ),
    });
  });

  it('may be waited for', async () => {
    const { enter, finish, limits } = await gateway({
      clients: { '*': { concurrent: 1, queue: { maxWaitMs: 5_000 } } },
    });
    const first = await enter();
    const second = enter();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(limits()).toMatchObject({ 'clients["*"] local': { running: 1, waiting: 1 } });
    finish(first.exchange);
    await second;
    await expect(Promise.all([enter(), jest.advanceTimersByTimeAsync(5_000)])).rejects.toThrow('1 requests at once');
  });

  it('F37 is given back at once by a client that leaves while it waits', async () => {
    const { enter, finish, limits } = await gateway({ clients: { '*': { concurrent: 1, queue: {} } } });
    const { exchange } = await enter();
    const client = new AbortController();
    const waiting = enter({ signal: client.signal }).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    client.abort(errors.clientClosed());
    expect(await waiting).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(limits()).toMatchObject({ 'clients["*"] local': { running: 1, waiting: 0, requests: 1 } });
    finish(exchange);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a target’s limit', () => {
  it('is asked for before every try, before all other admissions, and moves on', async () => {
    const { host, start } = await gateway({ targets: { 'a/*': { requestsPerMinute: 1 } } });
    const other = () => undefined;
    const exchange = fakeExchange();
    const targets = [
      { provider: 'a', model: 'x' },
      { provider: 'openrouter', model: 'x' },
    ];
    const plan = (await host.hooks.route.promise({ reason: 'r', targets, admit: [other] }, exchange)) as RoutePlan;
    expect(plan.admit).toEqual([expect.any(Function), other]);
    expect(plan.targets).toBe(targets);
    await start({ exchange, plan });
    await expect(start({ exchange, plan })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      retryAfterSeconds: 60,
      message: 'a/x is at the limit of 1 requests per minute (limit-rate, targets["a/*"]). Try again in 60 s.',
    });
    await start({ exchange, plan }, 1);
  });

  it('leaves plans alone that have no such target', async () => {
    const { route } = await gateway({ targets: { 'a/*': { concurrent: 1 } } });
    const { plan, before } = await route({}, ['openrouter/x']);
    expect(plan).toBe(before);
  });

  it.each<[string, readonly (string | Target)[], readonly (string | Target)[]]>([
    ['key', ['many/x', 'many/y'], [{ provider: 'many', model: 'x', key: '2' }]],
    [
      'model',
      ['many/x', { provider: 'many', model: 'x', key: '1' }],
      ['many/y', { provider: 'many', model: 'x', key: '2' }],
    ],
    ['provider', ['many/x', { provider: 'many', model: 'y', key: '2' }], ['a/x']],
  ])('per %s counts what has it together', async (per, together, apart) => {
    const { route, start } = await gateway({ targets: { '*': { concurrent: 1, per } } });
    const [one, other] = together;
    await start(await route({}, [one as string]));
    await expect(route({}, [other as string]).then(start)).rejects.toThrow('1 requests at once');
    for (const target of apart) await start(await route({}, [target]));
  });

  it('holds together with all others that fit; what one refuses, the others get back', async () => {
    const { route, start, limits } = await gateway({
      targets: { 'a/*': { requestsPerMinute: 5 }, 'a/x': { concurrent: 1 } },
    });
    const end = await start(await route());
    await expect(route().then(start)).rejects.toThrow('targets["a/x"]');
    expect(limits()).toMatchObject({ 'targets["a/*"] a': { running: 1, requests: 1 } });
    end();
    expect(limits()).toMatchObject({ 'targets["a/*"] a': { running: 0, requests: 1 } });
  });

  it('gets everything back for a try that another admission refused', async () => {
    const { route, start, limits } = await gateway({
      targets: { '*': { requestsPerMinute: 5, tokensPerMinute: 9_000 } },
    });
    (await start(await route()))({ outcome: 'skipped' });
    expect(limits()).toEqual({});
    (await start(await route()))({ outcome: 'failed' });
    expect(limits()).toMatchObject({ 'targets["*"] a': { requests: 1, tokens: 0 } });
  });

  it('F40 of tokens is reserved, and settled with the usage of the try', async () => {
    const { route, start, limits } = await gateway({ targets: { '*': { tokensPerMinute: 3_000 } } });
    const big = { estimatePromptTokens: () => 1_500 };
    const end = await start(await route(big));
    await expect(route(big).then(start)).rejects.toThrow('3000 tokens per minute');
    end({ usage: usage(100, 5) });
    expect(limits()).toMatchObject({ 'targets["*"] a': { tokens: 105 } });
  });

  it('openrouter-free is 20 requests per minute for the whole account, with a queue', async () => {
    const { route, start } = await gateway({ targets: { 'openrouter/*:free': 'openrouter-free' } });
    const free = (model: string) => route({}, [`openrouter/${model}:free`]).then(start);
    for (let i = 0; i < 20; i++) await free(`m${i}`);
    await start(await route({}, ['openrouter/paid']));
    let admitted = 0;
    void free('x').then(() => admitted++);
    await jest.advanceTimersByTimeAsync(59_999);
    expect(admitted).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(admitted).toBe(1);
  });

  it('may be waited for up to the deadline; then it moves on, with nothing left behind', async () => {
    const { route, start, limits } = await gateway({
      targets: { 'a/*': { requestsPerMinute: 9 }, '*': { concurrent: 1, queue: { maxWaitMs: 2_000 } } },
    });
    await start(await route());
    const waiting = route().then(start);
    await expect(Promise.all([waiting, jest.advanceTimersByTimeAsync(2_000)])).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
    expect(limits()).toMatchObject({ 'targets["a/*"] a': { running: 1, requests: 1 } });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('F37 gives a place back whose client left in the moment it was given', async () => {
    const { route, start, limits } = await gateway({ targets: { '*': { concurrent: 1, queue: {} } } });
    const end = await start(await route());
    const client = new AbortController();
    const waiting = route({ signal: client.signal })
      .then(start)
      .catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    end();
    client.abort(errors.clientClosed());
    expect(await waiting).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(limits()).toMatchObject({ 'targets["*"] a': { running: 0 } });
  });
});

it('warns of targets that there are not', async () => {
  const rule = { requestsPerMinute: 1 };
  const targets = { 'opnrouter/*:free': 'openrouter-free', 'a/*': rule, '*': rule, 'claude-x': rule };
  const { host } = await gateway({ targets });
  await host.hooks.ready.promise();
  expect(host.logged).toEqual(
    [
      'targets["opnrouter/*:free"] limits nothing: no provider is called "opnrouter". Did you mean "openrouter/*:free"?',
      'targets["claude-x"] limits nothing: a target is written provider/model',
    ].map((message) => ({ level: 'warn', fields: { plugin: 'limit-rate' }, message })),
  );
});

it('closing ends the waits of this generation, not those of the next, and leaves no timer', async () => {
  const options = { clients: { '*': { concurrent: 1, queue: {} } } };
  const before = await gateway(options);
  const after = await gateway(options, Object.assign(fakeHost(), { kept: before.host.kept }));
  const { exchange } = await before.enter();
  const stopped = before.enter().catch((error: unknown) => error);
  const next = after.enter();
  await jest.advanceTimersByTimeAsync(0);
  await before.host.hooks.close.promise();
  expect(await stopped).toMatchObject({ code: 'UNAVAILABLE' });
  before.finish(exchange);
  expect(after.limits()).toMatchObject({ 'clients["*"] local': { running: 1, requests: 2 } });
  await next;
  expect(jest.getTimerCount()).toBe(0);
});

it.each([
  [{ clients: { '*': {} } }, 'clients["*"]: it limits nothing'],
  [{ targets: { 'a/*': { queue: {} } } }, 'targets["a/*"]: it limits nothing'],
])('%j cannot work', async (options, message) => {
  await expect(gateway(options)).rejects.toThrow(message);
});

it('remembers a bounded number of callers', async () => {
  const { enter, finish, limits } = await gateway({ clients: { '*': { requestsPerMinute: 1 } } });
  for (let i = 0; i < 10_500; i++) {
    finish((await enter(as(`c${i}`))).exchange);
    if (i === 5_000) jest.advanceTimersByTime(60_000);
  }
  expect(Object.keys(limits() ?? {}).length).toBeLessThanOrEqual(10_000);
});
