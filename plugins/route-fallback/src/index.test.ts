import { describe, expect, it } from '@jest/globals';
import { formatTarget, type JsonObject, type LocalProvider, parseTarget, type RoutePlan } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from '@signalbox/testkit';
import fc from 'fast-check';
import fallback from './index.ts';

const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};

async function gateway(options: JsonObject, providers: readonly string[] = ['a', 'b', 'c']) {
  const host = fakeHost();
  for (const name of providers) host.addProvider(name, silent);
  await applyPlugin(fallback, { fallbacks: {}, default: [], ...options }, host);
  const refine = async (targets: readonly string[], model = 'm', policy: Partial<RoutePlan> = {}) =>
    host.hooks.route.promise(planOf(targets, policy), fakeExchange({ model }));
  return {
    host,
    refine,
    targets: async (targets: readonly string[], model?: string) =>
      (await refine(targets, model))?.targets.map(formatTarget),
  };
}

function planOf(targets: readonly string[], policy: Partial<RoutePlan> = {}): RoutePlan {
  const parsed = targets.flatMap((text) => parseTarget(text) ?? []);
  return { targets: parsed, reason: 'the router says so', ...policy };
}

const OPTIONS = {
  fallbacks: {
    'a/*': ['b/vendor/{model}', 'c/any'],
    'a/special': ['c/special'],
    fast: ['b/fast'],
    'c/*': [],
  },
  default: ['a/main', 'b/main'],
};

describe('the targets behind the first', () => {
  it.each([
    ['a pattern of the target', ['a/x'], 'm', ['a/x', 'b/vendor/x', 'c/any']],
    ['a name before a pattern', ['a/special'], 'm', ['a/special', 'c/special']],
    ['the model as asked for', ['b/y'], 'fast', ['b/y', 'b/fast']],
    ['the default', ['b/y'], 'm', ['b/y', 'a/main', 'b/main']],
    ['an empty list', ['c/x'], 'm', ['c/x']],
    ['what the plan has already', ['b/main'], 'm', ['b/main', 'a/main']],
    ['a plan with several targets', ['b/y', 'a/main', 'c/z'], 'm', ['b/y', 'a/main', 'c/z', 'b/main']],
    ['a model with a dollar sign', ["a/$'$&"], 'm', ["a/$'$&", "b/vendor/$'$&", 'c/any']],
  ])('%s', async (_name, plan, model, expected) => {
    expect(await (await gateway(OPTIONS)).targets(plan, model)).toEqual(expected);
  });

  it('keep the plan’s targets in front and never repeat one', async () => {
    const target = fc.constantFrom('a/x', 'a/special', 'b/y', 'c/any', 'a/main', 'b/main', 'b/vendor/x');
    const { targets } = await gateway(OPTIONS);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(target, { minLength: 1 }), async (plan) => {
        const refined = (await targets(plan)) ?? [];
        expect(refined.slice(0, plan.length)).toEqual(plan);
        expect(new Set(refined).size).toBe(refined.length);
      }),
    );
  });

  it('come with the reasons of both', async () => {
    const { refine } = await gateway(OPTIONS);
    expect((await refine(['a/x']))?.reason).toBe('the router says so; then b/vendor/x, c/any: the fallback of "a/*"');
    expect((await refine(['b/y']))?.reason).toBe('the router says so; then a/main, b/main: the default fallback');
  });
});

describe('the policy of a plan', () => {
  const policy = { retry: { maxRetries: 3 }, moveOn: ['RATE_LIMITED'] };

  it('says what moves on and how often a target is tried again, with and without fallbacks', async () => {
    const { refine } = await gateway({ ...OPTIONS, on: policy.moveOn, retry: policy.retry });
    expect(await refine(['b/y'])).toMatchObject(policy);
    expect(await refine(['c/x'])).toEqual(planOf(['c/x'], policy));
  });

  it('stays as another strategy made it where the options say nothing', async () => {
    const { refine } = await gateway(OPTIONS);
    expect(await refine(['b/y'], 'm', policy)).toMatchObject(policy);
    expect(await refine(['b/y'])).not.toHaveProperty('retry');
    expect(await refine(['b/y'])).not.toHaveProperty('moveOn');
  });
});

