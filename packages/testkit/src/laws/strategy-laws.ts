import assert from 'node:assert/strict';
import { formatTarget, type JsonObject, type Plugin, parseTarget, type RoutePlan } from '@signalbox/kit';
import { type FakeExchangeOptions, fakeExchange } from '../fake-exchange.ts';
import { applyPlugin } from '../fake-host.ts';
import { deepFreeze, type Law } from './law.ts';
import { schemaLaws } from './schema-laws.ts';

export interface StrategyCase extends FakeExchangeOptions {
  name: string;
  /** The targets of a plan that stands already. */
  standing?: readonly string[];
  /** The targets of the plan afterwards, as `provider/model`; `undefined`: no plan, or the standing one untouched. */
  expect: readonly string[] | undefined;
}

export interface StrategyOptions {
  config: JsonObject;
  cases: readonly StrategyCase[];
}

/** What a routing strategy owes, and the plans that it is expected to make. */
export function strategyLaws(plugin: Plugin, { config, cases }: StrategyOptions): Law[] {
  return [
    ...schemaLaws(plugin),
    {
      name: 'taps the route hook',
      check: async () => {
        const { taps } = await applyPlugin(plugin, deepFreeze(config));
        assert.ok(taps.some(({ hook }) => hook === 'route'));
      },
    },
    ...cases.map(({ name, standing, expect, ...given }) => ({
      name,
      check: async () => {
        const { hooks } = await applyPlugin(plugin, deepFreeze(config));
        const plan = standing && deepFreeze(toPlan(standing));
        const exchange = fakeExchange(given);
        deepFreeze(exchange.request);
        const after = await hooks.route.promise(plan, exchange);
        if (expect === undefined) {
          assert.equal(after, plan);
          return;
        }
        assert.deepEqual(after?.targets.map(formatTarget), expect);
        if (after !== plan) assert.ok(/\S+\s\S+/.test(after?.reason ?? ''), 'the reason is given in words');
      },
    })),
  ];
}

function toPlan(targets: readonly string[]): RoutePlan {
  return {
    reason: 'the plan that stands',
    targets: targets.map((text) => {
      const target = parseTarget(text);
      if (target === undefined) throw new TypeError(`a target is written provider/model, not "${text}"`);
      return target;
    }),
  };
}
