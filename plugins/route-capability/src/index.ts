import {
  type Choice,
  defineStrategy,
  type Exchange,
  errors,
  formatTarget,
  isNamedBy,
  type RoutePlan,
  type SignalboxError,
  type Target,
} from '@signalbox/kit';
import { configSchema } from './config.ts';
import { CAPABILITIES, type Need, Needs } from './needs.ts';

export type { CapabilityConfig } from './config.ts';

const ALL = Object.keys(CAPABILITIES) as readonly Need[];
/** Without these there still is an answer, with a note of what was left out: such a target only stands behind the others. */
const WISHES: readonly Need[] = ['documents', 'reasoning'];

/** A target with what the request needs and its model is known to lack. */
interface Lacking {
  readonly target: Target;
  readonly missing: readonly Need[];
}

/**
 * Takes the targets out of a plan whose models are known to lack what the request needs, and puts those to the end that
 * lack what it could do without. What is not known of a model is not held against it.
 */
export default defineStrategy({
  id: 'capability',
  configSchema,
  create: ({ onNone }, host) => {
    const missingAt = (target: Target, needs: Needs): readonly Need[] => {
      const known = host.modelInfo(target)?.capabilities;
      return known === undefined ? [] : ALL.filter((need) => known[need] === false && needs.has(need));
    };

    const refine = (plan: RoutePlan, exchange: Exchange): Choice | undefined => {
      if (exchange.operation !== 'chat') return undefined;
      const needs = new Needs(exchange);
      const looked = plan.targets.map((target): Lacking => ({ target, missing: missingAt(target, needs) }));
      const lacking = looked.filter(({ missing }) => missing.length > 0);
      if (lacking.length === 0) return undefined;
      const [first] = looked;
      // Who names a target gets that one, or hears what it lacks; the others stay what they are, its fallbacks.
      if (first !== undefined && isNamedBy(exchange.model, first.target)) {
        const hard = first.missing.filter((need) => !WISHES.includes(need));
        if (hard.length > 0 && onNone === 'refuse') throw refusal([{ target: first.target, missing: hard }]);
        if (first.missing.length > 0) {
          return { targets: plan.targets, reason: `${plan.reason}; kept, though ${describe(first)}` };
        }
      }
      const able = looked.filter(({ missing }) => missing.length === 0);
      const second = lacking.filter(({ missing }) => missing.every((need) => WISHES.includes(need)));
      const skipped = lacking.filter((one) => !second.includes(one));
      const left = [...able, ...second];
      if (left.length === 0) {
        if (onNone === 'refuse') throw refusal(skipped);
        const reason = `${plan.reason}; kept, though ${skipped.map(describe).join(', ')}`;
        return { targets: plan.targets, reason };
      }
      const parts = [plan.reason];
      if (skipped.length > 0) parts.push(`skipped: ${skipped.map(describe).join(', ')}`);
      if (second.length > 0) parts.push(`last: ${second.map(describe).join(', ')}`);
      return { targets: left.map(({ target }) => target), reason: parts.join('; ') };
    };
    return { refine };
  },
});

function describe({ target, missing }: Lacking): string {
  return `${formatTarget(target)} has no ${missing.map((need) => CAPABILITIES[need]).join(', no ')}`;
}

/** A client that is told of its images goes on without them; anything else it has to hear in words. */
function refusal(skipped: readonly Lacking[]): SignalboxError {
  const message = `The request needs what no target of its route has: ${skipped.map(describe).join('; ')}. Ask for another model, or leave it out.`;
  const hard = skipped.flatMap(({ missing }) => missing.filter((need) => !WISHES.includes(need)));
  return hard.every((need) => need === 'images') ? errors.imageRejected(message) : errors.unsupported(message);
}
