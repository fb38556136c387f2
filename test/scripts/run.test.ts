import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const scripts = join(import.meta.dirname, '../../scripts');

/** Stands for npx: writes down how it was called and what it saw, and puts the pinned Node in its place. */
const NPX = `#!${process.execPath}
const { appendFileSync, mkdirSync, symlinkSync } = process.getBuiltinModule('node:fs');
appendFileSync('npx.jsonl', JSON.stringify({ argv: process.argv.slice(2), env: process.env }) + '\\n');
if (process.env.NPX_FAILS) { console.log('no such version'); process.exit(9); }
mkdirSync('node_modules/node/bin', { recursive: true });
try { symlinkSync(process.execPath, 'node_modules/node/bin/node'); } catch {}
`;

/** Stands for the gateway's command. */
const COMMAND = `
if (process.argv.includes('wait')) {
  process.on('SIGTERM', () => { console.log('told to stop'); process.exit(5); });
  setInterval(() => {}, 1000);
} else process.exitCode = Number(process.env.CODE ?? 0);
console.log(JSON.stringify(process.argv.slice(2)));
`;

/** Stands for jest: reports what REPORT says. */
const JEST = `#!/usr/bin/env node
const file = process.argv.find((argument) => argument.startsWith('--outputFile=')).slice('--outputFile='.length);
console.log('jest got ' + process.argv.slice(2).filter((argument) => !argument.startsWith('--')).join(' '));
if (process.env.REPORT) require('node:fs').writeFileSync(file, process.env.REPORT);
process.exitCode = Number(process.env.JEST ?? 0);
`;

const report = (counts: object): string =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    ...counts,
  });

