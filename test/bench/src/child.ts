import { type ChildProcess, fork } from 'node:child_process';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark that listens on loopback. */
export interface Listener {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

/** Starts a file of this folder as a process of its own. Its warnings and failures go to this process's stderr. */
export function forkFile(file: string, args: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return fork(path, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--conditions=signalbox-source', '--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
}

/** Starts a server of this folder and waits for its port. @throws {Error} if it ends before it listens. */
export async function startListener(name: string, file: string, args: readonly string[] = []): Promise<Listener> {
  const child = forkFile(file, args);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', (code) => reject(new Error(`${name} ended with code ${code} before it listened.`)));
  });
  return { name, pid: child.pid ?? 0, port, stop: () => stopChild(child, 'SIGKILL') };
}

/** Ends a process that this one started. */
export function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/** The other end of `startListener`: tells the parent where a server listens, and ends with the parent. */
export function reportPort(server: Server): void {
  process.send?.({ port: (server.address() as AddressInfo).port });
  process.once('disconnect', () => process.exit(0));
}
