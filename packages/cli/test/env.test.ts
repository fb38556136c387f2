import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from './command.ts';

describe('signalbox env', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file('signalbox.jsonc', '{ "server": { "port": 4123 }, "plugins": [] }');
  });
  afterEach(() => sandbox.dispose());

  /** What a shell has in its environment once it has evaluated the output. */
  const evaluate = async (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Record<string, string>> => {
    const { code, stdout } = await sandbox.run(args, env);
    expect(code).toBe(0);
    const printed = execFileSync('/bin/sh', ['-c', 'eval "$1"; env', 'sh', stdout], {
      env: { PATH: '/usr/bin:/bin', ANTHROPIC_API_KEY: 'of-the-shell' },
      encoding: 'utf8',
    });
    return Object.fromEntries(printed.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
  };

  it('points clients at the configured address', async () => {
    const env = await evaluate(['env']);
    expect(env).toMatchObject({
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:4123',
      ANTHROPIC_AUTH_TOKEN: 'signalbox',
      OPENAI_BASE_URL: 'http://127.0.0.1:4123/v1',
      OPENAI_API_KEY: 'signalbox',
    });
    expect(env).not.toHaveProperty('ANTHROPIC_API_KEY');
  });

  it('quotes a key with every kind of character', async () => {
    const key = 'it\'s "$HOME" `id` \\ !&|;#';
    const env = await evaluate(['env'], { SIGNALBOX_API_KEY: key });
    expect(env).toMatchObject({ ANTHROPIC_AUTH_TOKEN: key, OPENAI_API_KEY: key });
  });

  it('reaches an open address on loopback', async () => {
    const env = await evaluate(['--host', '0.0.0.0', '--port', '4000', 'env']);
    expect(env.ANTHROPIC_BASE_URL).toBe('http://127.0.0.1:4000');
    expect((await evaluate(['--host', '::', 'env'])).OPENAI_BASE_URL).toBe('http://[::1]:4123/v1');
  });

  it('speaks fish and PowerShell', async () => {
    const fish = await sandbox.run(['env', '--shell', 'fish'], { SIGNALBOX_API_KEY: "a'b\\c" });
    expect(fish.stdout).toContain("set -gx ANTHROPIC_AUTH_TOKEN 'a\\'b\\\\c';\nset -e ANTHROPIC_API_KEY;\n");
    const powershell = await sandbox.run(['env', '--shell', 'powershell'], { SIGNALBOX_API_KEY: "a'b" });
    expect(powershell.stdout).toContain("$env:ANTHROPIC_AUTH_TOKEN = 'a''b'\n");
  });
});
