import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type AttemptRecord,
  type Exchange,
  errors,
  type JsonObject,
  type LocalProvider,
  parseTarget,
  type RoutePlan,
  type SignalboxError,
  type Target,
  targetId,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, type FakeHost, fakeExchange, fakeHost } from '@signalbox/testkit';
import balance from './index.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const silent: LocalProvider = { answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }) };

interface Gateway {
  readonly host: FakeHost;
  route(given?: FakeExchangeOptions, standing?: readonly string[]): Promise<Routed>;
}

interface Routed {
  readonly exchange: Exchange;
  readonly plan: RoutePlan | undefined;
  readonly targets: readonly string[];
  /** Starts a try at a target of the plan; the result ends it. */
  start(index?: number): Promise<(end?: Partial<AttemptRecord> & { failure?: SignalboxError }) => void>;
}

async function gateway(options: JsonObject, keys: readonly string[] = [], host = fakeHost()): Promise<Gateway> {
  for (const name of ['a', 'b', 'c']) if (!host.hasProvider(name)) host.addProvider(name, silent);
  if (!host.hasProvider('many')) host.addProvider('many', { ...silent, keys });
  await applyPlugin(balance, { groups: {}, keys: 'least-busy', ...options }, host);
  await host.hooks.ready.promise();
  return {
    host,
    route: async (given = {}, standing) => {
      const exchange = fakeExchange({ model: 'fast', ...given });
      const before =
        standing === undefined
          ? undefined
          : { reason: 'the router says so', targets: standing.flatMap((text) => parseTarget(text) ?? []) };
      const plan = await host.hooks.route.promise(before, exchange);
      return {
        exchange,
        plan,
        targets: (plan?.targets ?? []).map(targetId),
        start: async (index = 0) => {
          const target = plan?.targets[index] as Target;
          const startedMs = performance.now();
          const releases = await Promise.all((plan?.admit ?? []).map((admit) => admit(target, exchange)));
          return ({ failure, ...end } = {}) => {
            const endedMs = performance.now();
            const attempt: AttemptRecord = {
              target,
              lane: 'canonical',
              startedMs,
              endedMs,
              ...(failure === undefined
                ? { outcome: 'answered', committedMs: endedMs }
                : { outcome: 'failed', providerStatus: failure.status, error: failure.info() }),
              ...end,
            };
            for (const release of releases) release?.(attempt);
            host.hooks.attempt.call(attempt, exchange);
          };
        },
      };
    },
  };
}

const inFlight = ({ host }: Gateway) => host.health.get('balance')?.().inFlight;

describe('a group', () => {
  const WEIGHTED = { groups: { fast: { targets: [{ target: 'a/x', weight: 3 }, 'b/y'] } } };

  it('shares requests by weight, exactly', async () => {
    const { route } = await gateway(WEIGHTED);
    const firsts: unknown[] = [];
    for (let i = 0; i < 8; i++) firsts.push((await route()).targets[0]);
    expect(firsts.filter((target) => target === 'a/x')).toHaveLength(6);
    expect(firsts.slice(0, 4)).toEqual(firsts.slice(4));
  });

  it('has the others behind the picked one, and says how it was picked', async () => {
    const { route } = await gateway(WEIGHTED);
    expect((await route()).plan).toMatchObject({ reason: 'group "fast" (weighted): a/x' });
    expect((await route()).targets).toEqual(['a/x', 'b/y']);
    expect((await route()).targets).toEqual(['b/y', 'a/x']);
  });

  it('has those without weight behind all others', async () => {
    const { route } = await gateway({
      groups: { fast: { targets: [{ target: 'c/z', weight: 0 }, 'a/x', 'b/y'] } },
    });
    for (let i = 0; i < 4; i++) expect((await route()).targets[2]).toBe('c/z');
  });

  it('F30 takes no turn for a count of tokens', async () => {
    const { route } = await gateway(WEIGHTED);
    const count = async () => (await route({ operation: 'count-tokens' })).targets[0];
    await route();
    await route();
    // The third of four is b's turn, however often one asks.
    expect([await count(), await count(), await count()]).toEqual(['b/y', 'b/y', 'b/y']);
    expect((await route()).targets[0]).toBe('b/y');
  });

  it('keeps its turns over a reload of the config', async () => {
    const { route, host } = await gateway(WEIGHTED);
    const firsts = [(await route()).targets[0], (await route()).targets[0]];
    const again = fakeHost();
    const reloaded = await gateway(WEIGHTED, [], Object.assign(again, { kept: host.kept }));
    firsts.push((await reloaded.route()).targets[0], (await reloaded.route()).targets[0]);
    expect(firsts).toEqual(['a/x', 'a/x', 'b/y', 'a/x']);
  });

  it('is known by a pattern, with the model as asked for', async () => {
    const { route, host } = await gateway({
      groups: {
        'claude-*': { targets: ['a/{model}', 'b/vendor/{model}'], policy: 'in-order' },
        'claude-opus': { targets: ['c/opus'] },
        'a/*': { targets: ['b/{model}'] },
      },
    });
    expect((await route({ model: 'claude-new' })).targets).toEqual(['a/claude-new', 'b/vendor/claude-new']);
    expect((await route({ model: 'claude-opus' })).targets).toEqual(['c/opus']);
    expect((await route({ model: 'a/some' })).targets).toEqual(['b/some']);
    expect((await route({ model: 'other' })).plan).toBeUndefined();
    expect(host.models()).toEqual([{ id: 'claude-opus' }]);
  });

  it('stands in for the first target of another plan, in front of what follows there', async () => {
    const { route } = await gateway({ groups: { 'a/x': { targets: ['a/x', 'b/y'], policy: 'in-order' } } });
    const { plan, targets } = await route({ model: 'm' }, ['a/x', 'b/y', 'c/z']);
    expect(targets).toEqual(['a/x', 'b/y', 'c/z']);
    expect(plan?.reason).toBe('the router says so; group "a/x" (in-order): a/x');
    expect((await route({ model: 'm' }, ['c/z', 'a/x'])).plan?.reason).toBe('the router says so');
  });

  it('does not apply to what it has itself chosen', async () => {
    const { route } = await gateway({
      groups: { fast: { targets: ['a/x'] }, 'a/*': { targets: ['b/y'] } },
    });
    expect((await route()).targets).toEqual(['a/x']);
  });
});

