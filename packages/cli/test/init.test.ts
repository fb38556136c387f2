import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from './command.ts';

const SECRETS = { DEEPSEEK_API_KEY: 'sk-deepseek-very-secret', OPENROUTER_API_KEY: 'sk-or-very-secret' };

describe('signalbox init', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.dispose());

  it('writes a config that passes check, with references in place of keys', async () => {
    const file = `${sandbox.dir}/signalbox.jsonc`;
    const { code, stdout, stderr } = await sandbox.run(['init'], SECRETS);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(file);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('"apiKey": "${DEEPSEEK_API_KEY}"');
    expect(text).toContain('"apiKey": "${OPENROUTER_API_KEY}"');
    expect(text + stdout).not.toMatch(/very-secret/);
    expect(text).toMatch(/^ *\/\/ /m);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const check = await sandbox.run(['check'], SECRETS);
    expect(check).toMatchObject({ code: 0, stderr: '' });
    expect(check.stdout).toMatch(/key from DEEPSEEK_API_KEY/);
    expect(check.stdout).toMatch(/key from OPENROUTER_API_KEY/);
    const missing = await sandbox.run(['check']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/DEEPSEEK_API_KEY is not set/);
  });

  it('gives the providers and routes of a start without a config', async () => {
    const summary = async () => {
      const { stdout } = await sandbox.run(['check'], SECRETS);
      return stdout.split('\n').filter((line) => !line.includes('config'));
    };
    const before = await summary();
    expect(before.join('\n')).toMatch(/deepseek/);
    await sandbox.run(['init'], SECRETS);
    expect(await summary()).toEqual(before);
  });

  it('sends background work to the small model, and what asks for a model to that', async () => {
    const env = { ANTHROPIC_API_KEY: 'sk-ant-very-secret' };
    await sandbox.run(['init'], env);
    const body = { model: 'claude-opus-4-8', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
    const hook = [{ type: 'text', text: 'You are evaluating a stop-condition hook.' }];
    const first = async (request: object) => {
      const file = sandbox.file('request.json', JSON.stringify(request));
      const { stdout } = await sandbox.run(['explain', '--json', file], env);
      return (JSON.parse(stdout) as { targets: { target: string }[] }).targets[0]?.target;
    };
    expect(await first(body)).toBe('anthropic/claude-opus-4-8');
    expect(await first({ ...body, system: hook })).toBe('anthropic/claude-haiku-4-5-20251001');
    expect(await first({ ...body, model: 'claude-haiku-9' })).toBe('anthropic/claude-haiku-9');
  });

  it('works without any key', async () => {
    expect(await sandbox.run(['init', 'first.jsonc'])).toMatchObject({ code: 0, stderr: '' });
    expect(await sandbox.run(['check', '--config', 'first.jsonc'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('keeps a file that is there, unless forced, and closes it to others', async () => {
    const file = sandbox.file('own.jsonc', 'mine', 0o644);
    const refused = await sandbox.run(['init', 'own.jsonc']);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `signalbox: ${file} exists already. Overwrite it with --force.\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(await sandbox.run(['init', 'own.jsonc', '--force', '--port', '4321'])).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toContain('"port": 4321');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('says why a file cannot be written', async () => {
    writeFileSync(`${sandbox.dir}/file`, '');
    const { code, stderr } = await sandbox.run(['init', 'file/signalbox.jsonc']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^signalbox: .*file\/signalbox\.jsonc cannot be written: /);
  });
});
