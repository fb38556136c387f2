import type { Bench } from './bench.ts';
import { type Cell, judge, type Verdict } from './cells.ts';

/** Cells that run at the same time: most of them wait. */
const AT_ONCE = 16;

export async function runCells(bench: Bench, cells: readonly Cell[]): Promise<ReadonlyMap<Cell, Verdict>> {
  const verdicts = new Map<Cell, Verdict>();
  const queue = [...cells];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
        verdicts.set(cell, await judge(bench, cell));
      }
    }),
  );
  return verdicts;
}

/** What is wrong, cell by cell. */
export function problemsOf(verdicts: ReadonlyMap<Cell, Verdict>): readonly string[] {
  return [...verdicts].flatMap(([{ scenario, client, provider, stream }, { problems }]) =>
    problems.map(
      (problem) => `${scenario.name}, ${client.id} → ${provider.id}, ${stream ? 'stream' : 'whole'}: ${problem}`,
    ),
  );
}
