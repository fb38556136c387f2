import { describe, expect, it } from '@jest/globals';
import { AsyncSeriesWaterfallHook } from 'tapable';
import type { Exchange, RoutePlan, RouteStep } from './exchange.ts';
import { type PluginHost, pluginDefinition } from './plugin.ts';
import { defineStrategy, formatTarget, isNamedBy, parseTarget, type Strategy } from './strategy.ts';
import { Type } from './type.ts';

describe('parseTarget', () => {
  it.each([
    ['openrouter/anthropic/claude-opus', 'openrouter', 'anthropic/claude-opus'],
    ['a/b', 'a', 'b'],
    ['a,b', 'a', 'b'],
    ['a,b/c', 'a', 'b/c'],
    ['a/b,c', 'a', 'b,c'],
    [' a , b ', 'a', 'b'],
    ['a/b:free', 'a', 'b:free'],
    ['a//b', 'a', '/b'],
  ])('splits %j at the first slash or comma', (text, provider, model) => {
    expect(parseTarget(text)).toEqual({ provider, model });
  });

  it.each(['', 'a', '/', '/b', 'a/', 'a/ ', ' /b', ',', ' '])('takes %j for no target', (text) => {
    expect(parseTarget(text)).toBeUndefined();
  });

  it('reads what formatTarget writes', () => {
    const target = { provider: 'openrouter', model: 'anthropic/claude' };
    expect(parseTarget(formatTarget(target))).toEqual(target);
  });
});

describe('isNamedBy', () => {
  it.each([
    ['a/x', true],
    ['a,x', true],
    ['x', false],
    ['b/x', false],
    ['a/xy', false],
  ])('%s', (asked, expected) => {
    expect(isNamedBy(asked, { provider: 'a', model: 'x', key: '2' })).toBe(expected);
  });
});

/** Runs a strategy as the core does: through its taps on the route hook. */
function routeWith(strategy: Strategy) {
  const plugin = defineStrategy({ id: 'x', configSchema: Type.Object({}), create: () => strategy });
  const route = new AsyncSeriesWaterfallHook<[RoutePlan | undefined, Exchange]>(['plan', 'exchange']);
  const models: unknown[] = [];
  const host = { hooks: { route }, addModels: (list: () => unknown) => models.push(list()) };
  void pluginDefinition(plugin)?.apply?.(host as unknown as PluginHost, {});
  const ask = (plan?: RoutePlan) => route.promise(plan, { routing: [] as RouteStep[] } as Exchange);
  return { route, models, ask, name: pluginDefinition(plugin)?.name };
}

const PLAN: RoutePlan = { targets: [{ provider: 'p', model: 'm' }], reason: 'before' };

describe('defineStrategy', () => {
  it('is named after its kind', () => {
    expect(routeWith({}).name).toBe('route-x');
  });

  it('is asked to choose only while no plan stands', async () => {
    const { ask } = routeWith({ choose: () => ({ targets: ['a/b/c', { provider: 'd', model: 'e' }], reason: 'r' }) });
    expect(await ask()).toEqual({
      targets: [
        { provider: 'a', model: 'b/c' },
        { provider: 'd', model: 'e' },
      ],
      reason: 'r',
    });
    expect(await ask(PLAN)).toBe(PLAN);
  });

  it('leaves the question open where it has no opinion', async () => {
    expect(await routeWith({ choose: async () => undefined }).ask()).toBeUndefined();
  });

  it('refines only a plan that stands, and may keep it', async () => {
    const { ask } = routeWith({
      refine: ({ targets }) => (targets.length > 1 ? undefined : { targets: [...targets, 'q/n'], reason: 'and q' }),
    });
    expect(await ask()).toBeUndefined();
    const refined = await ask(PLAN);
    expect(refined).toEqual({ targets: [...PLAN.targets, { provider: 'q', model: 'n' }], reason: 'and q' });
    expect(await ask(refined)).toBe(refined);
  });

  it('chooses before it refines, whatever the order of the taps', async () => {
    const seen: string[] = [];
    const { route } = routeWith({
      refine: () => {
        seen.push('refine');
        return undefined;
      },
      choose: () => {
        seen.push('choose');
        return { targets: ['a/b'], reason: 'r' };
      },
    });
    await route.promise(undefined, { routing: [] as RouteStep[] } as unknown as Exchange);
    expect(seen).toEqual(['choose', 'refine']);
    expect(route.taps.map(({ name }) => name)).toEqual(['route-x', 'route-x']);
  });

  it('taps nothing it does not need', () => {
    expect(routeWith({}).route.taps).toEqual([]);
  });

  it('names the target that is none', async () => {
    const { ask } = routeWith({ choose: () => ({ targets: ['gpt-5'], reason: 'r' }) });
    await expect(ask()).rejects.toThrow('"gpt-5"');
  });

  it('shows the names that it understands', () => {
    expect(routeWith({ models: () => [{ id: 'fast' }] }).models).toEqual([[{ id: 'fast' }]]);
  });
});
