import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configOf, createGeneration, serverDefaults } from '@signalbox/core';
import type { CommandLine } from '../arguments.ts';
import { DEFAULT_PRESET } from '../config-source.ts';
import { describePlugins, variablesOf } from '../described-plugins.ts';
import { ExitError } from '../failure.ts';
import { pluginsOfThisInstallation } from '../import-plugin.ts';
import { writeConfigText } from '../starter-config.ts';

/** Writes the config that a start without one uses, spelt out, for a person to change. */
export async function run({ rest, common, force }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const file = resolve(rest[0] ?? common.config ?? 'signalbox.jsonc');
  // Building it proves that what is written down works.
  const generation = await createGeneration(configOf([[DEFAULT_PRESET]], { env }), {
    importPlugin: pluginsOfThisInstallation(),
  });
  const plugins = await describePlugins(generation.config, generation.plugins);
  await generation.close();
  const { host = serverDefaults.host, port = serverDefaults.port } = common;
  await write(file, writeConfigText({ host, port, plugins }), force);

  const variables = [...new Set(plugins.flatMap(variablesOf))];
  const found = variables.length === 0 ? 'No key was found in the environment' : `It reads ${variables.join(', ')}`;
  process.stdout.write(`Wrote ${file}\n${found}. Check it with: signalbox check --config ${file}\n`);
  return 0;
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    const handle = await open(file, force ? 'w' : 'wx', 0o600);
    try {
      // A file that was there keeps its mode otherwise.
      await handle.chmod(0o600);
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new ExitError(`${file} exists already. Overwrite it with --force.`, 1);
    throw new ExitError(`${file} cannot be written: ${message}`, 1);
  }
}
