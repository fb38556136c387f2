import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type AttemptRecord, errors, formatTarget } from '@signalbox/kit';
import fc from 'fast-check';
import { clocks, latencyHost, streaming } from '../test/support.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

const whole = () => streaming({ stream: false });

it('chooses its candidates itself where nobody else does, the fastest first', async () => {
  const { host, answers } = await clocks({ candidates: { 'claude-*': ['a/{model}', 'b/v/{model}'] } });
  const planFor = (model: string) => host.hooks.route.promise(undefined, streaming({ model }));
  expect((await planFor('claude-x'))?.targets.map(formatTarget)).toEqual(['a/claude-x', 'b/v/claude-x']);
  answers('a/claude-x', 300, 300, 300);
  answers('b/v/claude-x', 100, 100, 100);
  const plan = await planFor('claude-x');
  expect(plan?.targets.map(formatTarget)).toEqual(['b/v/claude-x', 'a/claude-x']);
  expect(plan?.reason).toMatch(/^"claude-x" fits "claude-\*" in candidates; b\/v\/claude-x is the fastest of 2/);
  expect(await planFor('gpt')).toBeUndefined();
});

describe('the fastest target', () => {
  it('goes first, the others stay behind it by their times, and nothing else changes', async () => {
    const { answers, refine } = await clocks();
    answers('a/x', 300, 300, 300);
    answers('b/y', 100, 900, 100);
    answers('c/z', 200, 200, 200);
    const policy = { retry: { maxRetries: 3 }, moveOn: ['RATE_LIMITED'] };
    const { after, targets } = await refine(['a/x', 'b/y', 'c/z'], streaming(), policy);
    expect(targets).toEqual(['b/y', 'c/z', 'a/x']);
    expect(after).toMatchObject(policy);
    expect(after?.reason).toBe('the router says so; b/y is the fastest of 3 (p50 100 ms to the first content)');
  });

  it('may be another one for those who wait longest', async () => {
    const { answers, refine } = await clocks({ percentile: 'p95' });
    answers('a/x', 300, 300, 300);
    answers('b/y', 100, 900, 100);
    expect(await refine(['b/y', 'a/x'])).toMatchObject({
      targets: ['a/x', 'b/y'],
      reason: expect.stringContaining('p95 300 ms'),
    });
  });

  it.each([
    [1.1, 110, ['a/x', 'b/y']],
    [1.1, 111, ['b/y', 'a/x']],
  ])('must be faster by more than the tolerance: %d', async (_, ms, expected) => {
    const { answers, refine } = await clocks({ tolerance: 0.1 });
    answers('a/x', ms, ms, ms);
    answers('b/y', 100, 100, 100);
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(expected);
  });

  it('is one for streams and another for whole answers', async () => {
    const { answers, ended, refine } = await clocks();
    answers('a/x', 100, 100, 100);
    answers('b/y', 200, 200, 200);
    for (const [target, ms] of [
      ['a/x', 9_000],
      ['b/y', 5_000],
    ] as const) {
      for (let times = 0; times < 3; times++) ended(target, { committedMs: ms, endedMs: ms }, whole());
    }
    expect((await refine(['b/y', 'a/x'])).targets).toEqual(['a/x', 'b/y']);
    expect((await refine(['a/x', 'b/y'], whole())).targets).toEqual(['b/y', 'a/x']);
  });

  it('is found among the keys of a provider, too', async () => {
    const { host, ended } = await clocks();
    const key = (name: string) => ({ provider: 'a', model: 'x', key: name });
    for (let times = 0; times < 3; times++) {
      ended('a/x', { target: key('1'), committedMs: 300 });
      ended('a/x', { target: key('2'), committedMs: 100 });
    }
    const after = await host.hooks.route.promise({ targets: [key('1'), key('2')], reason: 'r' }, streaming());
    expect(after?.targets).toEqual([key('2'), key('1')]);
  });
});

describe('with a length of answers', () => {
  const spoken = (
    firstMs: number,
    tokensPerSecond: number,
    more: Partial<AttemptRecord> = {},
  ): Partial<AttemptRecord> => ({
    committedMs: firstMs,
    endedMs: firstMs + 1_000,
    usage: { completionTokens: tokensPerSecond },
    ...more,
  });

  it('the speed counts', async () => {
    const { ended, refine } = await clocks({ outputTokens: 500 });
    for (let times = 0; times < 3; times++) {
      ended('a/x', spoken(100, 50));
      ended('b/y', spoken(600, 100));
    }
    expect(await refine(['a/x', 'b/y'])).toMatchObject({
      targets: ['b/y', 'a/x'],
      reason: expect.stringContaining('b/y is the fastest of 2 (p50 5600 ms for 500 tokens)'),
    });
  });

  it.each<[string, Partial<AttemptRecord>]>([
    ['nothing was reported', { usage: {} }],
    ['there were too few tokens', { usage: { completionTokens: 19 } }],
    ['it came in one piece', { committedMs: 600, endedMs: 650 }],
    ['it was cut', { outcome: 'cut' }],
  ])('only the first content counts where of one %s', async (_, more) => {
    const { ended, refine } = await clocks({ outputTokens: 500 });
    for (let times = 0; times < 3; times++) {
      ended('a/x', spoken(100, 50));
      ended('b/y', spoken(600, 100, more));
    }
    expect(await refine(['b/y', 'a/x'])).toMatchObject({
      targets: ['a/x', 'b/y'],
      reason: expect.stringContaining('p50 100 ms to the first content'),
    });
  });
});

