import {
  type AttemptRecord,
  type Exchange,
  formatTarget,
  type JsonObject,
  type LocalProvider,
  type ModelPrices,
  parseTarget,
  type RoutePlan,
  type Usage,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, type FakeHost, fakeExchange, fakeHost } from '@signalbox/testkit';
import cost from '../src/index.ts';

const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};

/** The plugin, with what is known of the prices of `provider/model`. Another host's state can be taken over. */
export async function prices(
  known: Readonly<Record<string, ModelPrices>>,
  options: JsonObject = {},
  host: FakeHost = costHost(known),
) {
  await applyPlugin(cost, { candidates: 'auto', expectedOutputTokens: 1_000, cacheMinutes: 5, ...options }, host);
  await host.hooks.ready.promise();
  return {
    host,
    refine: async (targets: readonly string[], exchange: Exchange = request(), policy: Partial<RoutePlan> = {}) => {
      const plan = {
        targets: targets.flatMap((text) => parseTarget(text) ?? []),
        reason: 'the router says so',
        ...policy,
      };
      const after = await host.hooks.route.promise(plan, exchange);
      return { after, kept: after === plan, targets: after?.targets.map(formatTarget), reason: after?.reason };
    },
    /** Lets a target answer, as the core reports it. */
    answered: (target: string, exchange: Exchange, usage: Usage | undefined, more: Partial<AttemptRecord> = {}) => {
      const parsed = parseTarget(target);
      if (parsed === undefined) throw new TypeError(target);
      host.hooks.attempt.call(
        {
          target: parsed,
          lane: 'canonical',
          startedMs: 0,
          endedMs: 1,
          outcome: 'answered',
          ...(usage && { usage }),
          ...more,
        },
        exchange,
      );
    },
  };
}

export function costHost(known: Readonly<Record<string, ModelPrices>>): FakeHost {
  const host = fakeHost();
  for (const name of ['a', 'b', 'c']) host.addProvider(name, silent);
  host.addModelFacts((target) => {
    const found = known[formatTarget(target)];
    return found && { id: target.model, prices: found };
  });
  return host;
}

/** A request of a session whose prompt is estimated at so many tokens. */
export function request(promptTokens = 10_000, session?: string, more: FakeExchangeOptions = {}): Exchange {
  return fakeExchange({
    model: 'claude-x',
    estimatePromptTokens: () => promptTokens,
    rawBody: Buffer.alloc(promptTokens * 4, ' '),
    headers: session === undefined ? {} : { 'x-claude-code-session-id': session },
    ...more,
  });
}
