import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bench, startBench } from './bench.ts';
import { type Cell, cellsOf, judge, type Verdict } from './cells.ts';
import { clients } from './clients/index.ts';
import type { Exception } from './exceptions.ts';
import { inOrder, pageOf, scenarios } from './page.ts';
import { providers } from './providers/index.ts';
import { problemsOf, runCells } from './run.ts';
import type { Scenario } from './scenario.ts';
import { groups } from './scenarios/index.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

describe('the matrix', () => {
  const done = new Map<Cell, Verdict>();

  it.each(Object.keys(groups))('serves every cell of its scenarios: %s', async (group) => {
    const verdicts = await runCells(bench, cellsOf(groups[group] ?? []));
    for (const [cell, verdict] of verdicts) done.set(cell, verdict);
    expect(problemsOf(verdicts)).toEqual([]);
  });

  it('stands in docs/matrix.md as it is; `npm run matrix` writes it', async () => {
    const names = new Set([...done.keys()].map(({ scenario }) => scenario.name));
    const missing = await runCells(bench, cellsOf(scenarios.filter(({ name }) => !names.has(name))));
    const page = readFileSync(new URL('../../../docs/matrix.md', import.meta.url), 'utf8');
    expect(page).toBe(pageOf(inOrder(new Map([...done, ...missing]))));
  });
});

describe('a cell', () => {
  const [text] = scenarios;
  const verdictOf = (scenario: Scenario | undefined, list: readonly Exception[] = []): Promise<Verdict> => {
    const [client] = clients;
    const [provider] = providers;
    if (client === undefined || provider === undefined || scenario === undefined) throw new Error('an empty matrix');
    return judge(bench, { scenario, client, provider, stream: true }, list);
  };
  const failing: Scenario = {
    name: 'failing',
    about: '',
    run: async (trial) => trial.check('words', false, 'are missing'),
  };

  it('is wrong where a check fails, or a scenario throws', async () => {
    expect(await verdictOf(text)).toEqual({ mark: '✓', reasons: [], problems: [] });
    expect(await verdictOf(failing)).toMatchObject({ mark: '✗', problems: ['words: are missing'] });
    const throwing: Scenario = { ...failing, run: () => Promise.reject(new Error('no')) };
    expect(await verdictOf(throwing)).toMatchObject({ mark: '✗', problems: [expect.stringMatching(/^run: no/)] });
  });

  it('is wrong where a loss is on the receipt that no exception explains', async () => {
    const note = { path: 'tools[0]', action: 'dropped', reason: 'why not' } as const;
    const lossy: Scenario = { ...failing, run: async ({ notes }) => void notes.push(note) };
    const reason = 'A reason.';
    expect((await verdictOf(lossy)).problems).toEqual(['note: tools[0] dropped: why not']);
    expect(await verdictOf(lossy, [{ scenarios: ['failing'], reason, note: /^tools/ }])).toEqual({
      mark: '~',
      reasons: [reason],
      problems: [],
    });
  });

  it('is wrong where an exception is not needed, or does not leave its note', async () => {
    const allowed = { scenarios: ['text'], reason: 'A reason.' };
    expect((await verdictOf(text, [{ ...allowed, note: /^tools/ }])).mark).toBe('✗');
    expect((await verdictOf(text, [{ ...allowed, waives: ['words'] }])).mark).toBe('✗');
    expect((await verdictOf(failing, [{ ...allowed, scenarios: ['failing'], waives: ['words'] }])).mark).toBe('~');
    expect((await verdictOf(failing, [{ ...allowed, scenarios: ['failing'], unasked: true }])).mark).toBe('–');
  });
});
