import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { GatewayBuild } from './gateway.ts';
import { RESULTS_DIR } from './gateway-config.ts';
import type { Figure } from './single-figures.ts';
import type { Row } from './summary.ts';

export interface Report {
  readonly build: GatewayBuild;
  readonly node: string;
  readonly cores: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
}

export function makeReport(parts: Pick<Report, 'build' | 'rounds' | 'seconds' | 'rows' | 'figures'>): Report {
  return { node: process.version, cores: cpus().length, ...parts };
}

/** Keeps the report for the next comparison. @returns the file. */
export function saveReport(report: object, name = 'latest'): string {
  mkdirSync(RESULTS_DIR, { recursive: true });
  const file = `${RESULTS_DIR}${name}.json`;
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

const HEADINGS = [
  'load',
  'target',
  'req/s',
  'ratio',
  'p50 added',
  'p99 added',
  'CPU/req',
  'CPU/event',
  'cores',
  'budget',
  '',
];

/** The report as text: one row per load and target. Times in ms, CPU in µs. */
export function printReport({ build, node, cores, rounds, seconds, rows, figures }: Report): string {
  const cells = rows.map((row) => [
    row.target === 'bare' ? row.load : '',
    row.target,
    number(row.requestsPerSecond, 0),
    number(row.ratio, 2),
    signed(row.addedP50Ms, row.target),
    signed(row.addedP99Ms, row.target),
    number(row.cpuPerRequestUs, 0),
    number(row.cpuPerEventUs, 1),
    number(row.cores, 2),
    row.budget ?? '',
    `${mark(row)}${row.failed > 0 ? ` ${row.failed} failed: ${row.failure}` : ''}`,
  ]);
  const singles = figures.map((figure) => [
    figure.name,
    figure.target,
    figure.value === undefined
      ? 'not measured'
      : `${figure.value.toFixed(figure.unit === 'ms' ? 0 : 1)} ${figure.unit}`,
    figure.budget ?? '',
    mark(figure),
  ]);
  return [
    `Gateway from ${build === 'source' ? 'its sources' : 'dist'}, Node ${node}, ${cores} cores, medians of ${rounds} rounds, ${seconds.toFixed(0)} s. Compare ratios, not times.`,
    '',
    table([HEADINGS, ...cells]),
    '',
    table(singles),
  ].join('\n');
}

export function mark({ budget, kept }: { budget: string | undefined; kept: boolean | undefined }): string {
  if (budget === undefined) return '';
  return kept === undefined ? '–' : kept ? '✓' : '✗';
}

export function number(value: number | undefined, digits: number): string {
  return value === undefined ? '–' : value.toFixed(digits);
}

function signed(value: number | undefined, target: string): string {
  if (target === 'bare' || value === undefined) return '';
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
