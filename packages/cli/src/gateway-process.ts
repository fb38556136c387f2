import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchmodSync, mkdirSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommonOptions } from './arguments.ts';
import { ExitError } from './failure.ts';
import type { ParentMessage } from './parent.ts';

/** A gateway that lives as long as this process wants it to. */
export interface OwnGateway {
  readonly url: string;
  readonly logFile: string;
  /** Whether it ended although nobody asked it to. */
  readonly lost: boolean;
  stop(): Promise<void>;
}

/**
 * Starts a gateway on a free port, as a process of its own: whatever its plugins print goes to the log file and not to
 * the terminal, and a Ctrl-C meant for the client does not reach it. It ends with this process, however that ends.
 * @throws {ExitError} with the gateway's own reason.
 */
export async function startOwnGateway({ config, host }: CommonOptions, env: NodeJS.ProcessEnv): Promise<OwnGateway> {
  const logFile = join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'signalbox', 'code.log');
  const log = openLog(logFile);
  const own = fileURLToPath(import.meta.url);
  const options = [config === undefined ? [] : ['--config', config], host === undefined ? [] : ['--host', host]].flat();
  const gateway = spawn(
    process.execPath,
    [...process.execArgv, join(dirname(own), `bin${extname(own)}`), ...options, '--port', '0', 'start'],
    { env, stdio: ['ignore', log, log, 'ipc'], detached: true, windowsHide: true },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => gateway.once('exit', () => resolve()));
  const url = await addressOf(gateway, logFile);
  let stopping = false;
  return {
    url,
    logFile,
    get lost() {
      return !stopping && gateway.exitCode !== null;
    },
    stop: async () => {
      stopping = true;
      gateway.kill('SIGTERM');
      await ended;
    },
  };
}

function addressOf(gateway: ChildProcess, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    gateway.once('error', reject);
    gateway.once('exit', (code) =>
      reject(new ExitError(`the gateway ended while it was starting (exit code ${code}). Its log: ${logFile}`, 1)),
    );
    gateway.once('message', (message: ParentMessage) => {
      if ('url' in message) resolve(message.url);
      else reject(new ExitError(message.failure, 1));
    });
  });
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const log = openSync(file, 'a', 0o600);
  fchmodSync(log, 0o600);
  return log;
}
