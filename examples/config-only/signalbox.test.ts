import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { createGeneration, loadConfig } from '@signalbox/core';

it('loads as it is, with the keys it asks for', async () => {
  const env = { OPENROUTER_API_KEY: 'sk-or-example', DEEPSEEK_API_KEY: 'sk-ds-example' };
  const config = await loadConfig(join(import.meta.dirname, 'signalbox.jsonc'), env);
  const generation = await createGeneration(config, {
    importPlugin: async (name) => ({ module: await import(name), url: 'test:' }),
  });
  expect([...generation.providers.keys()]).toEqual(['openrouter', 'deepseek', 'local']);
  expect(generation.models().map(({ id }) => id)).toEqual(expect.arrayContaining(['deepseek/deepseek-v4-pro']));
  await generation.close();
});

it('says which key is missing, and where', async () => {
  await expect(loadConfig(join(import.meta.dirname, 'signalbox.jsonc'), { OPENROUTER_API_KEY: 'x' })).rejects.toThrow(
    /signalbox\.jsonc:\d+:\d+: plugins\[3\]\[1\]\.apiKey: the environment variable DEEPSEEK_API_KEY is not set/,
  );
});
