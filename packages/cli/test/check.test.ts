import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PLUGIN, Sandbox } from './command.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('signalbox check', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file('own.ts', PLUGIN);
  });
  afterEach(() => sandbox.dispose());

  const withConfig = (text: string, name = 'signalbox.jsonc') => sandbox.file(name, text);

  it('says OK and where the config is', async () => {
    const file = withConfig('{ "plugins": [["./own.ts", { "apiKey": "${OWN_KEY}" }]] }');
    const { code, stdout, stderr } = await sandbox.run(['check'], { OWN_KEY: 'very-secret' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^OK\n/);
    expect(stdout).toContain(file);
    expect(stdout).not.toContain('very-secret');
  });

  it('names line, column and the likely key of a misspelt one', async () => {
    withConfig('{\n  "plugins": [\n    ["./own.ts", { "apiKye": "x" }],\n  ],\n}\n');
    const { code, stdout, stderr } = await sandbox.run(['check']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n').sort()).toEqual([
      expect.stringMatching(/^signalbox\.jsonc:3:18: plugin log-own, .*required, but missing$/),
      expect.stringMatching(/^signalbox\.jsonc:3:20: plugin log-own, .*apiKye: unknown key\. Did you mean "apiKey"\?$/),
    ]);
  });

  it.each([
    [
      'a variable that is not set',
      '{\n  "plugins": [["./own.ts", { "apiKey": "${NO_KEY}" }]]\n}',
      /^signalbox\.jsonc:2:40: .*NO_KEY is not set/,
    ],
    ['text that is no JSON', '{\n  "plugins": [\n', /^signalbox\.jsonc:\d+:\d+: not valid JSON/],
    [
      'a plugin that is not there',
      '{\n  "plugins": ["./none.ts"]\n}',
      /^signalbox\.jsonc:2:15: .*"\.\/none\.ts" cannot be loaded/,
    ],
    [
      'a package that is not installed',
      '{ "plugins": ["signalbox-plugin-none"] }',
      /npm install signalbox-plugin-none/,
    ],
    [
      'a wrong server key',
      '{\n  "server": { "prot": 1 },\n  "plugins": []\n}',
      /^signalbox\.jsonc:2:15: .*Did you mean "port"\?/,
    ],
    ['a module that is no plugin', '{ "plugins": ["./text.ts"] }', /"\.\/text\.ts" is not a Signalbox plugin/],
  ])('reports %s', async (_, text, message) => {
    sandbox.file('text.ts', 'export default "text";');
    withConfig(text);
    const { code, stdout, stderr } = await sandbox.run(['check']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('finds every plugin of this repository from a folder that has none', async () => {
    const folders = ['plugins', 'packages/formats', 'packages/model-catalogue'].map((path) => join(ROOT, path));
    const names = globSync(folders.flatMap((folder) => [`${folder}/package.json`, `${folder}/*/package.json`]))
      .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { name: string })
      .map(({ name }) => name);
    expect(names.length).toBeGreaterThan(35);
    withConfig(JSON.stringify({ plugins: names }));
    const { stderr } = await sandbox.run(['check']);
    // Those that want options say so.
    expect(stderr).toMatch(/provider-bedrock.*region: required/);
    expect(stderr).not.toMatch(/installed|cannot be loaded/);
  });

  it('shows stacks when DEBUG asks for them', async () => {
    withConfig('{ "plugins": ["./none.ts"] }');
    const { code, stderr } = await sandbox.run(['check'], { DEBUG: 'signalbox' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ +at /m);
  });

  it('looks for the config in this order: option, variable, folder, home', async () => {
    const entry = '{ "plugins": [["./own.ts", { "apiKey": "x" }]] }';
    const used = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
      const { stdout } = await sandbox.run(['check', ...args], env);
      return /config +(\S+)/.exec(stdout)?.[1];
    };
    sandbox.file('.config/signalbox/own.ts', PLUGIN);
    const home = withConfig(entry, '.config/signalbox/signalbox.jsonc');
    expect(await used([])).toBe(home);
    sandbox.file('xdg/signalbox/own.ts', PLUGIN);
    const xdg = withConfig(entry, 'xdg/signalbox/signalbox.jsonc');
    expect(await used([], { XDG_CONFIG_HOME: `${sandbox.dir}/xdg` })).toBe(xdg);
    const here = withConfig(entry);
    expect(await used([])).toBe(here);
    const variable = withConfig(entry, 'variable.jsonc');
    expect(await used([], { SIGNALBOX_CONFIG: 'variable.jsonc' })).toBe(variable);
    const option = withConfig(entry, 'option.jsonc');
    expect(await used(['--config', 'option.jsonc'], { SIGNALBOX_CONFIG: 'variable.jsonc' })).toBe(option);
  });

  it('does not fall back where the named file is missing', async () => {
    withConfig('{ "plugins": [] }');
    const { code, stderr } = await sandbox.run(['check', '--config', 'missing.jsonc']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/missing\.jsonc: the config cannot be read: there is no such file/);
  });

  it('tells a key from the environment from one in the config, and shows neither', async () => {
    const provider = (name: string, apiKey: string) =>
      `["@signalbox/provider-deepseek", { "name": "${name}", "apiKey": "${apiKey}" }]`;
    withConfig(`{ "plugins": [${provider('first', 'sk-written-down-secret')}, ${provider('second', '${OWN_KEY}')}] }`);
    const { code, stdout } = await sandbox.run(['check'], { OWN_KEY: 'sk-own-secret' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/first +key in the config\n +second +key from OWN_KEY\n/);
    expect(stdout).not.toContain('secret');
  });

  it('takes no other variable for a key', async () => {
    const entry = '["@signalbox/provider-deepseek", { "baseUrl": "${OWN_URL}", "apiKey": "${OWN_KEY}" }]';
    const plain = '["@signalbox/provider-deepseek", { "name": "b", "baseUrl": "${OWN_URL}", "apiKey": "sk-here" }]';
    withConfig(`{ "plugins": [${entry}, ${plain}] }`);
    const { stdout } = await sandbox.run(['check'], { OWN_KEY: 'sk-own-secret', OWN_URL: 'https://acme.example' });
    expect(stdout).toMatch(/deepseek +key from OWN_KEY\n +b +key in the config\n/);
  });

  const local = `["@signalbox/provider-compatible", { "name": "local", "baseUrl": "http://127.0.0.1:1", "format": "openai-chat" }]`;

  it('shows where requests go, and no paths beside it', async () => {
    sandbox.file('route.mjs', 'export default () => undefined;');
    const scenarios = `["@signalbox/route-scenarios", { "default": "local/x", "longContext": { "target": "local/y" } }]`;
    const others = `["@signalbox/route-script", { "file": "./route.mjs" }], ${scenarios}, ["@signalbox/route-fallback", { "default": ["local/z"] }]`;
    withConfig(`{ "plugins": [${local}, ${others}] }`);
    const { stdout, stderr } = await sandbox.run(['check']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/routes +default → local\/x\n +longContext → local\/y\n +fallback default → local\/z\n/);
    expect(stdout).not.toContain('→ ./route.mjs');
  });

  it('warns of what can never be asked', async () => {
    const rules = `["@signalbox/route-rules", { "rules": [{ "to": "local/x" }, { "when": "stream", "to": "local/y" }] }]`;
    withConfig(`{ "plugins": [${local}, ["@signalbox/route-scenarios", { "default": "local/x" }], ${rules}] }`);
    const { code, stdout, stderr } = await sandbox.run(['check']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^OK\n/);
    expect(stderr).toContain('List route-rules before route-scenarios.');
    expect(stderr).toContain('rules[1]: never asked, as rules[0] before it has no condition');
  });

  it('warns of what would show in the outage only', async () => {
    const fallback = `["@signalbox/route-fallback", { "fallbacks": { "loca/*": ["local/y"], "scenario:backgroud": ["local/y"] } }]`;
    const limit = `["@signalbox/limit-rate", { "targets": { "locl/*": { "concurrent": 1 } } }]`;
    withConfig(`{ "plugins": [${limit}, ${fallback}, ${local}] }`);
    const { code, stderr } = await sandbox.run(['check']);
    expect(code).toBe(0);
    expect(stderr).toContain('Did you mean "local/*"?');
    expect(stderr).toContain('Did you mean "background"?');
    expect(stderr).toContain('targets["locl/*"] limits nothing: no provider is called "locl". Did you mean "local/*"?');
  });

  it('names a misspelt option of a scenario, and says nothing of what it could be instead', async () => {
    const scenarios = `["@signalbox/route-scenarios", { "longContext": { "target": "local/y", "thresholdTokns": 5 } }]`;
    withConfig(`{ "plugins": [${local}, ${scenarios}] }`);
    const { stderr } = await sandbox.run(['check']);
    expect(stderr).toMatch(/longContext\.thresholdTokns: unknown key\. Did you mean "thresholdTokens"\?\n$/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('works without a config, from the keys in the environment', async () => {
    const { code, stdout, stderr } = await sandbox.run(['check'], { DEEPSEEK_API_KEY: 'sk-very-secret-key' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/providers +deepseek +key from DEEPSEEK_API_KEY\n/);
    expect(stdout).toMatch(/routes +\S+ → deepseek\//);
    expect(stdout).not.toContain('sk-very-secret-key');
  });
});
