import { describe, expect, it } from '@jest/globals';
import { AsyncSeriesWaterfallHook } from 'tapable';
import type { Exchange, RoutePlan, RouteStep, StateKey } from './exchange.ts';
import { type PluginHost, pluginDefinition } from './plugin.ts';
import { Stage } from './stage.ts';
import { chosenPlan, defineStrategy, formatTarget, isNamedBy, parseTarget, type Strategy } from './strategy.ts';
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

function asking(): Exchange {
  const states = new Map<unknown, unknown>();
  const state = <T>({ create }: StateKey<T>): T => {
    if (!states.has(create)) states.set(create, create());
    return states.get(create) as T;
  };
  return { routing: [] as RouteStep[], state } as Exchange;
}

/** Runs a strategy as the core does: through its taps on the route hook. */
function routeWith(strategy: Strategy) {
  const plugin = defineStrategy({ id: 'x', configSchema: Type.Object({}), create: () => strategy });
  const route = new AsyncSeriesWaterfallHook<[RoutePlan | undefined, Exchange]>(['plan', 'exchange']);
  const models: unknown[] = [];
  const host = { hooks: { route }, addModels: (list: () => unknown) => models.push(list()) };
  void pluginDefinition(plugin)?.apply?.(host as unknown as PluginHost, {});
  const ask = (plan?: RoutePlan) => route.promise(plan, asking());
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
    await route.promise(undefined, asking());
    expect(seen).toEqual(['choose', 'refine']);
    expect(route.taps.map(({ name }) => name)).toEqual(['route-x', 'route-x']);
  });

  it('refines at its stage, whatever the order of the taps', async () => {
    const { route, ask } = routeWith({
      refineStage: Stage.Whole,
      refine: ({ targets }) => ({ targets, reason: `${targets.length} in all` }),
    });
    route.tap(
      { name: 'adds', stage: Stage.Refine },
      (plan) => plan && { ...plan, targets: [...plan.targets, ...PLAN.targets] },
    );
    expect((await ask(PLAN))?.reason).toBe('2 in all');
  });

  it('is asked last where nobody has chosen, and before it refines', async () => {
    const { ask } = routeWith({
      chooseLast: () => ({ targets: ['a/b'], reason: 'rather than nothing' }),
      choose: () => undefined,
      refine: ({ reason }) => ({ targets: ['c/d'], reason: `${reason}; refined` }),
    });
    expect((await ask())?.reason).toBe('rather than nothing; refined');
    expect((await ask(PLAN))?.reason).toBe('before; refined');
  });

  it('keeps the plan as it was chosen', async () => {
    const { route } = routeWith({ refine: () => ({ targets: ['c/d'], reason: 'refined' }) });
    const exchange = asking();
    const after = await route.promise(PLAN, exchange);
    expect(after?.reason).toBe('refined');
    expect(chosenPlan(after ?? PLAN, exchange)).toBe(PLAN);
    expect(chosenPlan(PLAN, asking())).toBe(PLAN);
  });

  it('warns of a strategy behind one that has an answer to everything', () => {
    const route = new AsyncSeriesWaterfallHook<[RoutePlan | undefined, Exchange]>(['plan', 'exchange']);
    const warned: string[] = [];
    const host = { hooks: { route }, log: { warn: (_: object, message: string) => warned.push(message) } };
    const add = (id: string, strategy: Strategy) =>
      pluginDefinition(defineStrategy({ id, configSchema: Type.Object({}), create: () => strategy }))?.apply?.(
        host as unknown as PluginHost,
        {},
      );
    const choose = () => undefined;
    void add('one', { choose });
    void add('all', { choose, decidesAll: true });
    void add('refining', { refine: () => undefined });
    void add('both', { choose, refine: () => undefined });
    expect(warned).toEqual([]);
    void add('late', { choose, decidesAll: true });
    expect(warned).toEqual([
      expect.stringMatching(/^route-late chooses for nothing .* List route-late before route-all\.$/),
    ]);
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