describe('least-busy', () => {
  const OPTIONS = { groups: { fast: { targets: ['a/x', { target: 'b/y', weight: 2 }], policy: 'least-busy' } } };

  it('picks whoever has the fewest calls for its weight', async () => {
    const { route } = await gateway(OPTIONS);
    const ends = [];
    const firsts: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      const routed = await route();
      firsts.push(routed.targets[0]);
      ends.push(await routed.start());
    }
    expect(firsts.filter((target) => target === 'a/x')).toHaveLength(2);
    // Two of b's are over: b is the freer one.
    let over = 0;
    for (const [index, end] of ends.entries()) if (firsts[index] === 'b/y' && over++ < 2) end();
    expect((await route()).targets).toEqual(['b/y', 'a/x']);
  });

  it('takes turns while nobody is busy', async () => {
    const { route } = await gateway({ groups: { fast: { targets: ['a/x', 'b/y'], policy: 'least-busy' } } });
    const firsts: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const routed = await route();
      firsts.push(routed.targets[0]);
      (await routed.start())();
    }
    expect(firsts).toEqual(['a/x', 'b/y', 'a/x', 'b/y']);
  });

  it('counts a try from its start to its end, however it ends, and once', async () => {
    const box = await gateway(OPTIONS, ['1', '2']);
    const one = await (await box.route()).start();
    const two = await (await box.route({ model: 'm' }, ['many/x'])).start();
    expect(inFlight(box)).toEqual({ 'b/y': 1, 'many/x': 1, 'many#1': 1 });
    one({ outcome: 'aborted' });
    two({ failure: errors.providerFailed(500, 'oops') });
    expect(inFlight(box)).toEqual({});
  });
});

