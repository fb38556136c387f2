import { createGeneration } from '@signalbox/core';
import type { CommandLine } from '../arguments.ts';
import { readConfig } from '../config-source.ts';
import { pluginsOfThisInstallation } from '../import-plugin.ts';
import { printRows, summarise } from '../summary.ts';

/** Builds everything that a start would, and lets go of it again. */
export async function run({ common }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const generation = await createGeneration(await readConfig(common, env), {
    importPlugin: pluginsOfThisInstallation(),
  });
  try {
    const { plugins, formats } = generation;
    const rows = [
      ...(await summarise(generation)),
      ['formats', [...formats.keys()].join(', ') || 'none: no client can be served'],
      ['plugins', String(plugins.length)],
    ] as const;
    process.stdout.write(`OK\n\n${printRows(rows)}\n`);
  } finally {
    await generation.close();
  }
  return 0;
}
