import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from './command.ts';

const CATALOGUE = fileURLToPath(new URL('../../model-catalogue/src/index.ts', import.meta.url));
const cells = (stdout: string) => stdout.split('\n').map((line) => line.trim().split(/ {2,}/));

describe('signalbox models', () => {
  let sandbox: Sandbox;
  let server: Server | undefined;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => {
    sandbox.dispose();
    server?.close();
    server?.closeAllConnections();
    server = undefined;
  });

  const config = (...plugins: readonly unknown[]) => sandbox.file('signalbox.jsonc', JSON.stringify({ plugins }));
  const anthropic = ['@signalbox/provider-anthropic', { apiKey: 'k', models: ['claude-opus-5-5'] }];

  it('lists what the providers name and what the catalogue knows, with limits and prices', async () => {
    config(CATALOGUE, anthropic, ['@signalbox/provider-deepseek', { apiKey: 'k' }]);
    const { code, stdout, stderr } = await sandbox.run(['models']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [heading, ...rows] = cells(stdout);
    expect(heading).toEqual(['MODEL', 'CONTEXT', 'OUTPUT', 'IN', 'OUT', 'CACHE', 'ABILITIES']);
    expect(rows[0]).toEqual([
      'anthropic/claude-opus-5-5',
      '1M',
      '128k',
      '4.00',
      '20.00',
      '0.20/5.00',
      'images documents tools reasoning structured',
    ]);
    const ids = rows.map(([id]) => id);
    expect(ids).toEqual(expect.arrayContaining(['anthropic/claude-haiku-5-5', 'deepseek/deepseek-flash']));
    expect(ids.filter((id) => id === 'anthropic/claude-opus-5-5')).toHaveLength(1);
    expect(ids.some((id) => id?.startsWith('openrouter/'))).toBe(false);
    expect(rows.find(([id]) => id === 'anthropic/claude-haiku-5-5')?.[3]).toBe('0.10+');
    expect(stdout).toContain('Prices in USD per million tokens');
  });

  it('filters by name, provider, ability and price', async () => {
    config(CATALOGUE, anthropic, ['@signalbox/provider-deepseek', { apiKey: 'k' }]);
    const ids = async (...args: string[]) => {
      const { code, stdout } = await sandbox.run(['models', '--json', ...args]);
      expect(code).toBe(0);
      return (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
    };
    expect(await ids('HAIKU-5')).toEqual(['anthropic/claude-haiku-5-5']);
    expect(await ids('*/claude-opus-5*')).toEqual(['anthropic/claude-opus-5-5', 'anthropic/claude-opus-5']);
    expect(await ids('claude-OPUS-5*')).toEqual(['anthropic/claude-opus-5-5', 'anthropic/claude-opus-5']);
    expect(await ids('*', '--provider', 'nobody')).toEqual([]);
    expect(await ids('--provider', 'deepseek', '--capability', 'images')).toEqual([
      'deepseek/deepseek-flash',
      'deepseek/deepseek-v4-flash',
    ]);
    expect(await ids('--max-price', '0.5')).toEqual(['anthropic/claude-haiku-5-5']);
    expect(await ids('nothing-like-it')).toEqual([]);
  });

  it('says so where nothing fits, and where nothing is known', async () => {
    config(CATALOGUE, anthropic);
    const none = await sandbox.run(['models', 'nothing-like-it']);
    expect(none.stdout).toMatch(/^None of the \d+ models fits\.\n$/);
    config(['@signalbox/provider-anthropic', { apiKey: 'k' }]);
    const unknown = await sandbox.run(['models']);
    expect(unknown).toMatchObject({ code: 0, stderr: '' });
    expect(unknown.stdout).toMatch(/^No models are known: /);
    expect(unknown.stdout).toContain('Limits and prices come with the plugin "@signalbox/model-catalogue".');
  });

  it('shows what is not known as such', async () => {
    config(['@signalbox/provider-anthropic', { apiKey: 'k', models: ['claude-opus-5-5'] }]);
    const { stdout } = await sandbox.run(['models']);
    expect(cells(stdout)[1]).toEqual(['anthropic/claude-opus-5-5', '-', '-', '-', '-', '-', '-']);
  });

  it.each([
    [['--capability', 'smell'], '--capability must be one of images, documents, tools,'],
    [['--max-price', 'cheap'], '--max-price must be a price in USD, not "cheap"'],
    [['a', 'b'], '"b" is one argument too many'],
  ])('refuses wrong usage with exit code 2: %j', async (args, message) => {
    const { code, stdout, stderr } = await sandbox.run(['models', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  describe('--refresh', () => {
    const list = { data: [{ id: 'llama', max_model_len: 8192 }] };

    it('asks the providers first, and the next run knows it from the file', async () => {
      let asked = 0;
      server = createServer((_request, response) => {
        asked++;
        response.setHeader('content-type', 'application/json').end(JSON.stringify(list));
      });
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      config(CATALOGUE, ['@signalbox/provider-compatible', { name: 'local', baseUrl: `http://127.0.0.1:${port}/v1` }]);
      expect((await sandbox.run(['models'])).stdout).toMatch(/^No models are known/);
      expect(asked).toBe(0);
      const { code, stdout, stderr } = await sandbox.run(['models', '--refresh']);
      expect({ code, stderr, asked }).toEqual({ code: 0, stderr: '', asked: 1 });
      expect(cells(stdout)[1]).toEqual(['local/llama', '8k', '-', '-', '-', '-', '-']);
      const file = `${sandbox.dir}/.cache/signalbox/models.json`;
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ lists: { local: { models: [{ id: 'llama' }] } } });
      expect(cells((await sandbox.run(['models'])).stdout)[1]?.[0]).toBe('local/llama');
      expect(asked).toBe(1);
    });

    it('F41 says what could not be had, and shows what is known', async () => {
      const nowhere = 'http://127.0.0.1:1';
      config(CATALOGUE, ['@signalbox/provider-anthropic', { apiKey: 'k', baseUrl: nowhere }]);
      const { code, stdout, stderr } = await sandbox.run(['models', '--refresh', 'claude-opus-5-5']);
      expect(code).toBe(0);
      expect(stderr).toMatch(/not all lists of models could be renewed/);
      expect(cells(stdout)[1]?.[0]).toBe('anthropic/claude-opus-5-5');
    });

    it('needs the catalogue', async () => {
      config(anthropic);
      const { code, stderr } = await sandbox.run(['models', '--refresh']);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'signalbox: --refresh needs the plugin "@signalbox/model-catalogue", which the config does not have\n',
      });
    });
  });
});
