import {
  type AttemptRecord,
  chosenPlan,
  type Exchange,
  type JsonObject,
  type LocalProvider,
  type RoutePlan,
  type Target,
  targetId,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, type FakeHost, fakeExchange, fakeHost } from '@signalbox/testkit';
import affinity from '../src/index.ts';

const DEFAULTS = { ttl: '5m', headers: [], prefix: true, onFallback: 'stay', maxSessions: 100 };

/** The plugin with the providers `a` and `b`, and `keyed`, which has the keys 1, 2 and 3. */
export async function sessions(options: JsonObject = {}, host: FakeHost = affinityHost()) {
  await applyPlugin(affinity, { ...DEFAULTS, ...options }, host);
  return {
    host,
    refine: async (targets: readonly string[], exchange: Exchange, policy: Partial<RoutePlan> = {}) => {
      const plan = { targets: targets.map(targetOf), reason: 'the router says so', ...policy };
      const after = await host.hooks.route.promise(plan, exchange);
      return { after, kept: after === plan, targets: after?.targets.map(targetId), reason: after?.reason };
    },
    /** Lets a target answer, as the core reports it; `first` is what the plan began with. */
    ended: (target: string, exchange: Exchange, record: Partial<AttemptRecord> = {}, first: string = target) => {
      const whole = {
        target: targetOf(target),
        lane: 'canonical',
        startedMs: 0,
        endedMs: 1,
        outcome: 'answered',
      } as const;
      const plan = { targets: [targetOf(first)], reason: 'r' };
      host.hooks.attempt.call({ ...whole, ...record }, Object.assign(Object.create(exchange), { plan }) as Exchange);
    },
  };
}

export function affinityHost(): FakeHost {
  const host = fakeHost();
  const silent: LocalProvider = {
    answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
  };
  host.addProvider('a', silent);
  host.addProvider('b', silent);
  host.addProvider('keyed', { ...silent, keys: ['1', '2', '3'] });
  return host;
}

/** A request of a session, for which something is always chosen; without a name it has none. */
export function turn(session?: string, more: FakeExchangeOptions = {}): Exchange {
  return chosen(bareTurn(session, more), ['a/x', 'b/y']);
}

/** The same, before anything is chosen. */
export function bareTurn(session?: string, more: FakeExchangeOptions = {}): Exchange {
  return fakeExchange({
    model: 'm',
    headers: session === undefined ? {} : { 'x-claude-code-session-id': session },
    ...more,
  });
}

/** Gives an exchange the plan that strategies refine before this one. */
export function chosen(exchange: Exchange, targets: readonly string[], policy: Partial<RoutePlan> = {}): Exchange {
  const plan = { targets: targets.map(targetOf), reason: 'the router says so', ...policy };
  if (chosenPlan(plan, exchange) !== plan) throw new Error('something was chosen already');
  return exchange;
}

/** As `targetId` writes it. */
function targetOf(text: string): Target {
  const [, provider = '', key, model = ''] = /^([^#/]+)(?:#([^/]+))?\/(.+)$/.exec(text) ?? [];
  return { provider, model, ...(key === undefined ? {} : { key }) };
}
