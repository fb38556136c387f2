import { describe, expect, it } from '@jest/globals';
import { type AttemptRecord, errors, type JsonObject, parseTarget, type RoutePlan, type Target } from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, fakeExchange, fakeHost } from '@signalbox/testkit';
import hedge from './index.ts';

const OPTIONS = {
  percentile: 0.95,
  minMs: 10,
  maxMs: 30_000,
  minSamples: 20,
  maxPromptTokens: 8_000,
  share: 1,
  sameTarget: false,
};

async function gateway(options: JsonObject = {}, host = fakeHost()) {
  await applyPlugin(hedge, { ...OPTIONS, ...options }, host);
  const route = async (given: FakeExchangeOptions = {}, targets = ['a/x', 'b/y'], policy: Partial<RoutePlan> = {}) => {
    const exchange = fakeExchange(given);
    const before: RoutePlan = {
      reason: 'the router says so',
      targets: targets.flatMap((text) => parseTarget(text) ?? []),
      ...policy,
    };
    return { exchange, before, plan: (await host.hooks.route.promise(before, exchange)) ?? before };
  };
  /** A whole call whose first target answers after so long. */
  const answer = async (ms: number, end: Partial<AttemptRecord> = {}, given: FakeExchangeOptions = {}) => {
    const { exchange, plan } = await route(given);
    host.hooks.attempt.call(
      {
        target: plan.targets[0] as Target,
        lane: 'canonical',
        startedMs: 100,
        committedMs: 100 + ms,
        endedMs: 100 + ms,
        outcome: 'answered',
        ...end,
      },
      exchange,
    );
  };
  return { host, route, answer, afterMs: async () => (await route()).plan.hedge?.afterMs };
}

describe('the second try starts', () => {
  it('after the percentile of the first target’s answers', async () => {
    const { answer, route } = await gateway();
    for (let ms = 100; ms <= 2_000; ms += 100) await answer(ms);
    const { plan, before } = await route();
    expect(plan).toMatchObject({
      targets: before.targets,
      hedge: { afterMs: 1_900 },
      reason: 'the router says so; after 1900 ms b/y is tried, too',
    });
    expect((await route({}, ['b/y', 'a/x'])).plan).not.toHaveProperty('hedge');
  });

  it.each([
    [0.5, 1_000],
    [0.9, 1_800],
    [0.999, 2_000],
  ])('after another percentile: %d', async (percentile, expected) => {
    const { answer, afterMs } = await gateway({ percentile });
    for (let ms = 2_000; ms >= 100; ms -= 100) await answer(ms);
    expect(await afterMs()).toBe(expected);
  });

  it('not before the floor and not after the cap', async () => {
    const quick = await gateway({ minMs: 700 });
    const slow = await gateway({ maxMs: 900 });
    for (let i = 0; i < 20; i++) {
      await quick.answer(50);
      await slow.answer(5_000);
    }
    expect([await quick.afterMs(), await slow.afterMs()]).toEqual([700, 900]);
  });

  it('after a fixed time where the options say so, from the first request on', async () => {
    expect(await (await gateway({ afterMs: 5 })).afterMs()).toBe(5);
  });

  it('not until enough is known', async () => {
    const { answer, afterMs } = await gateway({ minSamples: 3 });
    await answer(100);
    await answer(100);
    expect(await afterMs()).toBeUndefined();
    await answer(100);
    expect(await afterMs()).toBe(100);
  });

  it('by what was measured last', async () => {
    const { answer, afterMs } = await gateway();
    for (let i = 0; i < 200; i++) await answer(5_000);
    for (let i = 0; i < 199; i++) await answer(100);
    expect(await afterMs()).toBe(100);
  });
});

