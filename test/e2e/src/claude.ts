import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { jest } from '@jest/globals';
import { claudeBinary } from './agent-install.ts';

/** A client takes as long as the machine makes it take, and a test may run two; the one that hangs is killed before. */
jest.setTimeout(150_000);

/** What every client here shows the gateway; no provider ever sees it. */
export const CLIENT_KEY = 'e2e-token';

/** The object that `--output-format json` prints. */
export interface ClaudeResult {
  readonly subtype: string;
  readonly is_error: boolean;
  readonly result: string;
  readonly num_turns: number;
  readonly session_id: string;
  readonly usage: Readonly<Record<string, unknown>>;
  readonly modelUsage: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface ClaudeRun {
  /** `null` where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What stdout says as JSON; `undefined` where it says something else. */
  readonly result: ClaudeResult | undefined;
}

export interface ClaudeOptions {
  /** What follows `claude -p --output-format json`. */
  readonly args: readonly string[];
  /** `ANTHROPIC_BASE_URL` and what else the case needs. Nothing is taken from the environment but `PATH`. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Its home, where a session goes on in a second run. Default: a new one that is gone afterwards. */
  readonly home?: string;
  /** The run is killed after this long, and then has no exit code. Default: 60000. */
  readonly timeoutMs?: number;
}

/** Runs Claude Code headless. */
export async function runClaude(options: ClaudeOptions): Promise<ClaudeRun> {
  return runClient(await claudeBinary(), ['-p', '--output-format', 'json', ...options.args], options);
}

/** Runs a program that ends in Claude Code, in the same clean environment. */
export async function runClient(
  program: string,
  args: readonly string[],
  { env, cwd, home, timeoutMs = 60_000 }: Omit<ClaudeOptions, 'args'>,
): Promise<ClaudeRun> {
  await using ownHome = await temporaryFolder();
  const child = spawn(program, args, {
    cwd,
    env: { ...claudeEnvironment(home ?? ownHome.path), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [exitCode, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr, result: parseResult(stdout) };
}

/** A fresh client that reports nowhere and updates nothing. */
function claudeEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    USERPROFILE: home,
    TMPDIR: join(home, 'tmp'),
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    ANTHROPIC_AUTH_TOKEN: CLIENT_KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    // Root may run tools without asking only where a sandbox is said to be around it.
    IS_SANDBOX: '1',
  };
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-e2e-')));
  await mkdir(join(path, 'tmp'));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function parseResult(stdout: string): ClaudeResult | undefined {
  try {
    return JSON.parse(stdout) as ClaudeResult;
  } catch {
    return undefined;
  }
}
