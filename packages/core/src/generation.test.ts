import { describe, expect, it } from '@jest/globals';
import { definePlugin, defineProvider, type Exchange, SignalboxError, Stage, Type } from '@signalbox/kit';
import { configOf, parseConfig } from './config/load.ts';
import { createGeneration } from './generation.ts';

const unready = definePlugin({
  name: 'unready',
  apply({ hooks }) {
    hooks.ready.tapPromise('unready', async () => {
      throw new Error('the database does not answer');
    });
  },
});

const local = defineProvider({
  id: 'local',
  configSchema: Type.Object({ name: Type.Optional(Type.String()) }),
  create: () => ({
    models: () => [{ id: 'm' }],
    answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'refusal' } }),
  }),
});

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (SignalboxError.is(error) ? `${error.code} ${error.message}` : String(error)),
  );

describe('createGeneration', () => {
  it('reports a plugin that fails in ready at its place in the config', async () => {
    const config = parseConfig('{\n  "plugins": [\n    "./unready.ts"\n  ]\n}', 'signalbox.jsonc', {});
    const importPlugin = async () => ({ module: { default: unready }, url: 'test:' });
    expect(await messageOf(createGeneration(config, { importPlugin }))).toBe(
      'BAD_CONFIG signalbox.jsonc:3:5: plugin unready, plugins[0]: the database does not answer',
    );
  });

  it('refuses two providers of one name, and takes one provider under two', async () => {
    expect(await messageOf(createGeneration(configOf([[local], [local]])))).toContain(
      'already a provider called "local"',
    );
    const generation = await createGeneration(configOf([[local], [local, { name: 'other' }]]));
    expect(generation.models().map(({ id }) => id)).toEqual(['local/m', 'other/m']);
    await generation.close();
  });

  it('serves provider/model without a strategy, and refines that, but leaves to strategies what they choose', async () => {
    const strategy = (chosen: string | undefined) =>
      definePlugin({
        name: 'strategy',
        apply: ({ hooks }) =>
          hooks.route.tap('strategy', () =>
            chosen === undefined ? undefined : { targets: [{ provider: 'local', model: chosen }], reason: 'chosen' },
          ),
      });
    const refiner = definePlugin({
      name: 'refiner',
      apply: ({ hooks }) =>
        hooks.route.tap({ name: 'refiner', stage: Stage.Refine }, (plan) =>
          plan === undefined ? undefined : { ...plan, scenario: 'refined' },
        ),
    });
    const planOf = async (model: string, chosen?: string) => {
      const generation = await createGeneration(configOf([[refiner], [local], [strategy(chosen)]]));
      const exchange = { model, routing: [] } as unknown as Exchange;
      const plan = await generation.hooks.route.promise(undefined, exchange);
      await generation.close();
      return { plan, routing: exchange.routing };
    };
    const reason = 'the model name asks for the provider local';
    const target = { provider: 'local', model: 'vendor/m' };
    expect(await planOf('local/vendor/m')).toEqual({
      plan: { targets: [target], named: target, reason, scenario: 'refined' },
      routing: [{ strategy: 'core', said: reason, targets: [target] }],
    });
    expect((await planOf('local/m', 'other')).plan?.targets).toEqual([{ provider: 'local', model: 'other' }]);
    expect((await planOf('nobody/m')).plan).toBeUndefined();
    expect((await planOf('m')).plan).toBeUndefined();
  });

  it('closes once, however often it is asked to', async () => {
    let closed = 0;
    const counter = definePlugin({
      name: 'counter',
      apply: ({ hooks }) => hooks.close.tap('counter', () => closed++),
    });
    const generation = await createGeneration(configOf([[counter]]));
    await Promise.all([generation.close(), generation.close()]);
    expect(closed).toBe(1);
  });

  it('gives plugins the hooks to tap, never to call', async () => {
    let seen: object = {};
    const curious = definePlugin({
      name: 'curious',
      apply: ({ hooks }) => {
        seen = hooks;
      },
    });
    const generation = await createGeneration(configOf([[curious]]));
    await generation.close();
    expect(Object.isFrozen(seen)).toBe(true);
    for (const hook of Object.values(seen) as object[]) {
      expect(Object.isFrozen(hook)).toBe(true);
      expect(Object.keys(hook).filter((method) => !method.startsWith('tap'))).toEqual([]);
    }
  });
});
