import {
  type AttemptRecord,
  type Exchange,
  formatTarget,
  type JsonObject,
  type LocalProvider,
  parseTarget,
  type RoutePlan,
} from '@signalbox/kit';
import { applyPlugin, type FakeHost, fakeExchange, fakeHost } from '@signalbox/testkit';
import latency from '../src/index.ts';

const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};
const DEFAULTS = {
  candidates: 'auto',
  percentile: 'p50',
  outputTokens: 0,
  windowMinutes: 15,
  minSamples: 3,
  explore: 0,
  tolerance: 0,
};

export async function clocks(options: JsonObject = {}, host: FakeHost = latencyHost()) {
  await applyPlugin(latency, { ...DEFAULTS, ...options }, host);
  await host.hooks.ready.promise();
  const ended = (target: string, record: Partial<AttemptRecord>, exchange: Exchange = streaming()) => {
    const parsed = parseTarget(target);
    if (parsed === undefined) throw new TypeError(target);
    const whole = { target: parsed, lane: 'canonical', startedMs: 0, endedMs: 0, outcome: 'answered' } as const;
    host.hooks.attempt.call({ ...whole, ...record }, exchange);
  };
  return {
    host,
    ended,
    /** Lets a target give its first content after each of these times. */
    answers: (target: string, ...times: readonly number[]) => {
      for (const ms of times) ended(target, { startedMs: 50, committedMs: 50 + ms, endedMs: 60 + ms });
    },
    refine: async (targets: readonly string[], exchange: Exchange = streaming(), policy: Partial<RoutePlan> = {}) => {
      const plan = {
        targets: targets.flatMap((text) => parseTarget(text) ?? []),
        reason: 'the router says so',
        ...policy,
      };
      const after = await host.hooks.route.promise(plan, exchange);
      return { after, kept: after === plan, targets: after?.targets.map(formatTarget), reason: after?.reason };
    },
  };
}

export function latencyHost(): FakeHost {
  const host = fakeHost();
  for (const name of ['a', 'b', 'c']) host.addProvider(name, silent);
  return host;
}

export function streaming(more: Partial<Pick<Exchange, 'id' | 'model' | 'stream' | 'operation'>> = {}): Exchange {
  return fakeExchange({ stream: true, ...more });
}