describe('fastest', () => {
  const OPTIONS = { groups: { fast: { targets: ['a/x', 'b/y'], policy: 'fastest' } } };

  async function teach({ route }: Gateway, ms: Readonly<Record<string, number>>): Promise<void> {
    for (const [target, took] of Object.entries(ms)) {
      const routed = await route();
      const end = await routed.start(routed.targets.indexOf(target));
      jest.advanceTimersByTime(took);
      end();
    }
  }

  it('picks the faster of two', async () => {
    const box = await gateway(OPTIONS);
    await teach(box, { 'a/x': 900, 'b/y': 200 });
    for (let i = 0; i < 10; i++) expect((await box.route()).targets).toEqual(['b/y', 'a/x']);
  });

  it('picks two at random where there are more, so that not all go to one', async () => {
    const box = await gateway({ groups: { fast: { targets: ['a/x', 'b/y', 'c/z'], policy: 'fastest' } } });
    await teach(box, { 'a/x': 900, 'b/y': 200, 'c/z': 500 });
    const firsts = new Set<string | undefined>();
    for (let i = 0; i < 200; i++) firsts.add((await box.route()).targets[0]);
    expect(firsts).toEqual(new Set(['b/y', 'c/z']));
  });

  it('measures until the first content, not until the end of a long answer', async () => {
    const box = await gateway(OPTIONS);
    await teach(box, { 'b/y': 500 });
    const routed = await box.route();
    const end = await routed.start(routed.targets.indexOf('a/x'));
    const startedAt = performance.now();
    jest.advanceTimersByTime(20_000);
    end({ committedMs: startedAt + 100 });
    expect((await box.route()).targets[0]).toBe('a/x');
  });

  it('tries who has never answered, with one call', async () => {
    const box = await gateway(OPTIONS);
    await teach(box, { 'a/x': 10 });
    const routed = await box.route();
    expect(routed.targets[0]).toBe('b/y');
    await routed.start();
    expect((await box.route()).targets[0]).toBe('a/x');
  });

  it('counts calls that run', async () => {
    const box = await gateway(OPTIONS);
    await teach(box, { 'a/x': 100, 'b/y': 250 });
    const starts = [];
    for (let i = 0; i < 2; i++) {
      const routed = await box.route();
      starts.push(routed.targets[0]);
      await routed.start();
    }
    expect(starts).toEqual(['a/x', 'a/x']);
    expect((await box.route()).targets[0]).toBe('b/y');
  });

  it('takes a failure for slowness, a client’s own mistake for nothing, and asks again later', async () => {
    const box = await gateway(OPTIONS);
    await teach(box, { 'a/x': 100, 'b/y': 300 });
    const failing = await (await box.route()).start();
    failing({ failure: errors.contextOverflow('too long') });
    expect((await box.route()).targets[0]).toBe('a/x');
    (await (await box.route()).start())({ failure: errors.providerFailed(500, 'oops') });
    expect((await box.route()).targets[0]).toBe('b/y');
    for (let minute = 0; minute < 6; minute++) {
      jest.advanceTimersByTime(60_000);
      const routed = await box.route();
      if (routed.targets[0] === 'a/x') return;
      const end = await routed.start();
      jest.advanceTimersByTime(300);
      end();
    }
    throw new Error('a/x was not asked again');
  });
});

describe('the keys of a provider', () => {
  it('are picked for every plan, with another one right behind and the rest behind all', async () => {
    const { route } = await gateway({}, ['1', '2', '3']);
    const { plan, targets } = await route({}, ['many/x', 'a/x']);
    expect(targets).toEqual(['many#1/x', 'many#2/x', 'a/x', 'many#3/x']);
    expect(plan?.reason).toBe('the router says so; key 1 of many (least-busy)');
    expect((await route({}, ['many/x'])).targets).toEqual(['many#2/x', 'many#3/x', 'many#1/x']);
  });

  it('are spread over by calls that run, whatever their model', async () => {
    const { route } = await gateway({}, ['1', '2']);
    await (await route({}, ['many/x'])).start();
    await (await route({}, ['many/y'])).start(1);
    expect((await route({}, ['many/z'])).targets[0]).toBe('many#2/z');
  });

  it('stay in order where the options say so', async () => {
    const { route } = await gateway({ keys: 'in-order' }, ['1', '2']);
    for (let i = 0; i < 3; i++) expect((await route({}, ['many/x'])).targets).toEqual(['many#1/x', 'many#2/x']);
  });

  it('are left alone where a plan names one, and where there is only one', async () => {
    const { route, host } = await gateway({}, ['1', '2']);
    expect((await route({}, ['a/x'])).plan?.reason).toBe('the router says so');
    const plan: RoutePlan = { reason: 'sticky', targets: [{ provider: 'many', model: 'x', key: '2' }] };
    expect(await host.hooks.route.promise(plan, fakeExchange())).toBe(plan);
  });

  it('are spread within a group', async () => {
    const { route } = await gateway({ groups: { fast: { targets: ['many/x', 'a/x'], policy: 'in-order' } } }, [
      '1',
      '2',
    ]);
    const routed = await route();
    expect(routed.targets).toEqual(['many#1/x', 'many#2/x', 'a/x']);
    expect(routed.plan?.reason).toBe('group "fast" (in-order): many/x; key 1 of many (least-busy)');
    expect(routed.plan?.admit).toHaveLength(1);
  });
});

