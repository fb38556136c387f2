import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, LocalProvider, ModelInfo } from '@signalbox/kit';
import { applyPlugin, type FakeHost, fakeHost } from '@signalbox/testkit';
import { readCache } from './cache-file.ts';
import catalogue from './index.ts';

const OPTIONS = { providers: {}, overrides: {}, refreshHours: 0 };

describe('model-catalogue', () => {
  let dir: string;
  let file: string;
  const hosts: FakeHost[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-catalogue-'));
    file = join(dir, 'models.json');
  });
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.hooks.close.promise();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The catalogue on a host whose providers answer as given. */
  const create = async (
    options: JsonObject = {},
    answers: Readonly<Record<string, readonly ModelInfo[]>> = {},
    env: Readonly<Record<string, string>> = {},
  ) => {
    const host: FakeHost = {
      ...fakeHost({ configDir: dir, env }),
      listingProviders: () => Object.keys(answers),
      fetchModels: async (name) => answers[name] ?? [],
    };
    await applyPlugin(catalogue, { ...OPTIONS, cacheFile: 'models.json', ...options }, host);
    hosts.push(host);
    return host;
  };
  const info = (host: FakeHost, target: string) => {
    const slash = target.indexOf('/');
    return host.modelInfo({ provider: target.slice(0, slash), model: target.slice(slash + 1) });
  };

  it('F97 knows the models of the providers by their own names', async () => {
    const host = await create();
    expect(info(host, 'anthropic/claude-sonnet-5-5')).toMatchObject({
      contextTokens: 1_000_000,
      maxOutputTokens: 128_000,
      prices: { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
      capabilities: { images: true, prefill: false },
    });
    expect(info(host, 'anthropic/claude-haiku-4-5-20251001')?.contextTokens).toBe(200_000);
    expect(info(host, 'demo/demo')).toBeUndefined();
  });

  it('F41 takes another name’s prices only where the config says whose it is', async () => {
    const unsaid = await create();
    expect(info(unsaid, 'work/gpt-6-luna')).toMatchObject({ contextTokens: 1_050_000 });
    expect(info(unsaid, 'work/gpt-6-luna')?.prices).toBeUndefined();
    const said = await create({ providers: { work: 'openai' } });
    expect(info(said, 'work/gpt-6-luna')?.prices?.input).toBe(0.1);
  });

  it('refuses to know a provider that the catalogue does not have', async () => {
    await expect(create({ providers: { work: 'opnai' } })).rejects.toThrow(
      'providers.work: must be one of anthropic, openai, gemini,',
    );
  });

  it('goes from the config’s own word to the provider’s, its list, and the catalogue', async () => {
    const lists = { deepseek: [{ id: 'deepseek-flash', contextTokens: 3, displayName: 'listed' }] };
    const host = await create({ overrides: { 'deepseek/*': { contextTokens: 1 } } }, lists, {
      SIGNALBOX_REFRESH_MODELS: '1',
    });
    const provider: LocalProvider = {
      models: () => [{ id: 'deepseek-flash', contextTokens: 2, displayName: 'its own' }],
      answer: () => {
        throw new Error('nobody asks');
      },
    };
    await host.hooks.ready.promise();
    expect(info(host, 'deepseek/deepseek-flash')).toMatchObject({
      contextTokens: 1,
      displayName: 'listed',
      maxOutputTokens: 384_000,
    });
    host.addProvider('deepseek', provider);
    expect(info(host, 'deepseek/deepseek-flash')).toMatchObject({ contextTokens: 1, displayName: 'its own' });
  });

  it('uses the kept lists of an earlier run at once, before anybody is asked', async () => {
    const lists = { local: [{ id: 'llama', contextTokens: 8192 }] };
    const first = await create({}, lists, { SIGNALBOX_REFRESH_MODELS: '1' });
    expect(info(first, 'local/llama')).toBeUndefined();
    await first.hooks.ready.promise();
    expect(info(first, 'local/llama')).toEqual({ id: 'llama', contextTokens: 8192 });
    const second = await create();
    expect(info(second, 'local/llama')).toEqual({ id: 'llama', contextTokens: 8192 });
    expect([...(await readCache(file)).keys()]).toEqual(['local']);
  });

  it('F41 starts with a broken cache file as without one, and says so once', async () => {
    writeFileSync(file, '{"version":1,"lists":{"local":{"fetchedAt":"2026-01-01","models":[{"id":1}]}}}');
    const host = await create();
    expect(host.logged).toEqual([
      {
        level: 'warn',
        fields: { file, problem: 'local.models[0].id: not a text' },
        message: 'the kept lists of models cannot be used',
      },
    ]);
    expect(info(host, 'anthropic/claude-opus-5-5')?.contextTokens).toBe(1_000_000);
  });

  it('never keeps the start waiting for a provider', async () => {
    const host: FakeHost = {
      ...fakeHost({ configDir: dir }),
      listingProviders: () => ['p'],
      fetchModels: () => new Promise(() => {}),
    };
    await applyPlugin(catalogue, { ...OPTIONS, cacheFile: 'models.json', refreshHours: 24 }, host);
    hosts.push(host);
    await host.hooks.ready.promise();
  });

  it('names all models of the providers that there are: those they list, else those of the catalogue', async () => {
    const provider: LocalProvider = {
      answer: () => {
        throw new Error('nobody asks');
      },
    };
    const lists = {
      work: [{ id: 'gpt-6-luna' }, { id: 'text-embedding-9' }, { id: 'gpt-7', contextTokens: 5 }],
      local: [{ id: 'llama' }],
      gone: [{ id: 'm' }],
    };
    const host = await create({ providers: { work: 'openai' } }, lists, { SIGNALBOX_REFRESH_MODELS: '1' });
    for (const name of ['work', 'local', 'groq']) host.addProvider(name, provider);
    const names = () => host.models().map(({ id }) => id);
    expect(names()).toEqual(expect.arrayContaining(['work/gpt-6.1-sol', 'groq/openai/gpt-oss-120b']));
    await host.hooks.ready.promise();
    expect(names().filter((name) => !name.startsWith('groq/'))).toEqual([
      'work/gpt-6-luna',
      'work/gpt-7',
      'local/llama',
    ]);
  });
});
