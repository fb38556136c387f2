import { MOST_CPU_US } from './loads.ts';
import { laneOf } from './pair.ts';
import type { PairRow } from './pairs.ts';
import { mark, number, table } from './report.ts';

const HEADINGS = [
  ...['client', 'provider', '1 KB', 'CPU/req', '100 KB', 'CPU/req'],
  ...['one by one', 'CPU/event', 'by eight', 'CPU/event', ''],
];

/** One row per pair: ratio and budget, and the CPU of gateway and bare proxy in µs. */
export function printPairs(rows: readonly PairRow[], seconds: number): string {
  const pairs = [...new Set(rows.map(({ pair }) => pair))];
  const cells = pairs.map((pair) => {
    const own = rows.filter((row) => row.pair === pair);
    const large = own.find(({ load }) => load.script === 'whole' && load.size === '100 KB');
    const small = own.find(({ load }) => load.script === 'whole' && load.size === '1 KB');
    const alone = own.find(({ load }) => load.script === 'singles');
    const batched = own.find(({ load }) => load.script === 'eights');
    return [
      pair.client,
      pair.provider,
      ...[small, large].flatMap((row) => [ratio(row), cpu(row, 'cpuPerRequestUs', 0)]),
      ...[alone, batched].flatMap((row) => [
        ratio(row),
        `${cpu(row, 'cpuPerEventUs', 1)} ${mark(judgeEvents(row))}`.trim(),
      ]),
      own.map(({ gateway: { failed, failure } }) => (failed === 0 ? '' : `${failed} failed: ${failure}`)).join(' '),
    ];
  });
  const judged = rows.flatMap((row) => [row.gateway, judgeEvents(row)]).filter(({ kept }) => kept !== undefined);
  return [
    `All pairs of formats: requests per second over the bare proxy's, CPU of the gateway/the bare proxy in µs, ${seconds.toFixed(0)} s`,
    '',
    table([HEADINGS, ...cells]),
    '',
    `${judged.filter(({ kept }) => kept).length} of ${judged.length} budgets kept: pass-through and translation as in the main report, ≤ ${MOST_CPU_US} µs per translated event of a batch`,
  ].join('\n');
}

function ratio(row: PairRow | undefined): string {
  return row === undefined ? '' : `${number(row.gateway.ratio, 2)} ${mark(row.gateway)}`;
}

function cpu(row: PairRow | undefined, key: 'cpuPerRequestUs' | 'cpuPerEventUs', digits: number): string {
  return row === undefined ? '' : `${number(row.gateway[key], digits)}/${number(row.bare[key], digits)}`;
}

/** Only translated streams have a budget of their own for events, and only for those that come in batches. */
function judgeEvents(row: PairRow | undefined): { budget: string | undefined; kept: boolean | undefined } {
  const us = row?.gateway.cpuPerEventUs;
  if (row === undefined || us === undefined || row.load.script === 'singles' || laneOf(row.pair) === 'pass-through') {
    return { budget: undefined, kept: undefined };
  }
  return { budget: `≤ ${MOST_CPU_US} µs/event`, kept: row.gateway.failed === 0 && us <= MOST_CPU_US };
}