describe('what counts', () => {
  const timeout = errors.timeout('FIRST_EVENT', 'silent').info();
  it.each<[string, Partial<AttemptRecord>, boolean]>([
    ['a refusal that came at once', { outcome: 'failed', endedMs: 5, error: errors.rateLimited('no').info() }, false],
    ['a silence until a timer ran out', { outcome: 'failed', endedMs: 5, error: timeout }, true],
    ['a silence until the client left, which was soon', { outcome: 'aborted', endedMs: 5 }, false],
    ['a client that left after the first content', { outcome: 'aborted', committedMs: 5, endedMs: 9_000 }, true],
    ['a stream that broke off', { outcome: 'cut', committedMs: 5, endedMs: 9_000 }, true],
  ])('%s', async (_, record, counts) => {
    const { ended, answers, refine } = await clocks();
    answers('a/x', 100, 100, 100);
    for (let times = 0; times < 3; times++) ended('b/y', record);
    const { targets, reason } = await refine(['a/x', 'b/y']);
    expect(targets).toEqual(counts ? ['b/y', 'a/x'] : ['a/x', 'b/y']);
    if (counts) expect(reason).toContain('p50 5 ms');
  });

  it('a silence that outlasted the client’s patience makes a target slower, a short one never faster', async () => {
    const { ended, answers, refine } = await clocks();
    answers('a/x', 100, 100, 100);
    answers('b/y', 120, 120, 120);
    for (let times = 0; times < 5; times++) ended('b/y', { outcome: 'aborted', endedMs: 60 });
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(['a/x', 'b/y']);
    for (let times = 0; times < 5; times++) ended('a/x', { outcome: 'aborted', endedMs: 9_000 });
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(['b/y', 'a/x']);
  });

  it('is never a count of tokens', async () => {
    const { ended, refine } = await clocks({ minSamples: 1 });
    ended('a/x', { committedMs: 5 }, streaming({ operation: 'count-tokens' }));
    expect((await refine(['b/y', 'a/x'])).kept).toBe(true);
  });

  it('is forgotten after a while', async () => {
    const { answers, refine } = await clocks({ windowMinutes: 15 });
    answers('a/x', 300, 300, 300);
    answers('b/y', 100, 100, 100);
    jest.advanceTimersByTime(15 * 60_000);
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(['b/y', 'a/x']);
    jest.advanceTimersByTime(1);
    expect((await refine(['a/x', 'b/y'])).kept).toBe(true);
  });

  it('is remembered across reloads', async () => {
    const { host, answers } = await clocks();
    answers('a/x', 300, 300, 300);
    answers('b/y', 100, 100, 100);
    const { refine } = await clocks({}, { ...host, hooks: latencyHost().hooks });
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(['b/y', 'a/x']);
  });
});

describe('targets of which too little is known', () => {
  it('come behind the others, and the plan stays where they are all', async () => {
    const { answers, refine } = await clocks();
    answers('a/x', 1, 1);
    expect((await refine(['a/x', 'b/y'])).kept).toBe(true);
    answers('b/y', 500, 500, 500);
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(['b/y', 'a/x']);
    answers('a/x', 1);
    expect((await refine(['a/x', 'b/y'])).targets).toEqual(['a/x', 'b/y']);
  });

  it('are tried by a share of the requests, the least known first, and each request always the same way', async () => {
    const { answers, refine } = await clocks({ explore: 0.2 });
    answers('a/x', 100, 100, 100);
    answers('b/y', 100);
    let tried = 0;
    for (let index = 0; index < 1_000; index++) {
      const exchange = streaming({ id: `ex-${index}` });
      const { targets, reason } = await refine(['a/x', 'b/y', 'c/z'], exchange);
      expect((await refine(['a/x', 'b/y', 'c/z'], exchange)).targets).toEqual(targets);
      if (targets?.[0] !== 'c/z') continue;
      tried++;
      expect(targets).toEqual(['c/z', 'a/x', 'b/y']);
      expect(reason).toBe('the router says so; c/z is tried, as too little is known of its speed');
    }
    expect(tried).toBeGreaterThan(150);
    expect(tried).toBeLessThan(250);
  });
});

describe('what is compared', () => {
  it('are the targets of the most exact entry, before the plan’s own', async () => {
    const { answers, refine } = await clocks({ candidates: { 'claude-*': ['b/{model}', 'c/z'] } });
    answers('b/x', 300, 300, 300);
    answers('c/z', 100, 100, 100);
    expect((await refine(['a/x'], streaming({ model: 'claude-x' }))).targets).toEqual(['c/z', 'b/x', 'a/x']);
    expect((await refine(['a/x', 'c/z'], streaming({ model: 'other' }))).kept).toBe(true);
  });

  it('is nothing where there is one target, or the client named it', async () => {
    const { answers, refine } = await clocks();
    answers('a/x', 100, 100, 100);
    answers('b/y', 10, 10, 10);
    expect((await refine(['a/x'])).kept).toBe(true);
    expect((await refine(['a/x', 'b/y'], streaming({ model: 'a/x' }))).kept).toBe(true);
  });

  it('names a target whose provider does not exist', async () => {
    await expect(clocks({ candidates: { 'a/*': ['gone/x'] } })).rejects.toThrow('no provider is called "gone"');
  });
});

it('keeps every target of a plan, whatever was measured', async () => {
  const target = fc.constantFrom('a/1', 'a/2', 'b/1', 'c/1');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(target, { minLength: 1 }),
      fc.array(fc.tuple(target, fc.nat(500)), { maxLength: 30 }),
      fc.string(),
      async (plan, measured, id) => {
        const { answers, refine } = await clocks({ explore: 0.5 });
        for (const [name, ms] of measured) answers(name, ms);
        const { targets = [] } = await refine(plan, streaming({ id }));
        expect([...targets].sort()).toEqual([...plan].sort());
      },
    ),
  );
});
