import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from './command.ts';

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const { version } = manifest as { version: string };
const commands = ['start', 'code', 'check', 'plugins', 'models', 'env', 'init', 'schema'];

describe('signalbox', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.dispose());

  it.each([['--help'], ['-h'], []])('explains itself: %s', async (...args) => {
    const { code, stdout, stderr } = await sandbox.run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of commands) expect(stdout).toContain(`\n  ${command} `);
  });

  it.each([...commands])('explains %s', async (command) => {
    const args = command === 'code' ? ['--help', 'code'] : [command, '--help'];
    const { code, stdout, stderr } = await sandbox.run(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: signalbox .*\\b${command}\\b`));
    expect(stdout).toContain('--config FILE');
  });

  it.each([[['--version']], [['-v']], [['start', '--version']], [['check', '-v']]])(
    'says its version: %j',
    async (args) => {
      expect(await sandbox.run(args)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    },
  );

  it.each([
    [['launch'], 'there is no command "launch". See: signalbox --help'],
    [['start', '--prot', '4000'], "Unknown option '--prot'. See: signalbox start --help"],
    [['--port', 'x', 'start'], '--port must be a number from 0 to 65535, not "x"'],
    [['start', '--port', '65536'], '--port must be a number from 0 to 65535, not "65536"'],
    [['start', '--port'], "Option '-p, --port <value>' argument missing. See: signalbox start --help"],
    [['start', '--config='], '--config needs a value'],
    [['check', 'more'], '"more" is one argument too many. See: signalbox check --help'],
    [['check', '--force'], "Unknown option '--force'. See: signalbox check --help"],
    [['start', '--workers', '0'], '--workers must be a number from 1 to 256 or "auto", not "0"'],
    [['start', '--workers', 'many'], '--workers must be a number from 1 to 256 or "auto", not "many"'],
    [['check', '--workers', '2'], "Unknown option '--workers'. See: signalbox check --help"],
    [['env', '--shell', 'csh'], '--shell must be one of sh, fish, powershell, not "csh"'],
  ])('refuses wrong usage with exit code 2: %j', async (args, message) => {
    expect(await sandbox.run(args)).toMatchObject({ code: 2, stdout: '', stderr: `signalbox: ${message}\n` });
  });

  it('prints a JSON schema that takes a reference to the environment in place of any number', async () => {
    const { stdout } = await sandbox.run(['schema']);
    const { port, host } = JSON.parse(stdout).properties.server.properties;
    // A minimum is for numbers, a pattern for texts.
    expect(port).toMatchObject({ type: ['integer', 'string'], minimum: 0, maximum: 65_535 });
    expect(host).not.toHaveProperty('pattern');
    for (const text of ['${PORT}', '${PORT:-80}']) expect(text).toMatch(new RegExp(port.pattern));
    for (const text of ['80', 'x${PORT}', '$${PORT}']) expect(text).not.toMatch(new RegExp(port.pattern));
  });

  it('prints a JSON schema that knows the server’s keys', async () => {
    const { code, stdout } = await sandbox.run(['schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['plugins'],
      properties: { server: { properties: { port: { maximum: 65_535 } } } },
    });
  });
});
