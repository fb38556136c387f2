import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type Listener, stopChild } from './child.ts';

/** `source`: TypeScript, as it stands. `built`: what `tsc -b` made of it, which is what users install. */
export type GatewayBuild = 'source' | 'built';

const CLI = new URL('../../../packages/cli/', import.meta.url);
const commands: Record<GatewayBuild, readonly string[]> = {
  source: [
    '--conditions=signalbox-source',
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(new URL('src/bin.ts', CLI)),
  ],
  built: [fileURLToPath(new URL('dist/bin.js', CLI))],
};

export interface StartedGateway extends Listener {
  /** From the spawn to the first 200 of /health, in ms. */
  readonly readyMs: number;
}

/**
 * Starts the gateway as a process of its own, with further options for Node.
 * @throws {Error} with what it wrote, if it does not come up.
 */
export async function startGateway(
  config: string,
  build: GatewayBuild,
  nodeOptions: readonly string[] = [],
): Promise<StartedGateway> {
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, ...commands[build], 'start', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let written = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => {
      const { url: where, failure } = message as { url?: string; failure?: string };
      if (where === undefined) reject(new Error(`The gateway did not start: ${failure}`));
      else resolve(where);
    });
    child.once('exit', (code) => reject(new Error(`The gateway ended with code ${code}.\n${written}`)));
  });
  await healthy(url);
  const readyMs = performance.now() - spawnedAt;
  // Asked to stop, not killed: that is when Node writes a CPU profile.
  return {
    name: 'gateway',
    pid: child.pid ?? 0,
    port: Number(new URL(url).port),
    readyMs,
    stop: () => stopChild(child, 'SIGTERM'),
  };
}

function healthy(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${url}/health`, { agent: false }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`/health answered ${response.statusCode}.`));
    }).on('error', reject);
  });
}