describe('a provider that says when it is free again', () => {
  const OPTIONS = { groups: { fast: { targets: ['a/x', 'b/y'] } } };

  it('is not waited for where another target or key can be asked', async () => {
    const { route } = await gateway(OPTIONS, ['1', '2']);
    const retry = { maxRetryAfterMs: 0 };
    expect((await route()).plan?.retry).toEqual(retry);
    expect((await route({}, ['many/x'])).plan?.retry).toEqual(retry);
    expect((await route({}, ['a/x', 'b/y'])).plan).not.toHaveProperty('retry');
  });

  it('is waited for as another plugin says', async () => {
    const { host } = await gateway(OPTIONS, ['1', '2']);
    const targets = [{ provider: 'many', model: 'x' }];
    const plan = { reason: 'r', targets, retry: { maxRetries: 3, maxRetryAfterMs: 900 } };
    expect((await host.hooks.route.promise(plan, fakeExchange()))?.retry).toEqual(plan.retry);
    const silentAboutIt = { reason: 'r', targets, retry: { maxRetries: 3 } };
    expect((await host.hooks.route.promise(silentAboutIt, fakeExchange()))?.retry).toEqual({
      maxRetries: 3,
      maxRetryAfterMs: 0,
    });
  });
});

describe('cooldown', () => {
  const keys = ['1', '2'];
  const fail = async ({ route }: Gateway, failure: SignalboxError, target = 'many/x', status = failure.status) => {
    const routed = await route({}, [target]);
    (await routed.start())({ failure, providerStatus: status });
    return routed.targets[0];
  };
  const first = async ({ route }: Gateway, target = 'many/x', given: FakeExchangeOptions = {}) =>
    (await route(given, [target])).targets[0];

  it.each<[string, SignalboxError, number, number]>([
    ['429', errors.rateLimited('slow'), 429, 15],
    ['429 that says when it ends', errors.rateLimited('slow', { retryAfterSeconds: 40 }), 429, 40],
    ['401', errors.providerAuth('no'), 401, 300],
    ['403', errors.providerAuth('no'), 403, 300],
    ['402', errors.providerBilling('pay'), 402, 900],
    ['F92 a used-up quota', errors.quotaExhausted('all gone'), 429, 900],
    ['a quota until tomorrow', errors.quotaExhausted('all gone', { retryAfterSeconds: 90_000 }), 429, 3_600],
  ])('%s: the key rests, and is back afterwards', async (_name, failure, status, seconds) => {
    const box = await gateway({ keys: 'in-order' }, keys);
    expect(await fail(box, failure, 'many/x', status)).toBe('many#1/x');
    const { plan, targets } = await box.route({}, ['many/x', 'a/x']);
    expect(targets).toEqual(['many#2/x', 'a/x', 'many#1/x']);
    expect(plan?.reason).toContain(`many/x with key 1 rests for ${seconds} s (${failure.code})`);
    jest.advanceTimersByTime(seconds * 1_000 - 1);
    expect(await first(box)).toBe('many#2/x');
    jest.advanceTimersByTime(1);
    expect(await first(box)).toBe('many#1/x');
  });

  it.each<[string, SignalboxError]>([
    ['a 500', errors.providerFailed(500, 'oops')],
    ['a prompt that is too long', errors.contextOverflow('long')],
  ])('%s is none', async (_name, failure) => {
    const box = await gateway({ keys: 'in-order' }, keys);
    await fail(box, failure);
    expect(await first(box)).toBe('many#1/x');
  });

  it('is not for what this gateway itself has refused', async () => {
    const box = await gateway({ keys: 'in-order' }, keys);
    (await (await box.route({}, ['many/x'])).start())({ failure: errors.rateLimited('ours'), outcome: 'skipped' });
    expect(await first(box)).toBe('many#1/x');
  });

  it('is of the model for a rate limit and a 403, of the key for the rest', async () => {
    const box = await gateway({ keys: 'in-order' }, keys);
    await fail(box, errors.rateLimited('slow'));
    expect([await first(box, 'many/x'), await first(box, 'many/y')]).toEqual(['many#2/x', 'many#1/y']);
    await fail(box, errors.providerAuth('no'), 'many/y', 403);
    expect([await first(box, 'many/y'), await first(box, 'many/z')]).toEqual(['many#2/y', 'many#1/z']);
    await fail(box, errors.providerAuth('no'), 'many/z', 401);
    expect(await first(box, 'many/w')).toBe('many#2/w');
  });

  it('spills over to the rest of the plan, and where all rest the first to be back is first', async () => {
    const box = await gateway({ keys: 'in-order' }, keys);
    await fail(box, errors.rateLimited('slow', { retryAfterSeconds: 50 }));
    await fail(box, errors.rateLimited('slow', { retryAfterSeconds: 20 }));
    expect((await box.route({}, ['many/x', 'a/x'])).targets).toEqual(['a/x', 'many#2/x', 'many#1/x']);
    expect((await box.route({}, ['many/x'])).targets).toEqual(['many#2/x', 'many#1/x']);
  });

  it('puts a target of a group behind the others, and gives its share to them', async () => {
    const box = await gateway({ groups: { fast: { targets: [{ target: 'a/x', weight: 9 }, 'b/y', 'c/z'] } } });
    const routed = await box.route();
    expect(routed.targets[0]).toBe('a/x');
    (await routed.start())({ failure: errors.rateLimited('slow') });
    const plans = [await box.route(), await box.route()];
    expect(plans.map(({ targets }) => targets.at(-1))).toEqual(['a/x', 'a/x']);
    expect(new Set(plans.map(({ targets }) => targets[0]))).toEqual(new Set(['b/y', 'c/z']));
  });

  it('ends when the target answers, unless that began before the trouble', async () => {
    const box = await gateway({ keys: 'in-order' }, keys);
    const early = await (await box.route({}, ['many/x'])).start();
    jest.advanceTimersByTime(10);
    await fail(box, errors.rateLimited('slow'));
    jest.advanceTimersByTime(10);
    early();
    expect(await first(box)).toBe('many#2/x');
    (await (await box.route({}, ['many/x'])).start(1))();
    expect(await first(box)).toBe('many#1/x');
  });

  it('of a caller’s own key concerns that caller alone', async () => {
    const box = await gateway({ keys: 'in-order' }, keys);
    const own = { principal: { id: 'ann', credential: 'sk-ann' } };
    const routed = await box.route(own, ['many/x']);
    (await routed.start())({ failure: errors.rateLimited('slow') });
    expect(await first(box, 'many/x', own)).toBe('many#2/x');
    expect(await first(box, 'many/x', { principal: { id: 'bob', credential: 'sk-bob' } })).toBe('many#1/x');
    expect(await first(box)).toBe('many#1/x');
  });

  it('takes its times from the options, and shows in /health without a key', async () => {
    const box = await gateway({ keys: 'in-order', cooldown: { rateLimitedMs: 2_000, maxMs: 5_000 } }, keys);
    await fail(box, errors.rateLimited('slow'));
    expect(box.host.health.get('balance')?.()).toEqual({
      inFlight: {},
      resting: { 'many#1/x': { code: 'RATE_LIMITED', seconds: 2 } },
    });
    jest.advanceTimersByTime(2_000);
    await fail(box, errors.rateLimited('slow', { retryAfterSeconds: 60 }));
    expect(box.host.health.get('balance')?.()).toMatchObject({ resting: { 'many#1/x': { seconds: 5 } } });
  });

  it('remembers a bounded number of models', async () => {
    const box = await gateway({ groups: { '*': { targets: ['a/{model}'] } } });
    for (let i = 0; i < 2_500; i++) {
      const routed = await box.route({ model: `m${i}` });
      (await routed.start())({ failure: errors.rateLimited('slow', { retryAfterSeconds: 3_000 }) });
    }
    expect(Object.keys(box.host.health.get('balance')?.().resting as object)).toHaveLength(2_000);
  });
});

describe('a configuration that cannot work', () => {
  it('names every target whose provider does not exist, before the first request', async () => {
    const options = {
      groups: { fast: { targets: ['a/x', { target: 'nobody/x' }] }, 'b*': { targets: ['gone/{model}'] } },
    };
    const message = await gateway(options).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toContain('groups["fast"].targets[1]: no provider is called "nobody" (target "nobody/x")');
    expect(message).toContain('groups["b*"].targets[0]: no provider is called "gone"');
    expect(message).not.toContain('"a"');
  });

  it.each([
    [['gpt-9'], 'groups["fast"].targets[0]: a target is written provider/model'],
    [['a/x', '{model}/x'], 'groups["fast"].targets[1]: a target is written provider/model'],
    [['a/*'], 'groups["fast"].targets[0]: "*" stands in names only'],
    [['a/x', { target: 'a/x', weight: 2 }], 'groups["fast"].targets[1]: "a/x" is in the group already'],
  ])('%j', async (targets, message) => {
    await expect(gateway({ groups: { fast: { targets: targets as string[] } } })).rejects.toThrow(message);
  });
});
