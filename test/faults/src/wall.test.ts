import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faults } from './faults.ts';
import { runCells } from './run.ts';
import { cells, startWall, type Wall } from './wall.ts';

let wall: Wall;
beforeAll(async () => {
  wall = await startWall();
});
afterAll(() => wall.close());

describe('the wall of faults', () => {
  it.each(faults.map(({ name }) => name))('%s', async (name) => {
    const { table, failed } = await runCells(
      wall,
      cells().filter(({ fault }) => fault.name === name),
    );
    expect(failed === 0 ? '' : table).toBe('');
  });

  it('sees what is wrong', async () => {
    const [cell] = cells();
    if (cell === undefined) throw new Error('there are no cells');
    const { respond } = cell.fault;
    const problems = (expected: (typeof cell.fault)['expected']) =>
      wall.run({ ...cell, fault: { name: 'wrong', respond, expected } });
    expect(await problems({ outcome: 'answer', calls: 1 })).toEqual([]);
    expect(await problems({ outcome: 'answer', calls: 2 })).toEqual(['1 calls instead of 2']);
    expect(await problems({ outcome: 'answer', calls: 1, usage: 'none' })).toEqual(['usage that nobody reported']);
    expect(await problems({ outcome: 'error', calls: 1 })).toEqual(
      expect.arrayContaining(['a mark of success on a failure', 'no error on record', 'status 200 for a failure']),
    );
  });
});
