import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { errors, formatTarget, type ModelPrices } from '@signalbox/kit';
import { fakeExchange } from '@signalbox/testkit';
import fc from 'fast-check';
import { costHost, prices, request } from '../test/support.ts';

const CHEAP: ModelPrices = { input: 0.3, output: 1, cacheRead: 0.03 };
const DEAR: ModelPrices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

it('chooses its candidates itself where nobody else does, the cheapest first', async () => {
  const known = { 'a/claude-x': { input: 3, output: 15 }, 'b/v/claude-x': { input: 1, output: 5 } };
  const { host } = await prices(known, { candidates: { 'claude-*': ['a/{model}', 'b/v/{model}'] } });
  const plan = await host.hooks.route.promise(undefined, request());
  expect(plan?.targets.map(formatTarget)).toEqual(['b/v/claude-x', 'a/claude-x']);
  expect(plan?.reason).toMatch(/^"claude-x" fits "claude-\*" in candidates; b\/v\/claude-x is the cheapest of 2/);
  expect(await host.hooks.route.promise(undefined, request(9, undefined, { model: 'gpt' }))).toBeUndefined();
  const auto = await prices(known);
  expect(await auto.host.hooks.route.promise(undefined, request())).toBeUndefined();
});

describe('the cheapest target', () => {
  it('goes first, the others stay behind it, and nothing else changes', async () => {
    const { refine } = await prices({ 'a/x': DEAR, 'b/y': CHEAP });
    const policy = { retry: { maxRetries: 3 }, moveOn: ['RATE_LIMITED'] };
    const { after } = await refine(['a/x', 'b/y', 'c/z'], request(), policy);
    expect(after).toEqual({
      targets: [
        { provider: 'b', model: 'y' },
        { provider: 'a', model: 'x' },
        { provider: 'c', model: 'z' },
      ],
      reason: 'the router says so; b/y is the cheapest of 3, no price known of c/z',
      ...policy,
    });
  });

  it.each<[string, number, number, string]>([
    // 1 $/M in, 9 out against 2 in, 3 out: they cross where there are 6 tokens of prompt for each of the answer.
    ['a short prompt', 5_990, 1_000, 'b/y'],
    ['a prompt just long enough', 6_010, 1_000, 'a/x'],
    ['no answer to speak of', 5_990, 0, 'a/x'],
  ])('depends on the lengths where prices cross: %s', async (_, promptTokens, expectedOutputTokens, expected) => {
    const known = { 'a/x': { input: 1, output: 9 }, 'b/y': { input: 2, output: 3 } };
    const { refine } = await prices(known, { expectedOutputTokens });
    const { targets, reason } = await refine(['a/x', 'b/y'], request(promptTokens));
    expect(targets?.[0]).toBe(expected);
    expect(reason).toMatch(/is the cheapest of 2 at about \$0\.0\d+$/);
  });

  it('pays the prices of its tier', async () => {
    const known = {
      'a/x': { input: 1, output: 5, tiers: [{ abovePromptTokens: 200_000, input: 4, output: 20 }] },
      'b/y': { input: 2, output: 10 },
    };
    const { refine } = await prices(known);
    expect((await refine(['b/y', 'a/x'], request(200_000))).targets).toEqual(['a/x', 'b/y']);
    expect((await refine(['b/y', 'a/x'], request(200_001))).targets).toEqual(['b/y', 'a/x']);
  });

  it('is the plan’s own where two cost the same', async () => {
    const { refine } = await prices({ 'a/x': CHEAP, 'b/y': CHEAP });
    expect((await refine(['b/y', 'a/x'])).targets).toEqual(['b/y', 'a/x']);
  });

  it('is never one whose price is not known, in part or at all', async () => {
    const { refine } = await prices({ 'a/x': { output: 0 }, 'b/y': DEAR });
    expect(await refine(['c/z', 'a/x', 'b/y'])).toMatchObject({
      targets: ['b/y', 'c/z', 'a/x'],
      reason: expect.stringContaining('no price known of c/z, a/x'),
    });
    expect((await (await prices({})).refine(['a/x', 'b/y'])).kept).toBe(true);
  });

  it('may cost nothing', async () => {
    const { refine } = await prices({ 'a/x': CHEAP, 'b/y': { input: 0, output: 0 } });
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(['b/y', 'a/x']);
  });
});

