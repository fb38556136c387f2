import { runCells } from './run.ts';
import { cells, startWall } from './wall.ts';

// `npm run faults [text]`: the wall as a table, of the faults whose names hold the text.
const filter = process.argv[2] ?? '';
const wall = await startWall();
try {
  const chosen = cells().filter(({ fault }) => fault.name.includes(filter));
  const { table, failed } = await runCells(wall, chosen);
  process.stdout.write(`${table}\n\n${chosen.length} cells, ${failed} failed\n`);
  process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
} finally {
  await wall.close();
}
