import { type Cell, cellsOf, type Verdict } from './cells.ts';
import { clients } from './clients/index.ts';
import { asides } from './exceptions.ts';
import { providers } from './providers/index.ts';
import { groups } from './scenarios/index.ts';
import type { ClientKind } from './wire.ts';

/** All rows of the matrix. */
export const scenarios = Object.values(groups).flat();

const INTRO = `# The matrix of formats

Every client format against every provider format, in every scenario, whole and streamed. Both ends are read by hand,
without the gateway's own codecs: what the client said must be in the provider's request, and what the provider said in
the client's answer. \`npm run matrix\` writes this page, and a test compares it.

The two marks of a cell are the whole answer and the stream:
`;

const LEGEND = [
  ['Mark', 'Meaning'],
  ['✓', 'served in full, and there is no loss on the receipt'],
  ['~', 'served but for what a format cannot say, by the number; what the gateway had to leave out is on the receipt'],
  ['–', 'cannot be asked, by the number'],
  ['✗', 'wrong'],
];

/** The whole page; the same for the same verdicts, without times. */
export function pageOf(verdicts: ReadonlyMap<Cell, Verdict>): string {
  const reasons = new Map<string, number>();
  const tables = clients.map((client) => tableOf(client, verdicts, reasons));
  const counts = new Map<string, number>();
  for (const { mark } of verdicts.values()) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  const sum = ['✓', '~', '–', '✗'].map((mark) => `${counts.get(mark) ?? 0} ${mark}`).join(' · ');
  return [
    INTRO,
    `${drawTable(LEGEND)}\n`,
    `${verdicts.size} cells: ${sum}\n`,
    ...tables,
    '## Why\n',
    `${[...reasons].map(([reason, number]) => `${number}. ${reason}`).join('\n')}\n`,
    '## What the scenarios are\n',
    `${drawTable([['Scenario', 'What it is'], ...scenarios.map(({ name, about }) => [name, about])])}\n`,
    `What providers tell beside an answer is no part of any cell: ${asides.map(({ what }) => what).join(', ')}.\n`,
  ].join('\n');
}

function tableOf(client: ClientKind, verdicts: ReadonlyMap<Cell, Verdict>, reasons: Map<string, number>): string {
  const rows = scenarios.map(({ name }) => [
    name,
    ...providers.map((provider) => {
      const modes = [...verdicts].filter(
        ([cell]) => cell.client === client && cell.provider === provider && cell.scenario.name === name,
      );
      const numbers = new Set(
        modes.flatMap(([, verdict]) => verdict.reasons.map((reason) => numberOf(reason, reasons))),
      );
      const marks = modes.map(([, { mark }]) => mark).join('');
      return [marks, ...[...numbers].sort((a, b) => a - b)].join(' ');
    }),
  ]);
  return `## From ${client.id}\n\n${drawTable([['to', ...providers.map(({ id }) => id)], ...rows])}\n`;
}

function numberOf(reason: string, reasons: Map<string, number>): number {
  const number = reasons.get(reason) ?? reasons.size + 1;
  reasons.set(reason, number);
  return number;
}

function drawTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** The cells of these verdicts in the order of the page, which is not that in which they were done. */
export function inOrder(verdicts: ReadonlyMap<Cell, Verdict>): ReadonlyMap<Cell, Verdict> {
  const keyOf = ({ scenario, client, provider, stream }: Cell): string =>
    [scenario.name, client.id, provider.id, stream].join(' ');
  const byKey = new Map([...verdicts].map(([cell, verdict]) => [keyOf(cell), verdict]));
  return new Map(
    cellsOf(scenarios).flatMap((cell) => {
      const verdict = byKey.get(keyOf(cell));
      return verdict === undefined ? [] : [[cell, verdict]];
    }),
  );
}