describe('scripts/run.mjs', () => {
  let dir: string;
  const file = (name: string, text: string): void => {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-run-'));
    cpSync(scripts, join(dir, 'scripts'), { recursive: true });
    file('package.json', '{ "type": "module", "packageManager": "pnpm@9.8.7" }');
    file('pnpm-workspace.yaml', 'packages:\n  - packages/*\n  - plugins/*\nother: 1\n');
    file('pnpm-lock.yaml', 'lock: 1\n');
    file('packages/cli/package.json', '{}');
    file('packages/cli/src/bin.ts', COMMAND);
    file('bin/npx', NPX);
    chmodSync(join(dir, 'bin/npx'), 0o755);
    for (const [name, bin] of [
      ['@biomejs/biome', 'LINT'],
      ['typescript', 'TYPES'],
      ['jest', 'JEST'],
    ] as const) {
      file(`node_modules/${name}/package.json`, '{ "bin": "./tool.js" }');
      file(
        `node_modules/${name}/tool.js`,
        name === 'jest' ? JEST : `process.exitCode = Number(process.env.${bin} ?? 0);`,
      );
    }
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    startCommand(process.execPath, ['scripts/run.mjs', ...args], env);
  const startCommand = (command: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
    const child = spawn(command, args, {
      cwd: dir,
      env: { PATH: `${dir}/bin:/usr/bin:/bin`, HOME: dir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, ended };
  };
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => start(args, env).ended;
  const installs = (): readonly { argv: readonly string[]; env: Record<string, string> }[] =>
    existsSync(join(dir, 'npx.jsonl'))
      ? readFileSync(join(dir, 'npx.jsonl'), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];

  it('installs with the named pnpm before the first task, and says so', async () => {
    const { code, stdout, stderr } = await run(['start', '--port', '4000', '--config', './my file.jsonc']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Installing .*\n\["start","--port","4000","--config","\.\/my file\.jsonc"\]\n$/);
    expect(installs().map(({ argv }) => argv)).toEqual([['-y', 'pnpm@9.8.7', 'install', '--frozen-lockfile']]);
  });

  it('installs again only when a manifest or the lockfile has changed', async () => {
    for (let time = 0; time < 2; time++) await run(['signalbox']);
    expect(installs()).toHaveLength(1);
    file('plugins/new/package.json', '{}');
    expect((await run(['signalbox', 'check'])).stdout).toMatch(/^Installing/);
    file('pnpm-lock.yaml', 'lock: 2\n');
    await run(['signalbox']);
    expect(installs()).toHaveLength(3);
    expect((await run(['signalbox', 'check'])).stdout).toBe('["check"]\n');
  });

  it('keeps npm’s own settings from pnpm, but not where packages come from', async () => {
    const settings = {
      npm_config_registry: 'https://registry.example',
      npm_config_prefix: '/x',
      npm_lifecycle_event: 'start',
      npm_config_package_lock: '',
    };
    await run(['start'], { ...settings, KEPT: 'yes' });
    const [{ env } = { env: {} }] = installs();
    expect(env).toMatchObject({ KEPT: 'yes', npm_config_registry: 'https://registry.example' });
    for (const name of ['npm_config_prefix', 'npm_lifecycle_event', 'npm_config_package_lock'])
      expect(env).not.toHaveProperty(name);
  });

  it('shows why an install fails, runs nothing, and tries again next time', async () => {
    const { code, stdout, stderr } = await run(['start'], { NPX_FAILS: '1' });
    expect({ code, ran: stdout.includes('["start"]') }).toEqual({ code: 1, ran: false });
    expect(stderr).toMatch(/no such version.*exit code 9/s);
    expect((await run(['start'])).code).toBe(0);
  });

  it('returns the task’s exit code and passes signals on', async () => {
    expect((await run(['start'], { CODE: '3' })).code).toBe(3);
    const { child, ended } = start(['start', 'wait']);
    await new Promise<void>((resolve) => child.stdout.on('data', (text) => String(text).includes('wait') && resolve()));
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect({ code, told: stdout.includes('told to stop') }).toEqual({ code: 5, told: true });
  });

  it('ends with the shell that npm has put in between, which passes no signals on', async () => {
    const line = `"${process.execPath}" scripts/run.mjs start wait; true`;
    const { child, ended } = startCommand('sh', ['-c', line], { npm_lifecycle_event: 'start' });
    await new Promise<void>((resolve) => child.stdout.on('data', (text) => String(text).includes('wait') && resolve()));
    child.kill('SIGTERM');
    // Its output ends when the last process that writes there has ended.
    expect((await ended).stdout).toContain('told to stop');
  });

  it.each([[[]], [['toString']], [['deploy']]])('refuses an unknown task: %j', async (args) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^usage: /);
    expect(installs()).toEqual([]);
  });

  it('ends a test run with the counts', async () => {
    const REPORT = report({ numPassedTests: 12, numPendingTests: 2 });
    const { code, stdout } = await run(['test', 'packages/kit'], { REPORT });
    expect(code).toBe(0);
    expect(stdout).toContain('jest got packages/kit\n');
    expect(stdout).toMatch(/\n2 skipped\n12 passed, 0 failed\n$/);
  });

  it.each([
    ['a failed test', { JEST: '1', REPORT: report({ numPassedTests: 3, numFailedTests: 2 }) }, '3 passed, 2 failed'],
    [
      'a file that does not load',
      { JEST: '1', REPORT: report({ numPassedTests: 3, numRuntimeErrorTestSuites: 1 }) },
      '3 passed, 1 failed',
    ],
    ['a lint error', { LINT: '1', REPORT: report({ numPassedTests: 3 }) }, '3 passed, 1 failed'],
    ['a type error', { TYPES: '2', REPORT: report({ numPassedTests: 3 }) }, '3 passed, 1 failed'],
    ['a jest that dies', { JEST: '134' }, '0 passed, 1 failed'],
    [
      'a jest that fails although its tests pass',
      { JEST: '1', REPORT: report({ numPassedTests: 3 }) },
      '3 passed, 1 failed',
    ],
  ])('fails for %s, and says so in the counts', async (_, env, summary) => {
    const { code, stdout } = await run(['test'], env);
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(summary);
  });
});
