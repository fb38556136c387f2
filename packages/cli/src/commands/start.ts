import { createGeneration } from '@signalbox/core';
import { startServer } from '@signalbox/server';
import type { CommandLine } from '../arguments.ts';
import { clientKey, clientUrl } from '../client-address.ts';
import { readConfig } from '../config-source.ts';
import { pluginsOfThisInstallation } from '../import-plugin.ts';
import { tellParent } from '../parent.ts';
import { untilStopped } from '../shutdown.ts';
import { printRows, summarise } from '../summary.ts';
import { ownVersion } from '../version.ts';

/** Runs the gateway until it is told to stop. */
export async function run({ common }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const stopped = untilStopped();
  const version = ownVersion();
  const generation = await createGeneration(await readConfig(common, env), {
    importPlugin: pluginsOfThisInstallation(),
  });
  const summary = await summarise(generation);
  const gateway = await startServer(generation, { version }).catch(async (error: unknown) => {
    await generation.close();
    throw error;
  });
  const local = clientUrl({ host: generation.config.server.host, port: Number(new URL(gateway.url).port) });
  const rows = [
    ...summary,
    ['', ''],
    ['Claude Code', `signalbox code, or ANTHROPIC_BASE_URL=${local} ANTHROPIC_AUTH_TOKEN=${keyHint(env)}`],
    ['OpenAI SDK', `OPENAI_BASE_URL=${local}/v1 OPENAI_API_KEY=${keyHint(env)}`],
    ['shell', 'eval "$(signalbox env)"'],
  ] as const;
  process.stdout.write(`Signalbox ${version} listens on ${gateway.url}\n\n${printRows(rows)}\n\n`);
  tellParent({ url: local });

  await stopped;
  process.stdout.write('Stopping: answers in flight are finished first. A second signal ends at once.\n');
  await gateway.close();
  return 0;
}

/** A real key is named, not shown. */
function keyHint(env: NodeJS.ProcessEnv): string {
  return env.SIGNALBOX_API_KEY ? '$SIGNALBOX_API_KEY' : clientKey(env);
}
