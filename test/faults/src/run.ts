import type { Cell, Wall } from './wall.ts';

/** Cells that run at the same time: most of them wait. */
const AT_ONCE = 24;

/** Runs cells, and draws one row a fault: a mark for a cell, a cross for one that fails, and below what is wrong with it. */
export async function runCells(wall: Wall, cells: readonly Cell[]): Promise<{ table: string; failed: number }> {
  const results = new Map<Cell, readonly string[]>();
  const queue = [...cells];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
        results.set(cell, await wall.run(cell));
      }
    }),
  );
  const columns = [...new Set(cells.map(columnOf))];
  const rows = [...new Set(cells.map(({ fault }) => fault.name))];
  const width = Math.max(...rows.map((row) => row.length));
  const problems: string[] = [];
  const lines = rows.map((row) => {
    const marks = columns.map((column) => {
      const modes = cells.filter((cell) => cell.fault.name === row && columnOf(cell) === column);
      return modes
        .map((cell) => {
          const wrong = results.get(cell) ?? ['did not run'];
          if (wrong.length > 0) problems.push(`${nameOf(cell)}: ${wrong.join('; ')}`);
          return wrong.length === 0 ? '✓' : '✗';
        })
        .join('');
    });
    return `${row.padEnd(width)}  ${marks.map((mark, index) => mark.padEnd(columns[index]?.length ?? 0)).join('  ')}`;
  });
  const legend = 'Four marks a cell: whole, whole with a fallback, stream, stream with a fallback.';
  const head = `${''.padEnd(width)}  ${columns.join('  ')}`;
  return {
    table: [legend, '', head, ...lines, ...(problems.length > 0 ? ['', ...problems] : [])].join('\n'),
    failed: problems.length,
  };
}

function columnOf({ client, provider }: Cell): string {
  return `${client.id}→${provider.id}`;
}

function nameOf(cell: Cell): string {
  const mode = cell.stream ? 'stream' : 'whole';
  return `${cell.fault.name}, ${columnOf(cell)}, ${mode}${cell.fallback ? ', with a fallback' : ''}`;
}
