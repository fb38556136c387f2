import { writeFileSync } from 'node:fs';
import { startBench } from './bench.ts';
import { cellsOf } from './cells.ts';
import { inOrder, pageOf, scenarios } from './page.ts';
import { problemsOf, runCells } from './run.ts';

// `npm run matrix`: runs all cells, prints the matrix, and writes docs/matrix.md.
const bench = await startBench();
try {
  const verdicts = inOrder(await runCells(bench, cellsOf(scenarios)));
  const page = pageOf(verdicts);
  const problems = problemsOf(verdicts);
  process.stdout.write([page, ...problems, ''].join('\n'));
  writeFileSync(new URL('../../../docs/matrix.md', import.meta.url), page);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await bench.close();
}
