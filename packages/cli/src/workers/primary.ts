import cluster from 'node:cluster';
import { createServer } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { consoleLogger } from '@signalbox/core';
import type { CommandLine } from '../arguments.ts';
import { configFile, readConfigFile } from '../config-source.ts';
import { ExitError } from '../failure.ts';
import { tellParent } from '../parent.ts';
import { announce, announceStop } from '../serve.ts';
import { untilStopped } from '../shutdown.ts';
import { type Fork, WorkerPool } from './pool.ts';
import { WorkerFailure, WorkerProcess } from './worker-process.ts';

/**
 * Serves one port with several processes, and serves nothing itself: it hands out connections, puts workers in the place
 * of those that end, and passes on what it is told.
 */
export async function runPrimary(count: number, line: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const pool = new WorkerPool(count, await forkFor(line, env), consoleLogger);
  // However this process ends, it leaves none behind.
  process.on('exit', () => pool.kill());
  let serving = false;
  const stopped = untilStopped({
    onHangUp: () => {
      if (serving) void pool.roll();
    },
  }).then(() => 'stopped' as const);

  try {
    const started = await Promise.race([pool.start(), stopped]);
    if (started !== 'stopped') {
      serving = true;
      announce(started, count);
      void tellParent({ url: started.url });
      const end = await Promise.race([stopped, pool.givenUp.then((reason) => ({ reason }))]);
      if (end !== 'stopped') {
        throw new WorkerFailure(`the workers end as soon as they have begun, the last one with: ${end.reason}`);
      }
    }
    announceStop();
    await pool.stop();
    return 0;
  } catch (error) {
    if (serving) await pool.stop();
    else pool.kill();
    if (!(error instanceof WorkerFailure)) throw error;
    process.stderr.write(error.text);
    void tellParent({ failure: error.message });
    return 1;
  }
}

/** How this start's workers are forked: with the same config and the same port. */
async function forkFor({ common, watch }: CommandLine, env: NodeJS.ProcessEnv): Promise<Fork> {
  const file = configFile(common, env);
  const { server } = await readConfigFile(file, common, env);
  const own = fileURLToPath(import.meta.url);
  const exec = join(dirname(own), '..', `bin${extname(own)}`);
  const args = ['start'];
  if (file !== undefined) args.push('--config', file);
  if (common.host !== undefined) args.push('--host', common.host);
  // A free port is chosen once: a worker that comes when all others have gone must find the same one.
  const port = server.port === 0 ? await freePort(server.host) : common.port;
  if (port !== undefined) args.push('--port', String(port));
  return (place, onReload) => {
    // One of them watches the files for all.
    cluster.setupPrimary({ exec, args: watch && place === 1 ? args : [...args, '--no-watch'] });
    return new WorkerProcess(place, env, onReload);
  };
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', ({ message }) => reject(new ExitError(`Cannot listen on ${host}: ${message}.`, 1)));
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
