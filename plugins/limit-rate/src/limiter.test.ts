import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { type Grant, Limiter, type Limits, OverLimit } from './limiter.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const none = () => [];

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** A request that notes when it was let in, and in which order. */
function line(limiter: Limiter, limits: Limits) {
  const admitted: string[] = [];
  const grants = new Map<string, Grant>();
  const refused = new Map<string, unknown>();
  return {
    admitted,
    grants,
    refused,
    ask: async (name: string, tokens = 0, signals: () => readonly AbortSignal[] = none) => {
      try {
        const grant = await limiter.acquire(tokens, limits, signals);
        admitted.push(name);
        grants.set(name, grant);
      } catch (error) {
        refused.set(name, error);
      }
    },
  };
}

const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('without a queue', () => {
  it('F40 takes in the same step in which it looks: no two pass together', () => {
    const limiter = new Limiter();
    const limits = { tokensPerMinute: 1_000 };
    const grant = limiter.acquire(600, limits, none) as Grant;
    expect(thrownBy(() => limiter.acquire(600, limits, none))).toBeInstanceOf(OverLimit);
    // What was not used is free again at once.
    grant.end(100);
    limiter.acquire(600, limits, none);
    expect(limiter.state()).toMatchObject({ tokens: 700, running: 1 });
  });

  it('settles with what was used, more or less', () => {
    const limiter = new Limiter();
    (limiter.acquire(100, {}, none) as Grant).end(250);
    expect(limiter.state()).toEqual({ running: 0, waiting: 0, requests: 1, tokens: 250 });
    (limiter.acquire(100, {}, none) as Grant).undo();
    expect(limiter.state()).toEqual({ running: 0, waiting: 0, requests: 1, tokens: 250 });
    jest.advanceTimersByTime(60_000);
    expect(limiter.idle).toBe(true);
  });

  it.each<[Limits, number, string, number]>([
    [{ requestsPerMinute: 2 }, 0, '2 requests per minute', 60_000],
    [{ tokensPerMinute: 20 }, 10, '20 tokens per minute', 60_000],
    [{ concurrent: 2 }, 0, '2 requests at once', 0],
    [{ concurrent: 9, requestsPerMinute: 2, tokensPerMinute: 1_000 }, 10, '2 requests per minute', 60_000],
    [{ requestsPerMinute: 9, tokensPerMinute: 20 }, 10, '20 tokens per minute', 60_000],
  ])('%j: names the limit, and when to come again', (limits, tokens, limit, waitMs) => {
    const limiter = new Limiter();
    limiter.acquire(tokens, limits, none);
    limiter.acquire(tokens, limits, none);
    expect(thrownBy(() => limiter.acquire(tokens, limits, none))).toEqual(new OverLimit(limit, waitMs));
  });

  it('says where no wait can help', () => {
    const thrown = thrownBy(() => new Limiter().acquire(21, { tokensPerMinute: 20, queue: {} }, none));
    expect(thrown).toEqual(new OverLimit('20 tokens per minute', undefined));
  });
});

