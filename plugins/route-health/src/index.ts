import {
  defineStrategy,
  type Exchange,
  errors,
  formatTarget,
  type RoutePlan,
  Stage,
  type Target,
} from '@signalbox/kit';
import { Circuits, createCircuits } from './circuits.ts';
import { configSchema } from './config.ts';

export type { HealthConfig } from './config.ts';

/**
 * A circuit breaker for targets, keys and providers. What fails again and again stands behind the other targets of a plan
 * until its time is over; then one real request at a time finds out whether it works again.
 */
export default defineStrategy({
  id: 'health',
  configSchema,
  create: (options, host) => {
    const circuits = new Circuits(host.kept('route-health', createCircuits), options, host);
    const rests = (target: Target): boolean => isLeftAlone(circuits.of(target).state);
    host.addHealth('circuits', () => circuits.health());

    return {
      refineStage: Stage.Whole,
      refine: (plan) => {
        const all = plan.targets.map((target) => ({ target, ...circuits.of(target) }));
        const troubled = all.filter(({ state }) => state !== 'closed');
        if (troubled.length === 0) return undefined;
        const resting = all.filter(({ state }) => isLeftAlone(state));
        const others = all.filter(({ state }) => !isLeftAlone(state));
        const said = [...new Set(troubled.map((one) => one.said))];
        if (others.length === 0) said.push('no other target is left, so they are tried all the same');
        return {
          targets: [...others, ...resting].map(({ target }) => target),
          reason: [plan.reason, ...said].join('; '),
          ...chosenOf(plan),
          admit: (target, exchange) => {
            const { state, said: why } = circuits.of(target);
            if (state === 'closed') return undefined;
            if (state === 'due') return circuits.probe(target, exchange);
            if (!behind(target, exchange).some((other) => !rests(other))) return undefined;
            throw errors.providerOverloaded(`${formatTarget(target)} is left alone: ${why}.`);
          },
        };
      },
      attempted: (attempt, exchange) => circuits.learn(attempt, exchange),
    };
  },
});

/** Who stands in front now is a fallback all the same. */
function chosenOf({ chosen, targets: [first] }: RoutePlan): Pick<RoutePlan, 'chosen'> {
  const target = chosen ?? first;
  return target === undefined ? {} : { chosen: target };
}

function isLeftAlone(state: string): boolean {
  return state === 'open' || state === 'probing';
}

/** The targets that would be tried after this one. */
function behind(target: Target, { plan }: Exchange): readonly Target[] {
  const targets = plan?.targets ?? [];
  return targets.slice(targets.indexOf(target) + 1);
}
