import { cells } from './cells.ts';
import { problemsOf, runCells, tableOf } from './run.ts';
import { startWall } from './wall.ts';

// `npm run faults [text]`: the wall as a table, of the faults whose names hold the text.
const filter = process.argv[2] ?? '';
const wall = await startWall();
try {
  const results = await runCells(
    wall,
    cells().filter(({ fault }) => fault.name.includes(filter)),
  );
  const problems = problemsOf(results);
  const count = `${results.size} cells, ${problems.length} failed`;
  process.stdout.write(`${[tableOf(results), ...problems, '', count].join('\n')}\n`);
  process.exitCode = problems.length === 0 && results.size > 0 ? 0 : 1;
} finally {
  await wall.close();
}