it('makes no plan of its own', async () => {
  const { host } = await gateway(OPTIONS);
  expect(await host.hooks.route.promise(undefined, fakeExchange({ model: 'fast' }))).toBeUndefined();
});

describe('a configuration that cannot work', () => {
  it('names every target whose provider does not exist, before the first request', async () => {
    const { host } = await gateway(OPTIONS, ['a', 'c']);
    const message = await host.hooks.ready.promise().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toContain('fallbacks["a/*"][0]: no provider is called "b" (target "b/vendor/{model}")');
    expect(message).toContain('default[1]: no provider is called "b"');
    expect(message).not.toContain('"c"');
  });

  it('says which provider may be meant', async () => {
    const { host } = await gateway({ default: ['anthropc/x'] }, ['anthropic']);
    await expect(host.hooks.ready.promise()).rejects.toThrow(
      'default[0]: no provider is called "anthropc" (target "anthropc/x"). Did you mean "anthropic"? List the plugin',
    );
  });

  it.each([
    [
      'antropic/*',
      'fallbacks["antropic/*"]: it is only for clients that ask for a model by that name: no provider is called "antropic". Did you mean "anthropic/*"?',
    ],
    [
      'scenario:backgroud',
      'fallbacks["scenario:backgroud"]: unless a rule or a script of yours is about "backgroud", nothing is. Did you mean "background"?',
    ],
    ['scenario:LongContext', expect.stringContaining('Did you mean "longContext"?')],
  ])('warns of %s', async (key, message) => {
    const { host } = await gateway({ fallbacks: { [key]: ['b/x'] } }, ['anthropic', 'b']);
    await host.hooks.ready.promise();
    expect(host.logged).toEqual([{ level: 'warn', fields: { plugin: 'route-fallback' }, message }]);
  });

  it.each(['anthropic/*', '*', '*/x', 'claude-*', 'fast', 'scenario:background', 'scenario:default', 'scenario:mine'])(
    'says nothing of %s',
    async (key) => {
      const { host } = await gateway({ fallbacks: { [key]: ['b/x'] } }, ['anthropic', 'b']);
      await host.hooks.ready.promise();
      expect(host.logged).toEqual([]);
    },
  );

  it('accepts a provider that is listed after it', async () => {
    const { host } = await gateway({ default: ['late/x'] }, []);
    host.addProvider('late', silent);
    await expect(host.hooks.ready.promise()).resolves.toBeUndefined();
  });

  it.each([
    [{ default: ['gpt-9'] }, 'default[0]: a target is written provider/model'],
    [{ default: ['a/x', '{model}/x'] }, 'default[1]: a target is written provider/model'],
    [{ fallbacks: { 'a/*': ['b/*'] } }, 'fallbacks["a/*"][0]: "*" stands in patterns only'],
  ])('%j', async (options, message) => {
    await expect(gateway(options as JsonObject)).rejects.toThrow(message);
  });
});

describe('the targets behind the first of a scenario', () => {
  const fallbacks = { 'scenario:background': ['b/cheap'], 'a/*': ['b/strong'] };

  it.each([
    ['background', ['a/x', 'b/cheap']],
    ['think', ['a/x', 'b/strong']],
    [undefined, ['a/x', 'b/strong']],
  ])('%s', async (scenario, expected) => {
    const { refine } = await gateway({ fallbacks });
    const found = await refine(['a/x'], 'm', scenario === undefined ? {} : { scenario });
    expect(found?.targets.map(formatTarget)).toEqual(expected);
  });
});

it.each([['continue'], ['fail'], [undefined]] as const)('a stream that breaks off: %s', async (onCut) => {
  const { refine } = await gateway(onCut === undefined ? {} : { onCut });
  expect((await refine(['a/x']))?.onCut).toBe(onCut);
});
