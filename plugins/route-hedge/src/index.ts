import {
  type Admission,
  type AttemptRecord,
  defineStrategy,
  type Exchange,
  formatTarget,
  type RoutePlan,
  SignalboxError,
  Stage,
  stateKey,
  targetId,
} from '@signalbox/kit';
import { Budget } from './budget.ts';
import { configSchema } from './config.ts';
import { Latencies } from './latencies.ts';

export type { HedgeConfig } from './config.ts';

/** Of one request: whether it is short enough to learn from and to try twice, and its tries under way. */
const tries = stateKey(() => ({ short: false, running: 0 }));

/**
 * Gives short calls that take longer than nearly all others a second try at the next target. The first to answer wins.
 */
export default defineStrategy({
  id: 'hedge',
  configSchema,
  create: ({ afterMs, percentile, minMs, maxMs, minSamples, maxPromptTokens, share, sameTarget }, host) => {
    if (minMs > maxMs) throw new SignalboxError('BAD_CONFIG', `minMs: ${minMs} is more than maxMs, ${maxMs}.`);
    const { latencies, budget } = host.kept('route-hedge', () => ({
      latencies: new Latencies(),
      budget: new Budget(),
    }));

    const isShort = (plan: RoutePlan, exchange: Exchange): boolean =>
      exchange.operation === 'chat' &&
      !exchange.stream &&
      plan.hedge === undefined &&
      plan.targets.length >= (sameTarget ? 1 : 2) &&
      exchange.estimatePromptTokens() <= maxPromptTokens;

    const delayMs = (id: string): number | undefined => {
      if (afterMs !== undefined) return afterMs;
      const measuredMs = latencies.percentile(id, percentile, minSamples);
      return measuredMs === undefined ? undefined : Math.min(maxMs, Math.max(minMs, Math.round(measuredMs)));
    };

    // A try beside another one of the same request is a second one.
    const admit: Admission = (_target, exchange) => {
      const state = exchange.state(tries);
      if (state.running > 0) budget.spend();
      state.running++;
      return () => {
        state.running--;
      };
    };

    return {
      refineStage: Stage.Final,
      refine: (plan, exchange) => {
        if (!isShort(plan, exchange)) return undefined;
        exchange.state(tries).short = true;
        if (exchange.explained !== true) budget.earn(share);
        const [first, second = first] = plan.targets;
        if (first === undefined || second === undefined || !budget.allows) return undefined;
        const delay = delayMs(targetId(first));
        if (delay === undefined) return undefined;
        return {
          targets: plan.targets,
          reason: `${plan.reason}; after ${delay} ms ${formatTarget(second)} is tried, too`,
          hedge: { afterMs: delay },
          admit,
        };
      },
      attempted: (attempt, exchange) => {
        if (exchange.stream || !exchange.state(tries).short) return;
        const id = targetId(attempt.target);
        const tookMs = answerMs(attempt, latencies.percentile(id, percentile, 1));
        if (tookMs !== undefined) latencies.add(id, tookMs);
      },
    };
  },
});

/** How long an answer took; `undefined` where a try does not say. */
function answerMs(
  { outcome, lane, startedMs, committedMs, endedMs }: AttemptRecord,
  usualMs: number | undefined,
): number | undefined {
  if (outcome === 'answered' && committedMs !== undefined && lane !== 'local') return committedMs - startedMs;
  // One that lost would have taken even longer. Without it, the slow ones would be missing from what is usual.
  const ms = endedMs - startedMs;
  return outcome === 'aborted' && usualMs !== undefined && ms > usualMs ? ms : undefined;
}