describe('a cache', () => {
  const known = { 'a/x': DEAR, 'b/y': { input: 1, output: 15 } };
  const usage = { promptTokens: 100_000, cacheReadTokens: 90_000, cacheWriteTokens: 5_000, completionTokens: 10 };

  it('keeps a session where it is cheaper with it, and no other session', async () => {
    const { refine, answered } = await prices(known);
    answered('a/x', request(100_000, 's'), usage);
    // 95000 × 0.3 + 5000 × 3.75 is less than 100000 × 1, which is less than 100000 × 3.
    expect((await refine(['b/y', 'a/x'], request(100_000, 's'))).targets).toEqual(['a/x', 'b/y']);
    expect((await refine(['b/y', 'a/x'], request(100_000, 't'))).targets).toEqual(['b/y', 'a/x']);
    expect((await refine(['b/y', 'a/x'], request(100_000))).targets).toEqual(['b/y', 'a/x']);
    const other = request(100_000, 's', { principal: { id: 'another caller' } });
    expect((await refine(['b/y', 'a/x'], other)).targets).toEqual(['b/y', 'a/x']);
  });

  it('is taken for empty after a while, and for good where the options say so', async () => {
    const { refine, answered } = await prices(known, { cacheMinutes: 5 });
    answered('a/x', request(100_000, 's'), usage);
    jest.advanceTimersByTime(5 * 60_000 - 1);
    expect((await refine(['b/y', 'a/x'], request(100_000, 's'))).targets?.[0]).toBe('a/x');
    jest.advanceTimersByTime(1);
    expect((await refine(['b/y', 'a/x'], request(100_000, 's'))).targets?.[0]).toBe('b/y');
    const off = await prices(known, { cacheMinutes: 0 });
    off.answered('a/x', request(100_000, 's'), usage);
    expect((await off.refine(['b/y', 'a/x'], request(100_000, 's'))).targets?.[0]).toBe('b/y');
  });

  it('counts for no more than the prompt, and is not counted twice (F31)', async () => {
    const { refine, answered } = await prices({ 'a/x': DEAR, 'b/y': { input: 2, output: 15 } });
    answered('a/x', request(100_000, 's'), { ...usage, cacheReadTokens: 100_000, cacheWriteTokens: 0 });
    // 10000 × 0.3 + 1000 × 15, in millionths.
    expect((await refine(['b/y', 'a/x'], request(10_000, 's'))).reason).toContain(
      'a/x is the cheapest of 2 at about $0.018',
    );
  });

  it('is of no use where its price is not known', async () => {
    const { refine, answered } = await prices({ 'a/x': { input: 2, output: 15 }, 'b/y': { input: 1, output: 15 } });
    answered('a/x', request(100_000, 's'), usage);
    expect((await refine(['a/x', 'b/y'], request(100_000, 's'))).targets?.[0]).toBe('b/y');
  });

  it.each<[string, Parameters<Awaited<ReturnType<typeof prices>>['answered']>[3], typeof usage | undefined]>([
    ['failed', { outcome: 'failed' }, usage],
    ['was cut', { outcome: 'cut' }, usage],
    ['reported nothing', {}, undefined],
  ])('is not known from an answer that %s', async (_, more, reported) => {
    const { refine, answered } = await prices(known);
    answered('a/x', request(100_000, 's'), reported, more);
    expect((await refine(['b/y', 'a/x'], request(100_000, 's'))).targets?.[0]).toBe('b/y');
  });

  it('is remembered across reloads', async () => {
    const { host, answered } = await prices(known);
    answered('a/x', request(100_000, 's'), usage);
    const { refine } = await prices(known, {}, { ...host, hooks: costHost(known).hooks });
    expect((await refine(['b/y', 'a/x'], request(100_000, 's'))).targets).toEqual(['a/x', 'b/y']);
  });
});

