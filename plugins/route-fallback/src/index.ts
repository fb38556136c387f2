import { defineStrategy, formatTarget, type RoutePlan, type Target } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { compileFallbacks } from './fallbacks.ts';

export type { FallbackConfig } from './config.ts';

/**
 * Puts more targets behind those of a plan: the list of the most exact entry that fits the first target or the model as
 * asked for, else the default. A target comes once. Says which failures move on, and how often a target is tried again.
 */
export default defineStrategy({
  id: 'fallback',
  configSchema,
  create: ({ fallbacks, default: others, on, retry, onCut }, host) => {
    const compiled = compileFallbacks({ fallbacks, default: others }, host);
    const policy = {
      ...(on === undefined ? {} : { moveOn: on }),
      ...(retry === undefined ? {} : { retry }),
      ...(onCut === undefined ? {} : { onCut }),
    };
    const hasPolicy = Object.keys(policy).length > 0;
    return {
      ready: () => compiled.check(),
      refine: (plan, { model }) => {
        const [first] = plan.targets;
        if (first === undefined) return undefined;
        const { targets, why } = compiled.behind(first, model, plan.scenario);
        const added = newTargets(plan, targets);
        if (added.length > 0) {
          return {
            targets: [...plan.targets, ...added],
            reason: `${plan.reason}; then ${added.map(formatTarget).join(', ')}: ${why}`,
            ...policy,
          };
        }
        return hasPolicy ? { targets: plan.targets, reason: plan.reason, ...policy } : undefined;
      },
    };
  },
});

/** Those that the plan does not have yet, each once. */
function newTargets(plan: RoutePlan, candidates: readonly Target[]): readonly Target[] {
  const known = new Set(plan.targets.map(formatTarget));
  return candidates.filter((target) => {
    const name = formatTarget(target);
    if (known.has(name)) return false;
    known.add(name);
    return true;
  });
}