describe('what is learnt', () => {
  const known = async (end: Partial<AttemptRecord>, given: FakeExchangeOptions = {}) => {
    const { answer, afterMs } = await gateway({ minSamples: 2, percentile: 0.999 });
    await answer(100);
    await answer(100);
    await answer(4_000, end, given);
    return afterMs();
  };

  it.each<[string, Partial<AttemptRecord>, number]>([
    ['an answer', {}, 4_000],
    ['a try that lost, which was slower than usual', { outcome: 'aborted' }, 4_000],
    ['a failure', { outcome: 'failed', error: errors.providerFailed(500, 'oops').info() }, 100],
    ['an answer of this process', { lane: 'local' }, 100],
    ['a try that was skipped', { outcome: 'skipped' }, 100],
  ])('from %s', async (_name, end, expected) => {
    expect(await known(end)).toBe(expected);
  });

  it('is nothing from a try that lost before its time', async () => {
    const { answer, afterMs } = await gateway({ minSamples: 1, percentile: 0.5 });
    await answer(100);
    for (let i = 0; i < 5; i++) await answer(50, { outcome: 'aborted' });
    expect(await afterMs()).toBe(100);
  });

  it('is of whole calls with short prompts', async () => {
    expect(await known({}, { stream: true })).toBe(100);
    expect(await known({}, { estimatePromptTokens: () => 8_001 })).toBe(100);
  });
});

describe('no second try', () => {
  it.each<[string, FakeExchangeOptions, readonly string[] | undefined, Partial<RoutePlan> | undefined]>([
    ['for a stream', { stream: true }, undefined, undefined],
    ['for a count of tokens', { operation: 'count-tokens' }, undefined, undefined],
    ['for a long prompt', { estimatePromptTokens: () => 8_001 }, undefined, undefined],
    ['without a second target', {}, ['a/x'], undefined],
    ['where another strategy has one', {}, undefined, { hedge: { afterMs: 7 } }],
  ])('%s', async (_name, given, targets, policy) => {
    const { route } = await gateway({ afterMs: 5 });
    const { before, plan } = await route(given, targets as string[] | undefined, policy);
    expect(plan).toBe(before);
  });

  it('unless the same target will do', async () => {
    const { route } = await gateway({ afterMs: 5, sameTarget: true });
    expect((await route({}, ['a/x'])).plan).toMatchObject({
      hedge: { afterMs: 5 },
      reason: 'the router says so; after 5 ms a/x is tried, too',
    });
  });
});

describe('the budget', () => {
  /** Every request that may takes its second try. */
  async function spend(share: number, requests: number, host = fakeHost()) {
    const { route } = await gateway({ afterMs: 5, share }, host);
    let hedged = 0;
    for (let i = 0; i < requests; i++) {
      const { plan, exchange } = await route();
      if (plan.hedge === undefined) continue;
      const [first, second] = plan.targets as [Target, Target];
      const end = await plan.admit?.[0]?.(first, exchange);
      const endSecond = await plan.admit?.[0]?.(second, exchange);
      end?.({} as AttemptRecord);
      endSecond?.({} as AttemptRecord);
      hedged++;
    }
    return hedged;
  }

  it.each([
    [0.1, 1_000, 101],
    [0.25, 100, 26],
    [1, 50, 50],
  ])('is a share of the short calls: %d of %i', async (share, requests, most) => {
    expect(await spend(share, requests)).toBe(most);
  });

  it('is not used up by retries, which come one after the other, nor by calls that were fast enough', async () => {
    const { route } = await gateway({ afterMs: 5, share: 0.001 });
    for (let i = 0; i < 20; i++) {
      const { plan, exchange } = await route();
      expect(plan.hedge).toEqual({ afterMs: 5 });
      for (const target of plan.targets) (await plan.admit?.[0]?.(target, exchange))?.({} as AttemptRecord);
    }
  });

  it('saves up for ten at most, and has its debts paid', async () => {
    const { route } = await gateway({ afterMs: 5, share: 0.5 });
    const plans = [];
    for (let i = 0; i < 100; i++) plans.push(await route());
    for (const { plan, exchange } of plans.slice(0, 15)) {
      for (const target of plan.targets) await plan.admit?.[0]?.(target, exchange);
    }
    // Ten were saved, fifteen spent: what the next twelve earn pays for them, and for one more.
    const allowed: boolean[] = [];
    for (let i = 0; i < 12; i++) allowed.push((await route()).plan.hedge !== undefined);
    expect(allowed).toEqual([...Array.from({ length: 11 }, () => false), true]);
  });

  it('outlives a reload of the config, as what was measured does', async () => {
    const host = fakeHost();
    expect(await spend(0.001, 5, host)).toBe(1);
    expect(await spend(0.001, 5, Object.assign(fakeHost(), { kept: host.kept }))).toBe(0);
  });
});

it('refuses a floor above the cap', async () => {
  await expect(gateway({ minMs: 900, maxMs: 100 })).rejects.toThrow('minMs: 900 is more than maxMs, 100');
});
