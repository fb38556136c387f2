import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, PLUGIN, Sandbox } from './command.ts';

/** Stands for Claude Code: writes down what it was given and what answers at its base URL, then does as FAKE says. */
const CLIENT = `#!${process.execPath}
const { writeFileSync, appendFileSync } = require('node:fs');
const done = (health) => {
  writeFileSync('record-' + (process.env.NAME ?? 'one') + '.json', JSON.stringify({ pid: process.pid, argv: process.argv.slice(2), env: process.env, health }));
  if (process.env.FAKE === 'wait') {
    process.on('SIGINT', () => console.log('client got SIGINT'));
    process.on('SIGTERM', () => { console.log('client got SIGTERM'); process.exit(7); });
    setInterval(() => {}, 1000);
    console.log('client is up');
    return;
  }
  console.log('client is up');
  if (process.env.FAKE === 'signal') process.kill(process.pid, 'SIGTERM');
  else process.exit(Number(process.env.FAKE ?? 0));
};
fetch(process.env.ANTHROPIC_BASE_URL + '/health').then((response) => response.json()).then(done, done);
`;

interface ClientRecord {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly health: { readonly name?: string };
}

describe('signalbox code', () => {
  let sandbox: Sandbox;
  let path: NodeJS.ProcessEnv;
  let port: number;
  beforeEach(async () => {
    sandbox = new Sandbox();
    sandbox.file('own.ts', PLUGIN);
    port = await freePort();
    sandbox.file('signalbox.jsonc', `{ "server": { "port": ${port} }, "plugins": [["./own.ts", { "apiKey": "x" }]] }`);
    sandbox.file('bin/claude', CLIENT, 0o755);
    path = { PATH: `${sandbox.dir}/bin:/usr/bin:/bin` };
  });
  afterEach(() => sandbox.dispose());

  const record = (name = 'one'): ClientRecord => JSON.parse(readFileSync(`${sandbox.dir}/record-${name}.json`, 'utf8'));
  const gone = (url: string): Promise<void> => expect(fetch(`${url}/health`)).rejects.toThrow();

  it('hands everything after "code" on untouched', async () => {
    const args = ['-p', 'say "hi" to $HOME', '--help', '--version', '--config', 'x', '--port', '1', '--', '', 'a b'];
    expect(await sandbox.run(['code', ...args], path)).toMatchObject({ code: 0, stdout: 'client is up\n', stderr: '' });
    expect(record().argv).toEqual(args);
  });

  it('starts a gateway for the client and ends it with the client', async () => {
    const { code } = await sandbox.run(['code'], path);
    expect(code).toBe(0);
    const { env, health } = record();
    expect(health.name).toBe('signalbox');
    expect(env.ANTHROPIC_BASE_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await gone(env.ANTHROPIC_BASE_URL ?? '');
    const log = `${sandbox.dir}/.local/state/signalbox/code.log`;
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(readFileSync(log, 'utf8')).toContain('listens on');
  });

  it('keeps what plugins print off the terminal', async () => {
    sandbox.file(
      'own.ts',
      PLUGIN.replace('apply: ', "apply: ({ log }) => { log.warn({}, 'loud'); console.log('louder'); }, a: "),
    );
    const { stdout, stderr } = await sandbox.run(['code'], path);
    expect({ stdout, stderr }).toEqual({ stdout: 'client is up\n', stderr: '' });
    expect(readFileSync(`${sandbox.dir}/.local/state/signalbox/code.log`, 'utf8')).toMatch(/loud\b.*louder/s);
  });

  it('gives the client our environment, without a second key and without a proxy in between', async () => {
    await sandbox.run(['code'], {
      ...path,
      KEPT: 'yes',
      ANTHROPIC_API_KEY: 'sk-ant-own',
      CLAUDE_CODE_USE_BEDROCK: '1',
      NO_PROXY: 'example.com',
      SIGNALBOX_API_KEY: 'gateway-key',
    });
    const { env } = record();
    expect(env).toMatchObject({
      KEPT: 'yes',
      ANTHROPIC_AUTH_TOKEN: 'gateway-key',
      NO_PROXY: 'example.com,127.0.0.1,localhost',
      no_proxy: 'example.com,127.0.0.1,localhost',
    });
    expect(env).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(env).not.toHaveProperty('CLAUDE_CODE_USE_BEDROCK');
  });

  it('uses the gateway that runs at the configured address, and leaves it running', async () => {
    const { url } = await sandbox.gateway(['--port', String(port)]);
    expect((await sandbox.run(['code'], path)).code).toBe(0);
    expect(record().env.ANTHROPIC_BASE_URL).toBe(url);
    expect(existsSync(`${sandbox.dir}/.local/state/signalbox/code.log`)).toBe(false);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('does not mistake another server for a gateway', async () => {
    const server = createServer((_, response) => response.end('{"name":"other"}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const taken = (server.address() as AddressInfo).port;
    const { code } = await sandbox.run(['--port', String(taken), 'code'], path);
    server.close();
    expect(code).toBe(0);
    expect(record().env.ANTHROPIC_BASE_URL).not.toContain(String(taken));
    expect(record().health.name).toBe('signalbox');
  });

  it.each([
    ['3', 3],
    ['signal', 128 + 15],
  ])('returns the client’s exit code: %s', async (FAKE, code) => {
    expect(await sandbox.run(['code'], { ...path, FAKE })).toMatchObject({ code, signal: null });
  });

  it('passes signals on, outlives the client, and takes the gateway along', async () => {
    const { child, ended, printed } = sandbox.start(['code'], { ...path, FAKE: 'wait' });
    await printed(/client is up/);
    child.kill('SIGINT');
    await printed(/client got SIGINT/);
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    await printed(/client got SIGTERM/);
    expect(await ended).toMatchObject({ code: 7, signal: null });
    await gone(record().env.ANTHROPIC_BASE_URL ?? '');
  });

  it('leaves no gateway behind when it is killed', async () => {
    const { child, printed } = sandbox.start(['code'], { ...path, FAKE: 'wait' });
    await printed(/client is up/);
    const url = record().env.ANTHROPIC_BASE_URL ?? '';
    expect((await fetch(`${url}/health`)).status).toBe(200);
    child.kill('SIGKILL');
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline && (await fetch(`${url}/health`).catch(() => undefined)) !== undefined)
      await sleep(50);
    await gone(url);
    process.kill(record().pid, 'SIGKILL');
  });

  it('runs twice at once, each with a gateway of its own', async () => {
    const outcomes = await Promise.all(['a', 'b'].map((NAME) => sandbox.run(['code', NAME], { ...path, NAME })));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect([record('a').argv, record('b').argv]).toEqual([['a'], ['b']]);
    expect(record('a').env.ANTHROPIC_BASE_URL).not.toBe(record('b').env.ANTHROPIC_BASE_URL);
  });

  it('runs the program that SIGNALBOX_CLAUDE names', async () => {
    const other = sandbox.file('my client', CLIENT, 0o755);
    expect((await sandbox.run(['code', 'x'], { SIGNALBOX_CLAUDE: other })).code).toBe(0);
    expect(record().argv).toEqual(['x']);
  });

  it('says how to install a client that is not there: exit code 127', async () => {
    const { code, stdout, stderr } = await sandbox.run(['code']);
    expect({ code, stdout }).toEqual({ code: 127, stdout: '' });
    expect(stderr).toContain('npm install -g @anthropic-ai/claude-code');
  });

  it('shows why the gateway does not start', async () => {
    sandbox.file('own.ts', PLUGIN.replace('hooks.log.tap(', "(() => { throw new Error('no such host') })("));
    const { code, stderr } = await sandbox.run(['code'], path);
    expect(code).toBe(1);
    expect(stderr).toMatch(/plugin log-own.*no such host/);
    expect(existsSync(`${sandbox.dir}/record-one.json`)).toBe(false);
  });

  it('shows what is wrong with the config', async () => {
    sandbox.file('signalbox.jsonc', '{ "plugin": [] }');
    const { code, stderr } = await sandbox.run(['code'], path);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^signalbox\.jsonc:1:3: .*Did you mean "plugins"\?/m);
  });
});
