import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ModelInfo } from '@signalbox/kit';
import { fakeHost } from '@signalbox/testkit';
import { type FetchedLists, readCache } from './cache-file.ts';
import { Refresh } from './refresh.ts';

const HOUR_MS = 3_600_000;
const ids = (count: number): ModelInfo[] => Array.from({ length: count }, (_, index) => ({ id: `m${index}` }));
const known = (count: number, hoursAgo: number): FetchedLists =>
  new Map([['p', { fetchedAt: new Date(Date.now() - hoursAgo * HOUR_MS), models: ids(count) }]]);

describe('Refresh', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-refresh-'));
    file = join(dir, 'models.json');
  });
  afterEach(() => {
    jest.useRealTimers();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A refresh of providers whose answers are given; `seen` is what it made of them. */
  const refreshOf = (
    answers: Readonly<Record<string, unknown>>,
    { lists = new Map() as FetchedLists, hours = 24, done = (_now: FetchedLists): void => {} } = {},
  ) => {
    const asked: string[] = [];
    const seen: FetchedLists[] = [];
    const host = {
      ...fakeHost(),
      listingProviders: () => Object.keys(answers),
      fetchModels: async (name: string) => {
        asked.push(name);
        const answer = answers[name];
        if (answer instanceof Error) throw answer;
        return answer as readonly ModelInfo[];
      },
    };
    const refresh = new Refresh({
      host,
      file,
      hours,
      lists,
      done: (now) => {
        done(now);
        seen.push(now);
      },
    });
    return { refresh, asked, seen, logged: host.logged };
  };

  it('keeps good lists in memory and in the file', async () => {
    const { refresh, seen, logged } = refreshOf({ p: [{ id: 'a', contextTokens: 5 }], q: ids(3) });
    await refresh.run();
    expect(seen[0]?.get('p')?.models).toEqual([{ id: 'a', contextTokens: 5 }]);
    expect(await readCache(file)).toEqual(seen[0]);
    expect(logged).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['is empty', [], 'the list is empty'],
    ['has a negative price', [{ id: 'a', prices: { input: -1, output: 1 } }], 'models[0].prices.input'],
    ['has a price per token', [{ id: 'a', prices: { input: 3e7 } }], 'models[0].prices.input'],
    ['has a price that is no number', [{ id: 'a', prices: { input: Number.NaN } }], 'models[0].prices.input'],
    ['has a window that is no number', [{ id: 'a', contextTokens: '5' }], 'models[0].contextTokens'],
    ['has less than half of the models', ids(4), 'the list has 4 models where it had 10'],
    ['is no list', { id: 'a' }, 'models: not an array'],
    ['does not come', new Error('no way to the provider'), 'no way to the provider'],
  ])('F41 a list that %s changes nothing but is told once', async (_what, answer, problem) => {
    const lists = known(10, 48);
    const { refresh, seen, logged } = refreshOf({ p: answer, q: [{ id: 'good' }] }, { lists });
    await refresh.run();
    expect(seen.at(-1)?.get('p')).toBe(lists.get('p'));
    expect(seen.at(-1)?.get('q')?.models).toEqual([{ id: 'good' }]);
    expect([...(await readCache(file)).keys()]).toEqual(['q']);
    expect(logged).toEqual([
      { level: 'warn', fields: { problems: { p: expect.stringContaining(problem) } }, message: expect.any(String) },
    ]);
  });

  it('takes half of the models, and any number after a week', async () => {
    for (const [count, hoursAgo] of [
      [5, 48],
      [1, 8 * 24],
    ] as const) {
      const { refresh, seen } = refreshOf({ p: ids(count) }, { lists: known(10, hoursAgo) });
      await refresh.run();
      expect(seen.at(-1)?.get('p')?.models).toHaveLength(count);
    }
  });

  it('asks only for what is too old, unless for all', async () => {
    const { refresh, asked } = refreshOf({ p: ids(10), q: ids(1) }, { lists: known(10, 2) });
    await refresh.run();
    expect(asked).toEqual(['q']);
    await refresh.run({ all: true });
    expect(asked).toEqual(['q', 'p', 'q']);
  });

  it('still takes over a list that it cannot write down, and says so', async () => {
    writeFileSync(join(dir, 'no-folder'), '');
    file = join(dir, 'no-folder/models.json');
    const { refresh, seen, logged } = refreshOf({ p: ids(1) });
    await refresh.run();
    expect(seen.at(-1)?.has('p')).toBe(true);
    expect(logged).toEqual([
      expect.objectContaining({ level: 'warn', fields: { problems: { [file]: expect.any(String) } } }),
    ]);
  });

  it('asks soon after the start and then at its interval, until it is closed', async () => {
    jest.useFakeTimers();
    const { refresh, asked } = refreshOf({ p: new Error('down') }, { hours: 2 });
    refresh.start();
    expect(asked).toEqual([]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(asked).toHaveLength(2);
    refresh.close();
    await jest.advanceTimersByTimeAsync(20 * HOUR_MS);
    expect(asked).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('asks again at every interval although the answer took its time', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const { refresh, asked } = refreshOf({ p: ids(1) }, { hours: 1 });
    refresh.start();
    await jest.advanceTimersByTimeAsync(1_000 + 3 * HOUR_MS);
    expect(asked.length).toBeGreaterThanOrEqual(3);
    refresh.close();
  });

  it('never asks by itself at 0 hours', () => {
    jest.useFakeTimers();
    refreshOf({ p: ids(1) }, { hours: 0 }).refresh.start();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('says nothing of what it no longer wants to know', async () => {
    const { refresh, seen, logged } = refreshOf({ p: new Error('the connection was closed') });
    const run = refresh.run();
    refresh.close();
    await run;
    expect([seen, logged]).toEqual([[], []]);
  });

  it('F41 a catalogue that cannot be read any more changes nothing, and ends nothing', async () => {
    const done = () => {
      throw new Error('no such file');
    };
    const { refresh, logged } = refreshOf({ p: ids(3) }, { done });
    await refresh.run();
    expect(logged).toMatchObject([{ level: 'warn', fields: { problems: { catalogue: 'no such file' } } }]);
    expect((await readCache(file)).size).toBe(0);
  });

  it('a list of the future is renewed, and held against nobody', async () => {
    const { refresh, asked, seen } = refreshOf({ p: ids(1) }, { lists: known(10, -48) });
    await refresh.run();
    expect(asked).toEqual(['p']);
    expect(seen[0]?.get('p')?.models).toHaveLength(1);
  });
});
