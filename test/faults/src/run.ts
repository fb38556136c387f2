import type { Cell } from './cells.ts';
import type { Wall } from './wall.ts';

/** Cells that run at the same time: those that only wait, beside so many others that no timer ends for want of a processor. */
const WAITING = 64;
const WORKING = 12;

/** What is wrong with each cell; empty where nothing is. */
export type Results = ReadonlyMap<Cell, readonly string[]>;

export async function runCells(wall: Wall, cells: readonly Cell[]): Promise<Results> {
  const results = new Map<Cell, readonly string[]>(cells.map((cell) => [cell, ['did not run']]));
  const work = async (queue: Iterator<Cell> & Iterable<Cell>, atOnce: number): Promise<void> => {
    const worker = async (): Promise<void> => {
      for (const cell of queue) results.set(cell, await wall.run(cell));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  const waits = ({ fault }: Cell): boolean => fault.waits === true;
  const working = cells.filter((cell) => !waits(cell));
  // No clock runs while all the code is read for the first time.
  await work(working.slice(0, WORKING).values(), WORKING);
  await Promise.all([work(cells.filter(waits).values(), WAITING), work(working.slice(WORKING).values(), WORKING)]);
  return results;
}

/** A line for each problem. */
export function problemsOf(results: Results): readonly string[] {
  return [...results].flatMap(([cell, wrong]) => (wrong.length === 0 ? [] : [`${nameOf(cell)}: ${wrong.join('; ')}`]));
}

/** One row a fault: a mark for a cell, a cross for one that fails, nothing where the format cannot have it. */
export function tableOf(results: Results): string {
  const rows = Map.groupBy(results.keys(), ({ fault }) => fault.name);
  const columns = [...new Set([...results.keys()].map(columnOf))];
  const width = Math.max(...[...rows.keys()].map((row) => row.length));
  const lines = [...rows].map(([name, cells]) => {
    const marks = columns.map((column) =>
      cells
        .filter((cell) => columnOf(cell) === column)
        .map((cell) => (results.get(cell)?.length === 0 ? '✓' : '✗'))
        .join('')
        .padEnd(column.length),
    );
    return `${name.padEnd(width)}  ${marks.join('  ')}`.trimEnd();
  });
  const letters = [...SHORT].map(([id, short]) => `${short} ${id}`).join(', ');
  const legend = `Client → provider: ${letters}.\nFour marks a cell: whole, whole with a fallback, stream, stream with a fallback.`;
  return [legend, '', `${''.padEnd(width)}  ${columns.join('  ')}`, ...lines].join('\n');
}

/** So that 25 columns fit. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['anthropic-messages', 'An'],
  ['openai-chat', 'Ch'],
  ['openai-responses', 'Re'],
  ['gemini', 'Ge'],
  ['ollama', 'Ol'],
]);

function columnOf({ client, provider }: Cell): string {
  return `${SHORT.get(client.id) ?? client.id}→${SHORT.get(provider.id) ?? provider.id}`;
}

function nameOf({ fault, client, provider, stream, fallback }: Cell): string {
  return `${fault.name}, ${client.id}→${provider.id}, ${stream ? 'stream' : 'whole'}${fallback ? ', with a fallback' : ''}`;
}
