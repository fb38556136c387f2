import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';

const RUNNER = fileURLToPath(new URL('./logging-process.ts', import.meta.url));
const FLAGS = ['--conditions=signalbox-source', '--disable-warning=ExperimentalWarning'];
/** A device that has no room for anything. */
const FULL = '/dev/full';

let child: ChildProcess;
afterEach(() => void child.kill('SIGKILL'));

/** A process that logs; `ended` is its exit code and what it said on standard error. */
async function logging(destination: string, lines: number) {
  child = spawn(process.execPath, [...FLAGS, RUNNER, destination, String(lines)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once('exit', (code) => resolve({ code, said }));
  });
  const says = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (said.includes(wanted)) resolve();
      };
      look();
      child.stderr?.on('data', look);
    });
  child.stderr?.on('data', (text) => {
    said += text;
  });
  await says('ready');
  return { ended, says, tell: (command: string) => child.stdin?.write(command) };
}

const onceOnly = (said: string, problem: string): boolean => said.split(problem).length === 2;

describe.each(['close', 'exit'])('a process that ends (%s)', (command) => {
  (existsSync(FULL) ? it : it.skip)('is not held by a disk that is full', async () => {
    const { ended, says, tell } = await logging(FULL, 3);
    await says('ENOSPC');
    tell(command);
    const { code, said } = await ended;
    expect(code).toBe(3);
    expect(onceOnly(said, 'ENOSPC')).toBe(true);
  });

  it('is not held by a reader that has gone', async () => {
    const { ended, says, tell } = await logging('stdout', 3);
    child.stdout?.destroy();
    await says('EPIPE');
    tell(command);
    const { code, said } = await ended;
    expect(code).toBe(3);
    expect(onceOnly(said, 'EPIPE')).toBe(true);
  });
});