describe('the queue', () => {
  it('is first come, first served, whatever it is that they wait for', async () => {
    const limiter = new Limiter();
    const { ask, admitted, grants } = line(limiter, {
      concurrent: 1,
      tokensPerMinute: 100,
      queue: { maxWaitMs: 120_000 },
    });
    for (const [name, tokens] of [
      ['a', 10],
      ['b', 80],
      ['c', 1],
    ] as const)
      void ask(name, tokens);
    await advance(0);
    expect(admitted).toEqual(['a']);
    grants.get('a')?.end(60);
    await advance(0);
    // There would be room for c, but b was first.
    expect(admitted).toEqual(['a']);
    await advance(60_000);
    expect(admitted).toEqual(['a', 'b']);
    grants.get('b')?.end(80);
    await advance(0);
    expect(admitted).toEqual(['a', 'b', 'c']);
  });

  it('lets nobody pass who asks for little, until whoever is ahead has left', async () => {
    const limiter = new Limiter();
    const { ask, admitted } = line(limiter, { tokensPerMinute: 100, queue: { maxWaitMs: 120_000 } });
    const client = new AbortController();
    void ask('a', 60);
    void ask('b', 80, () => [client.signal]);
    void ask('c', 10);
    await advance(1_000);
    expect(admitted).toEqual(['a']);
    client.abort();
    await advance(0);
    expect(admitted).toEqual(['a', 'c']);
  });

  it('admits at its deadline whom there is room for since that very moment', async () => {
    const limiter = new Limiter();
    const { ask, admitted } = line(limiter, { requestsPerMinute: 1, queue: { maxWaitMs: 60_000 } });
    void ask('a');
    void ask('b');
    await advance(60_000);
    expect(admitted).toEqual(['a', 'b']);
  });

  it('lets one in after the other as the minute goes on', async () => {
    const limiter = new Limiter();
    const { ask, admitted } = line(limiter, { requestsPerMinute: 2, queue: { maxWaitMs: 200_000 } });
    void ask('a');
    await advance(10_000);
    for (const name of ['b', 'c', 'd', 'e']) void ask(name);
    await advance(0);
    expect(admitted).toEqual(['a', 'b']);
    await advance(49_999);
    expect(admitted).toEqual(['a', 'b']);
    await advance(1);
    expect(admitted).toEqual(['a', 'b', 'c']);
    await advance(10_000);
    expect(admitted).toEqual(['a', 'b', 'c', 'd']);
    await advance(50_000);
    expect(admitted).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends at its deadline, and lets those behind go on', async () => {
    const limiter = new Limiter();
    const patient = line(limiter, { concurrent: 1, queue: { maxWaitMs: 5_000 } });
    const hasty = line(limiter, { concurrent: 1, queue: { maxWaitMs: 1_000 } });
    void patient.ask('a');
    void hasty.ask('b');
    void patient.ask('c');
    await advance(1_000);
    expect(hasty.refused.get('b')).toBeInstanceOf(OverLimit);
    patient.grants.get('a')?.end(0);
    await advance(0);
    expect(patient.admitted).toEqual(['a', 'c']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('refuses at once whom it could not serve in time, counting those who wait already', async () => {
    const limiter = new Limiter();
    const { ask, refused, admitted } = line(limiter, { requestsPerMinute: 1, queue: { maxWaitMs: 70_000 } });
    void ask('a');
    void ask('b');
    void ask('c');
    await advance(0);
    expect([...refused]).toEqual([['c', new OverLimit('1 requests per minute', 120_000)]]);
    await advance(60_000);
    expect(admitted).toEqual(['a', 'b']);
  });

  it('is not longer than it may be', async () => {
    const limiter = new Limiter();
    const { ask, refused } = line(limiter, { concurrent: 1, queue: { maxQueued: 2 } });
    for (const name of ['a', 'b', 'c', 'd']) void ask(name);
    await advance(0);
    expect([...refused.keys()]).toEqual(['d']);
  });

  it('F37 gives the place of a client that leaves to the next one at once', async () => {
    const limiter = new Limiter();
    const { ask, admitted, refused, grants } = line(limiter, { concurrent: 1, queue: {} });
    const client = new AbortController();
    void ask('a');
    void ask('b', 0, () => [client.signal]);
    void ask('c');
    await advance(0);
    client.abort('gone');
    await advance(0);
    expect([...refused]).toEqual([['b', 'gone']]);
    grants.get('a')?.end(0);
    await advance(0);
    expect(admitted).toEqual(['a', 'c']);
    expect(limiter.state()).toMatchObject({ running: 1, waiting: 0, requests: 2 });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('lets nobody in who has left before', async () => {
    const limiter = new Limiter();
    const { ask, refused } = line(limiter, { concurrent: 1, queue: {} });
    void ask('a');
    void ask('b', 0, () => [AbortSignal.abort('gone')]);
    await advance(0);
    expect([refused.get('b'), limiter.waiting]).toEqual(['gone', 0]);
  });

  it('never has more at once or within a minute than its limits, serves in order, and forgets nobody', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 30_000 }),
      tokens: fc.integer({ min: 0, max: 50 }),
      used: fc.integer({ min: 0, max: 50 }),
      lastsMs: fc.integer({ min: 0, max: 90_000 }),
      leavesAfterMs: fc.option(fc.integer({ min: 0, max: 90_000 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const limiter = new Limiter();
        const limits = { concurrent: 3, requestsPerMinute: 5, tokensPerMinute: 100, queue: { maxWaitMs: 100_000 } };
        const order: number[] = [];
        let settled = 0;
        const check = () => {
          const { running, requests } = limiter.state();
          expect(running).toBeLessThanOrEqual(3);
          expect(requests).toBeLessThanOrEqual(5);
        };
        for (const [index, { waitMs, tokens, used, lastsMs, leavesAfterMs }] of steps.entries()) {
          await advance(waitMs);
          const client = new AbortController();
          if (leavesAfterMs !== null) setTimeout(() => client.abort(new Error('left')), leavesAfterMs);
          void (async () => limiter.acquire(tokens, limits, () => [client.signal]))().then(
            (grant) => {
              order.push(index);
              check();
              setTimeout(() => {
                grant.end(used);
                settled++;
              }, lastsMs);
            },
            () => settled++,
          );
        }
        await advance(400_000);
        expect(order).toEqual([...order].sort((a, b) => a - b));
        expect(settled).toBe(steps.length);
        expect(limiter.idle).toBe(true);
        expect(jest.getTimerCount()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