describe('what is compared', () => {
  const known = { 'a/x': DEAR, 'b/claude': CHEAP, 'c/x': { input: 1, output: 5 } };

  it('are the targets of the most exact entry, before the plan’s own', async () => {
    const { refine } = await prices(known, { candidates: { 'claude-*': ['c/{model}', 'b/claude'] } });
    expect((await refine(['a/x'])).targets).toEqual(['b/claude', 'c/x', 'a/x']);
    expect((await refine(['a/x'], request(10, undefined, { model: 'other' }))).kept).toBe(true);
  });

  it('is never a target that the client named itself', async () => {
    const { refine } = await prices(known);
    expect((await refine(['a/x', 'c/x'], request(10, undefined, { model: 'a/x' }))).kept).toBe(true);
  });

  it('is nothing for a count, or a single target', async () => {
    const { refine } = await prices(known);
    expect((await refine(['a/x', 'c/x'], request(10, undefined, { operation: 'count-tokens' }))).kept).toBe(true);
    expect((await refine(['a/x'])).kept).toBe(true);
  });

  it('names a target whose provider does not exist', async () => {
    await expect(prices({}, { candidates: { 'a/*': ['gone/x'] } })).rejects.toThrow('no provider is called "gone"');
  });
});

describe('what it costs', () => {
  const crossing = { 'a/x': { input: 1, output: 9 }, 'b/y': { input: 2, output: 3 } };
  const counted = (session?: string) => {
    let estimates = 0;
    const plain = request(10_000, session);
    const estimatePromptTokens = () => {
      estimates++;
      return 10_000;
    };
    return { exchange: { ...plain, estimatePromptTokens }, estimates: () => estimates };
  };

  it('the prompt is estimated only where the prices cross', async () => {
    const clear = counted();
    await (await prices({ 'a/x': DEAR, 'b/y': CHEAP })).refine(['a/x', 'b/y'], clear.exchange);
    expect(clear.estimates()).toBe(0);
    const cross = counted();
    await (await prices(crossing)).refine(['a/x', 'b/y'], cross.exchange);
    expect(cross.estimates()).toBe(1);
  });

  it('and not once the session has reported how long its prompts are', async () => {
    const { refine, answered } = await prices(crossing);
    answered('a/x', request(10_000, 's'), { promptTokens: 4_000, completionTokens: 1 });
    const { exchange, estimates } = counted('s');
    // At 4000 tokens of prompt b/y is cheaper, at the estimated 10000 a/x would be.
    expect((await refine(['a/x', 'b/y'], exchange)).targets).toEqual(['b/y', 'a/x']);
    expect(estimates()).toBe(0);
  });

  it('a request that cannot be decoded is measured by its bytes, but no fault of the decoder is hidden', async () => {
    const { refine } = await prices(crossing);
    const failing = (error: Error) =>
      fakeExchange({
        rawBody: Buffer.alloc(40_000),
        estimatePromptTokens: () => {
          throw error;
        },
      });
    expect((await refine(['b/y', 'a/x'], failing(errors.unsupported('audio')))).targets).toEqual(['a/x', 'b/y']);
    await expect(refine(['b/y', 'a/x'], failing(new RangeError('a bug')))).rejects.toThrow('a bug');
  });
});

it('orders by cost whatever the prices, keeps every target, and is the same each time', async () => {
  const price = fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined });
  const list = fc.record({ input: price, output: price });
  await fc.assert(
    fc.asyncProperty(
      fc.array(list, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 50_000 }),
      async (lists, tokens) => {
        const names = lists.map((_, index) => `a/${index}`);
        const known = Object.fromEntries(lists.map((one, index) => [`a/${index}`, one as ModelPrices]));
        const { refine } = await prices(known);
        const { targets = [] } = await refine(names, request(tokens));
        expect([...targets].sort()).toEqual(names);
        expect((await refine(names, request(tokens))).targets).toEqual(targets);
        const costs = targets.map((name) => {
          const { input, output } = known[name] ?? {};
          return input === undefined || output === undefined ? Infinity : input * tokens + output * 1_000;
        });
        if (costs.some(Number.isFinite)) expect(costs).toEqual(costs.toSorted((a, b) => a - b));
        else expect(targets).toEqual(names);
      },
    ),
  );
});
