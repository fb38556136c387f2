import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';

/** A client takes as long as the machine makes it take, and a test may run two; the one that hangs is killed before. */
jest.setTimeout(150_000);

export interface AgentProcess {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AgentProcessOptions {
  readonly cwd: string;
  readonly home: string;
  /** Nothing else is taken from the environment but `PATH`. */
  readonly env: Readonly<Record<string, string>>;
  /** It is killed after this long. Default: 60000. */
  readonly timeoutMs?: number;
}

/** Runs a program without input, in a clean environment, to its end. */
export async function runAgent(
  program: string,
  args: readonly string[],
  { cwd, home, env, timeoutMs = 60_000 }: AgentProcessOptions,
): Promise<AgentProcess> {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: home, USERPROFILE: home, TMPDIR: join(home, 'tmp'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [exitCode, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}
