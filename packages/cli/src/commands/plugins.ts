import { fileURLToPath } from 'node:url';
import { createGeneration, type Generation, tapNames } from '@signalbox/core';
import type { CommandLine } from '../arguments.ts';
import { readConfig } from '../config-source.ts';
import { pluginsOfThisInstallation } from '../import-plugin.ts';
import { printRows } from '../summary.ts';

/** Shows what a config loads, and who acts at which stage in which order. */
export async function run({ common }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const generation = await createGeneration(await readConfig(common, env), {
    importPlugin: pluginsOfThisInstallation(),
  });
  try {
    process.stdout.write(
      `${pluginTable(generation)}\n\nTaps, in the order in which they run:\n${tapList(generation)}\n`,
    );
  } finally {
    await generation.close();
  }
  return 0;
}

function pluginTable({ plugins }: Generation): string {
  const rows = plugins.map(({ name, version, from, url }, index) => [
    String(index + 1),
    name,
    version ?? '-',
    from,
    url === undefined ? '-' : url.startsWith('file:') ? fileURLToPath(url) : url,
  ]);
  return printTable([['#', 'NAME', 'VERSION', 'FROM', 'WHERE'], ...rows]);
}

function tapList({ hooks }: Generation): string {
  return printRows(Object.entries(hooks).map(([name, hook]) => [name, tapNames(hook).join(', ') || '-'] as const));
}

function printTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const print = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => print(row).trimEnd()).join('\n');
}
