import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './claude.ts';

const ENTRY = fileURLToPath(new URL('../../../packages/cli/src/bin.ts', import.meta.url));

/** The command `signalbox` of this repository, as Node's arguments. */
export const SIGNALBOX: readonly string[] = ['--conditions=signalbox-source', ENTRY];

export interface GatewayProcess extends AsyncDisposable {
  readonly url: string;
}

/** `signalbox start` on a free port, with this text as its config file and nothing of the environment but `PATH`. */
export async function startSignalbox(config: string): Promise<GatewayProcess> {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'signalbox.jsonc');
  await writeFile(file, config);
  const child = spawn(process.execPath, [...SIGNALBOX, '--config', file, '--port', '0', 'start'], {
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '', HOME: folder.path },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await folder[Symbol.asyncDispose]();
  };
  try {
    return { url: await addressOf(child), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the command tells the process that started it. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`signalbox start ended with ${code}`)));
    child.once('message', (message: { url?: string; failure?: string }) => {
      if (message.url === undefined) reject(new Error(message.failure));
      else resolve(message.url);
    });
  });
}
