import {
  type AttemptRecord,
  type Choice,
  defineStrategy,
  type Exchange,
  formatTarget,
  isNamedBy,
  type RoutePlan,
  type StrategyHost,
  type Target,
  targetId,
} from '@signalbox/kit';
import { isSameAccount, type Order, returnTo } from './account.ts';
import { boundStateOf } from './bound-state.ts';
import { choiceOf } from './choice.ts';
import { configSchema } from './config.ts';
import { compileSessionKey } from './session-key.ts';
import { Sessions } from './sessions.ts';

export type { AffinityConfig } from './config.ts';

const TTL_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 } as const;

/**
 * Keeps a session at the target, and the key, that answered it last and has its prompt in a cache, until that fails or
 * has been quiet for too long: within what was chosen for the request, so that each kind of request has a place of its own.
 * State that only one account can read goes back to that account, however long ago it was.
 */
export default defineStrategy({
  id: 'affinity',
  configSchema,
  create: (options, host) => {
    const keyOf = compileSessionKey(options);
    const sessions = host.kept(`route-affinity ${options.maxSessions}`, () => new Sessions(options.maxSessions));
    const ttlMs = TTL_MS[options.ttl];

    const stay = (plan: RoutePlan, key: string, exchange: Exchange): Order | undefined => {
      const { model } = exchange;
      const place = sessions.place(key, choiceOf(plan, exchange));
      const [first] = plan.targets;
      if (place === undefined || first === undefined || Date.now() - place.answeredAtMs >= ttlMs) return undefined;
      // Whoever names a target gets that one, whatever had to answer in between.
      if (isNamedBy(model, first) && !isSameModel(first, place.target)) return undefined;
      const target = inPlan(plan, place.target, host);
      if (target === undefined) return undefined;
      const id = targetId(target);
      return {
        targets: [target, ...plan.targets.filter((other) => targetId(other) !== id)],
        reason: `${plan.reason}; the session stays at ${id}`,
      };
    };

    const refine = (plan: RoutePlan, exchange: Exchange): Choice | undefined => {
      if (exchange.operation !== 'chat') return undefined;
      const key = keyOf(exchange);
      if (key === undefined) return undefined;
      const stays = stay(plan, key, exchange);
      const last = sessions.last(key, choiceOf(plan, exchange));
      const now: Order = stays ?? plan;
      // With one account in the plan there is nothing to mix up.
      if (last === undefined || now.targets.every((target) => isSameAccount(target, last, host))) return stays;
      const [first] = plan.targets;
      if (first !== undefined && isNamedBy(exchange.model, first) && first.provider !== last.provider) return stays;
      const state = boundStateOf(exchange);
      return state === undefined ? stays : (returnTo(last, state, now, host) ?? stays);
    };

    const attempted = ({ target, outcome, error }: AttemptRecord, exchange: Exchange): void => {
      if (exchange.operation !== 'chat') return;
      const key = keyOf(exchange);
      if (key === undefined) return;
      const { plan } = exchange;
      if (plan === undefined) return;
      const choice = choiceOf(plan, exchange);
      if (outcome === 'answered') {
        const [first] = plan.targets;
        const remember = options.onFallback === 'stay' || first === undefined || isSameModel(first, target);
        sessions.answered(key, choice, target, { remember });
      } else if ((outcome === 'failed' || outcome === 'cut') && error?.retryable !== false) {
        sessions.failed(key, choice, target);
      }
    };
    return { refine, attempted };
  },
});

/** The plan's target, or the key of one that leaves its key open. */
function inPlan({ targets }: Order, wanted: Target, host: Pick<StrategyHost, 'keysOf'>): Target | undefined {
  const id = targetId(wanted);
  const same = targets.find((target) => targetId(target) === id);
  if (same !== undefined || wanted.key === undefined) return same;
  const open = targets.some((target) => target.key === undefined && isSameModel(target, wanted));
  return open && host.keysOf(wanted.provider).includes(wanted.key) ? wanted : undefined;
}

function isSameModel(a: Target, b: Target): boolean {
  return formatTarget(a) === formatTarget(b);
}
