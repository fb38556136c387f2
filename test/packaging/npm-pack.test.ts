import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const dirs = ['packages', 'packages/formats', 'plugins']
  .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
  .filter((dir) => existsSync(join(dir, 'package.json')) && manifestOf(dir).private !== true);

function manifestOf(dir: string): Manifest {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest;
}

/** What users get: the packages as npm packs them, installed into an empty folder. */
describe('the published packages', () => {
  const work = mkdtempSync(join(tmpdir(), 'signalbox-packaging-'));
  // The settings that npm gives to the scripts it runs are about this repository, not about the user's folder.
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(npm_|SIGNALBOX_|NODE_OPTIONS)|_API_KEY$/i.test(name)),
    ),
    // The pinned Node before the system's, which may be too old for what is published.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
    XDG_CONFIG_HOME: join(work, 'config'),
  };
  const signalbox = join(work, 'node_modules/.bin/signalbox');
  let packed: readonly Packed[] = [];

  beforeAll(async () => {
    await run(process.execPath, [tsc, '-b', ...dirs], { cwd: root });
    const args = ['pack', ...dirs, '--json', '--ignore-scripts', '--pack-destination', work];
    const { stdout } = await run('npm', args, { cwd: root, env, maxBuffer: 64 * 1024 * 1024 });
    const result: unknown = JSON.parse(stdout);
    packed = Object.values(result as Record<string, Packed>);
    writeFileSync(join(work, 'package.json'), '{ "private": true }');
    const tarballs = packed.map(({ filename }) => join(work, filename));
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-save', ...tarballs], { cwd: work, env });
  }, 300_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('hold built code, types, a README and the licence, and neither sources nor tests', () => {
    expect(packed.map(({ name }) => name).sort()).toEqual(dirs.map((dir) => manifestOf(dir).name).sort());
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      expect({ name, paths }).toEqual({
        name,
        paths: expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']),
      });
      const stray = paths.filter((path) => /\.test\.|^src\/|^test\/|fixtures\/|tsbuildinfo|(?<!\.d)\.ts$/.test(path));
      expect({ name, stray }).toEqual({ name, stray: [] });
    }
  });

  it('say their version', async () => {
    const { stdout } = await run(signalbox, ['--version'], { cwd: work, env });
    expect(stdout).toBe(`${manifestOf(join(root, 'packages/cli')).version}\n`);
  });

  it('pass their own check without a config', async () => {
    const { stdout } = await run(signalbox, ['check'], { cwd: work, env });
    expect(stdout).toMatch(/^OK\n/);
  });

  it('answer over HTTP', async () => {
    const gateway = spawn(signalbox, ['start', '--port', '0'], {
      cwd: work,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => gateway.once('exit', resolve));
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let text = '';
        gateway.stdout.setEncoding('utf8').on('data', (more: string) => {
          text += more;
          const [, found] = /listens on (http:\/\/\S+)/.exec(text) ?? [];
          if (found !== undefined) resolve(found);
        });
        gateway.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
      });
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ name: 'signalbox', providers: ['demo'] });
      const response = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'any' },
        body: JSON.stringify({
          model: 'claude-sonnet-5',
          max_tokens: 100,
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        type: 'message',
        model: 'claude-sonnet-5',
        stop_reason: 'end_turn',
        content: [{ type: 'text', text: expect.stringMatching(/\S/) }],
      });
    } finally {
      gateway.kill('SIGTERM');
    }
    const code = await ended;
    expect(code).toBe(0);
  });
});
