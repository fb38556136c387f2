import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const AGENTS = new URL('../agents/', import.meta.url);
const LOCK = new URL('.cache/installing', AGENTS);

/** An agent that a `package-lock.json` of its own pins. */
export interface PinnedAgent {
  /** The folder of that file, as a path under `agents/` that ends with a slash. */
  readonly folder: string;
  readonly packageName: string;
  /** What follows `npm ci`. */
  readonly npmArguments?: readonly string[];
}

const CLAUDE: PinnedAgent = { folder: './', packageName: '@anthropic-ai/claude-code' };
const SCOPE = new URL('node_modules/@anthropic-ai/', AGENTS);

let installed: Promise<string> | undefined;

/**
 * Path of the Claude Code binary that `agents/package-lock.json` pins; installed with `npm ci` where it is absent.
 * @throws {Error} where npm fails or Claude Code has no binary for this platform. Nothing is skipped.
 */
export function claudeBinary(): Promise<string> {
  installed ??= installAgent(CLAUDE).then(findBinary);
  return installed;
}

/**
 * Installs an agent with `npm ci` where the pinned version is absent.
 * @returns the agent's `node_modules/`
 * @throws {Error} where npm fails
 */
export function installAgent(agent: PinnedAgent): Promise<URL> {
  const folder = new URL(agent.folder, AGENTS);
  return locked(async () => {
    if (!(await isPinned(agent, folder))) {
      const args = ['ci', '--no-audit', '--no-fund', ...(agent.npmArguments ?? [])];
      await run('npm', args, { cwd: fileURLToPath(folder) });
    }
    return new URL('node_modules/', folder);
  });
}

/** Jest runs test files side by side: one of them installs, the others wait. */
async function locked<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(new URL('./', LOCK), { recursive: true });
  for (;;) {
    try {
      const file = await open(LOCK, 'wx');
      await file.write(String(process.pid));
      await file.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isStale()) await rm(LOCK, { force: true });
      else await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    await rm(LOCK, { force: true });
  }
}

/** Whether the process that holds the lock is gone. A lock without a number was made just now. */
async function isStale(): Promise<boolean> {
  try {
    const pid = Number(await readFile(LOCK, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function isPinned({ packageName }: PinnedAgent, folder: URL): Promise<boolean> {
  const { dependencies } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  try {
    const { version } = JSON.parse(
      await readFile(new URL(`node_modules/${packageName}/package.json`, folder), 'utf8'),
    ) as { version: string };
    return version === dependencies[packageName];
  } catch {
    return false;
  }
}

/** The binary is in an optional package of its own, of which npm installs the one that fits os, cpu and libc. */
async function findBinary(): Promise<string> {
  const platform = `claude-code-${process.platform}-${process.arch}`;
  for (const name of await readdir(SCOPE)) {
    if (!name.startsWith(platform)) continue;
    const file = new URL(`${name}/claude${process.platform === 'win32' ? '.exe' : ''}`, SCOPE);
    if ((await stat(file)).isFile()) return fileURLToPath(file);
  }
  throw new Error(
    `Claude Code has no binary for ${process.platform} ${process.arch}: npm installed no ${platform}* package in test/e2e/agents.`,
  );
}
