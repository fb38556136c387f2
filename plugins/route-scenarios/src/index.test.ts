import { describe, expect, it } from '@jest/globals';
import { formatTarget, type JsonObject, type LocalProvider } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from '@signalbox/testkit';
import scenarios from './index.ts';

const DEFAULTS = { backgroundModels: ['*haiku*'], models: {} };
const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};

async function gateway(options: JsonObject, providers: readonly string[] = ['openrouter', 'deepseek', 'local']) {
  const host = fakeHost();
  for (const name of providers) host.addProvider(name, silent);
  await applyPlugin(scenarios, { ...DEFAULTS, ...options }, host);
  const plan = (model: string) => host.hooks.route.promise(undefined, fakeExchange({ model }));
  return { host, plan, target: async (model: string) => (await plan(model))?.targets.map(formatTarget).join() };
}

const OPTIONS = {
  default: 'deepseek/deepseek-v4-pro',
  background: 'deepseek/deepseek-flash',
  models: {
    fast: 'local/small',
    'claude-*': 'openrouter/anthropic/claude-*',
    'claude-haiku-*': 'openrouter/~anthropic/claude-haiku-latest',
    '*-local': 'local/{model}',
    'a*b*c': 'local/*.*',
    'local/special': 'deepseek/never',
  },
};

describe('the order of decisions', () => {
  it.each([
    // A name that begins with a provider, as machines and as people write it.
    ['openrouter/anthropic/claude-x', 'openrouter/anthropic/claude-x'],
    ['openrouter,anthropic/claude-x:nitro', 'openrouter/anthropic/claude-x:nitro'],
    ['local/fast', 'local/fast'],
    ['local/special', 'local/special'],
    // A name that is listed.
    ['fast', 'local/small'],
    // Patterns, the longest literal start first.
    ['claude-haiku-4-5', 'openrouter/~anthropic/claude-haiku-latest'],
    ['claude-3-5-haiku', 'deepseek/deepseek-flash'],
    ['claude-opus-5', 'openrouter/anthropic/claude-opus-5'],
    ['claude-local', 'openrouter/anthropic/claude-local'],
    ['llama-local', 'local/llama-local'],
    ['a1b2c', 'local/1.2'],
    // Background work.
    ['other-haiku', 'deepseek/deepseek-flash'],
    // The rest.
    ['gpt-9', 'deepseek/deepseek-v4-pro'],
    ['anthropic/claude-x', 'deepseek/deepseek-v4-pro'],
    ['anthropic,claude-x', 'deepseek/deepseek-v4-pro'],
    ['/x', 'deepseek/deepseek-v4-pro'],
  ])('%s goes to %s', async (model, expected) => {
    expect(await (await gateway(OPTIONS)).target(model)).toBe(expected);
  });

  it('gives its reason in words, with what decided', async () => {
    const { plan } = await gateway(OPTIONS);
    const reason = async (model: string) => (await plan(model))?.reason;
    expect(await reason('local/x')).toContain('the provider local');
    expect(await reason('fast')).toContain('listed in models');
    expect(await reason('claude-x')).toContain('"claude-*"');
    expect(await reason('my-haiku')).toContain('background work ("*haiku*")');
    expect(await reason('gpt-9')).toContain('default');
  });

  it('has no opinion without a default', async () => {
    const { plan } = await gateway({});
    expect(await plan('gpt-9')).toBeUndefined();
    expect(await plan('my-haiku')).toBeUndefined();
  });

  it('fills {model} into default and background', async () => {
    const { target } = await gateway({ default: 'local/{model}', background: 'deepseek/{model}' });
    expect([await target('gpt-9'), await target('x-haiku')]).toEqual(['local/gpt-9', 'deepseek/x-haiku']);
  });

  it('takes other names for background work', async () => {
    const { target } = await gateway({ ...OPTIONS, models: {}, backgroundModels: ['*mini'] });
    expect([await target('gpt-mini'), await target('x-haiku')]).toEqual([OPTIONS.background, OPTIONS.default]);
  });
});

describe('a configuration that cannot work', () => {
  it('names every target whose provider does not exist, before the first request', async () => {
    const { host } = await gateway(OPTIONS, ['deepseek']);
    const message = await host.hooks.ready.promise().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toContain('models["fast"]: no provider is called "local" (target "local/small")');
    expect(message).toContain('models["claude-*"]: no provider is called "openrouter"');
    expect(message).not.toContain('background');
  });

  it('accepts a provider that is listed after it', async () => {
    const { host } = await gateway({ default: 'late/x' }, []);
    host.addProvider('late', silent);
    await expect(host.hooks.ready.promise()).resolves.toBeUndefined();
  });

  it.each([
    [{ default: 'gpt-9' }, 'default: a target is written provider/model'],
    [{ default: '{model}/x' }, 'provider/model'],
    [{ default: 'local/*' }, 'has 1 *, and its pattern 0'],
    [{ models: { 'a*': 'local/*-*' } }, 'has 2 *, and its pattern 1'],
  ])('%j', async (options, message) => {
    await expect(gateway(options as JsonObject)).rejects.toThrow(message);
  });
});

describe('what can never be asked', () => {
  const warnings = async (options: JsonObject) => (await gateway(options)).host.logged.map(({ message }) => message);

  it('is named where a pattern takes every name', async () => {
    const options = {
      default: 'local/x',
      background: 'local/small',
      think: 'local/y',
      models: { '*': 'local/{model}' },
    };
    expect(await warnings(options)).toEqual(['the pattern "*" of models takes every name: never asked are default']);
    expect(await warnings({ ...options, order: ['background', 'models'] })).toEqual([
      'the pattern "*" of models takes every name: never asked are think, default',
    ]);
    expect(await warnings({ ...options, models: { 'a*': 'local/x' } })).toEqual([]);
    expect(await warnings({ background: 'local/small', models: { '*': 'local/x' } })).toEqual([]);
  });

  it('is a strategy behind this one, where there is a default', async () => {
    const behind = async (options: JsonObject) => {
      const { host } = await gateway(options);
      await applyPlugin(scenarios, { ...DEFAULTS, default: 'local/x' }, host);
      return host.logged.length;
    };
    expect(await behind({ default: 'local/x' })).toBe(1);
    expect(await behind({ think: 'local/x' })).toBe(0);
  });
});

it('shows the names it gives to models, not its patterns', async () => {
  const { host } = await gateway(OPTIONS);
  expect(host.models()).toEqual([{ id: 'fast' }, { id: 'local/special' }]);
});
