import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cells } from './cells.ts';
import { clients } from './clients.ts';
import { type Expected, turnOf } from './fault.ts';
import { faults } from './faults.ts';
import { providers } from './providers.ts';
import { problemsOf, type Results, runCells } from './run.ts';
import { startWall, type Wall } from './wall.ts';

let wall: Wall;
let results: Results;
// All faults at once: nearly all of the time is waiting.
beforeAll(async () => {
  wall = await startWall();
  results = await runCells(wall, cells());
}, 150_000);
afterAll(() => wall.close());

describe('the wall of faults', () => {
  it.each(faults.map(({ name }) => name))('%s', (name) => {
    const rows = [...results].filter(([{ fault }]) => fault.name === name);
    const modes = 4;
    const pairs = clients.length * (rows[0]?.[0].fault.only === undefined ? providers.length : 1);
    expect(rows).toHaveLength(pairs * modes);
    expect(problemsOf(new Map(rows))).toEqual([]);
  });

  it.each(clients)('$id shows every word of an answer once, whole and streamed', ({ id, visible }) => {
    const words = ['alpha0', 'alpha1', 'alpha2', 'alpha3', 'alpha4', 'alpha5'];
    const { body, frames } = providers.find((kind) => kind.id === id)?.answer(turnOf('alpha')) ?? {};
    for (const raw of [JSON.stringify(body), frames?.join('') ?? '']) {
      expect(visible(raw).match(/alpha\d/g)).toEqual(words);
    }
  });

  it.each(providers)('sees what is wrong where $id answers', async (provider) => {
    const cell = cells().find((one) => one.provider === provider && one.client.id === provider.id);
    if (cell === undefined) throw new Error('there are no cells');
    const { respond } = cell.fault;
    const problems = (expected: Expected) => wall.run({ ...cell, fault: { name: 'wrong', respond, expected } });
    expect(await problems({ outcome: 'answer', calls: 1 })).toEqual([]);
    expect(await problems({ outcome: 'answer', calls: 2 })).toEqual(['1 calls instead of 2']);
    expect(await problems({ outcome: 'answer', calls: 1, words: 5 })).toEqual(['6 words of 5']);
    expect(await problems({ outcome: 'answer', calls: 1, usage: 'none' })).toEqual(['usage that nobody reported']);
    expect(await problems({ outcome: 'error', calls: 1 })).toEqual(
      expect.arrayContaining(['a mark of success on a failure', 'no error on record', 'status 200 for a failure']),
    );
  });
});
