import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type Env, entries, gateway, NOBODY, only } from '../test/support.ts';
import { describeEnvironment } from './index.ts';

/** A server that has models like Ollama. */
async function fakeOllama(answer: string): Promise<{ host: string; close(): void }> {
  const server = createServer((_request, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

describe('describeEnvironment', () => {
  it('finds the providers whose keys are set, best first, and gives no key away', () => {
    expect(describeEnvironment({ ...only('DEEPSEEK', 'ANTHROPIC'), OPENAI_API_KEY: ' ' })).toEqual([
      { name: 'anthropic', variable: 'ANTHROPIC_API_KEY' },
      { name: 'deepseek', variable: 'DEEPSEEK_API_KEY' },
    ]);
    expect(describeEnvironment({})).toEqual([]);
  });
});

describe('the plugins', () => {
  it('are all formats, a catalogue, a provider per key, the demo, routes, limits, stable prompts and a log', async () => {
    expect((await entries(only('DEEPSEEK'))).map(({ name }) => name)).toEqual([
      'format-anthropic-messages',
      'format-openai-chat',
      'format-openai-responses',
      'format-gemini',
      'format-ollama',
      'model-catalogue',
      'provider-deepseek',
      'provider-demo',
      'route-scenarios',
      'transform-max-tokens',
      'transform-stable-prefix',
      'transform-response-store',
      'transform-keep-reasoning',
      'transform-tool-check',
      'log-pino',
    ]);
  });

  it('leave the log out where it is not wanted', async () => {
    expect((await entries({}, { log: false })).map(({ name }) => name)).not.toContain('log-pino');
  });

  it('have their keys from the environment, without the blanks that shells leave', async () => {
    const [found] = (await entries({ OPENAI_API_KEY: ' oa\n' })).filter(({ name }) => name === 'provider-openai');
    expect(found?.given).toEqual({ apiKey: 'oa' });
  });

  it.each([
    [[]],
    [['ANTHROPIC']],
    [['OPENROUTER']],
    [['DEEPSEEK']],
    [['OPENAI']],
    [['GEMINI']],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI']],
  ])('start with the keys of %j', async (names: string[]) => {
    const { host } = await gateway(only(...names));
    expect([...host.providers.keys()]).toEqual([...names.map((name) => name.toLowerCase()), 'demo']);
    expect(host.formats.map(({ id }) => id)).toEqual([
      'anthropic-messages',
      'openai-chat',
      'openai-responses',
      'gemini',
      'ollama',
    ]);
  });
});

describe('a local Ollama', () => {
  it.each([
    ['has its models asked for where there is no key', {}, 'ollama/qwen3:8b'],
    ['is there beside the keys', only('DEEPSEEK'), 'deepseek/deepseek-v4-pro'],
  ])('%s', async (_name, keys: Env, expected) => {
    const server = await fakeOllama(JSON.stringify({ models: [{ name: 'qwen3:8b' }, { name: 'other' }] }));
    try {
      const { host, target } = await gateway({ ...keys, OLLAMA_HOST: server.host });
      expect(host.hasProvider('ollama')).toBe(true);
      expect(await target('claude-opus-4-8')).toBe(expected);
      expect(await target('ollama/other')).toBe('ollama/other');
    } finally {
      server.close();
    }
  });

  it.each(['not json', '{"models": 1}', '{"models": []}'])('that answers %j answers no requests', async (answer) => {
    const server = await fakeOllama(answer);
    try {
      expect(await (await gateway({ OLLAMA_HOST: server.host })).target('claude-opus-4-8')).toBe('demo/demo');
    } finally {
      server.close();
    }
  });

  it.each(['', 'not a url at all', '0.0.0.0:1', 'http://127.0.0.1:1/'])('is looked for at %j', async (host) => {
    expect((await entries({ OLLAMA_HOST: host || NOBODY })).map(({ name }) => name)).not.toContain('provider-ollama');
  });
});

describe('the routes', () => {
  const HAIKU = 'claude-haiku-4-5-20251001';
  it.each<[string[], string, string]>([
    [[], 'claude-opus-4-8', 'demo/demo'],
    [[], HAIKU, 'demo/demo'],
    [['ANTHROPIC'], 'claude-opus-4-8', 'anthropic/claude-opus-4-8'],
    [['ANTHROPIC'], HAIKU, `anthropic/${HAIKU}`],
    [['ANTHROPIC'], 'claude-3-5-haiku-20241022', 'anthropic/claude-3-5-haiku-20241022'],
    [['ANTHROPIC'], 'gw-haiku', `anthropic/${HAIKU}`],
    [['ANTHROPIC'], 'gpt-6.1-sol', 'anthropic/claude-sonnet-5-5'],
    [['OPENROUTER'], 'claude-opus-4-8', 'openrouter/~anthropic/claude-opus-latest'],
    [['OPENROUTER'], 'claude-sonnet-5', 'openrouter/~anthropic/claude-sonnet-latest'],
    [['OPENROUTER'], HAIKU, 'openrouter/~anthropic/claude-haiku-latest'],
    [['OPENROUTER'], 'claude-fable-5', 'openrouter/~anthropic/claude-sonnet-latest'],
    [['OPENROUTER'], 'gpt-6.1-sol', 'openrouter/openai/gpt-6.1-sol'],
    [['OPENROUTER'], 'anthropic/claude-sonnet-4.5', 'openrouter/anthropic/claude-sonnet-4.5'],
    [['OPENROUTER'], 'anthropic/claude-haiku-4.5', 'openrouter/anthropic/claude-haiku-4.5'],
    [['OPENROUTER'], 'Claude-Haiku-4.5', 'openrouter/~anthropic/claude-haiku-latest'],
    [['OPENROUTER'], 'something', 'openrouter/~anthropic/claude-sonnet-latest'],
    [['DEEPSEEK'], 'claude-opus-4-8', 'deepseek/deepseek-v4-pro'],
    [['DEEPSEEK'], HAIKU, 'deepseek/deepseek-flash'],
    [['DEEPSEEK'], 'deepseek-flash', 'deepseek/deepseek-flash'],
    [['DEEPSEEK'], 'anthropic/claude-x', 'deepseek/deepseek-v4-pro'],
    [['OPENAI'], 'claude-opus-4-8', 'openai/gpt-6.1-sol'],
    [['OPENAI'], HAIKU, 'openai/gpt-6-luna'],
    [['OPENAI'], 'o3', 'openai/o3'],
    [['GEMINI'], 'claude-opus-4-8', 'gemini/gemini-4-argon'],
    [['GEMINI'], HAIKU, 'gemini/gemini-flash-lite-latest'],
    [['OPENAI', 'GEMINI'], 'gemini-3.8-flash', 'gemini/gemini-3.8-flash'],
    [['OPENROUTER'], 'gemini-3.8-flash', 'openrouter/google/gemini-3.8-flash'],
    [['OPENAI', 'DEEPSEEK'], 'claude-opus-4-8', 'deepseek/deepseek-v4-pro'],
    [['OPENAI', 'DEEPSEEK'], 'gpt-5.2', 'openai/gpt-5.2'],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI'], 'claude-opus-4-8', 'anthropic/claude-opus-4-8'],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI'], 'o4-mini', 'openai/o4-mini'],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI'], 'deepseek-v4-pro', 'deepseek/deepseek-v4-pro'],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI'], 'qwen/qwen-max', 'openrouter/qwen/qwen-max'],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI'], 'anthropic/claude-x', 'anthropic/claude-x'],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI'], 'demo/x', 'demo/x'],
    [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI'], 'anything', 'anthropic/claude-sonnet-5-5'],
  ])('with %j send %s to %s', async (names, model, expected) => {
    expect(await (await gateway(only(...names))).target(model)).toBe(expected);
  });
});
