import {
  type Choice,
  compileTargetLists,
  defineStrategy,
  type Exchange,
  errors,
  formatTarget,
  isNamedBy,
  type RoutePlan,
  type Target,
} from '@signalbox/kit';
import { configSchema } from './config.ts';
import { Demand, type Excess } from './demand.ts';

export type { ContextConfig } from './config.ts';

/**
 * Takes the targets out of a plan whose context window is known to be too small for the prompt and the answer that is
 * asked for. Where none is left it moves up to a larger one of the options, else the client is told that its prompt is
 * too long, in the words on which it compacts. A provider that the client named itself is left for `larger` only.
 */
export default defineStrategy({
  id: 'context',
  configSchema,
  create: (options, host) => {
    const larger = compileTargetLists('larger', options.larger, host);

    const refine = (plan: RoutePlan, exchange: Exchange): Choice | undefined => {
      const [first] = plan.targets;
      // A count is how a client finds out that its prompt is too long.
      if (exchange.operation !== 'chat' || first === undefined) return undefined;
      const demand = new Demand(exchange, options, host);
      const [fits, tooSmall] = split(plan.targets, demand);
      if (tooSmall.length === 0) return undefined;
      const named = isNamedBy(exchange.model, first) && !fits.includes(first);
      if (fits.length > 0 && !named) {
        return { targets: fits, reason: `${plan.reason}; without ${tooSmall.map(describe).join(', ')}` };
      }
      const above = larger.find(first, exchange.model);
      const [enough, stillTooSmall] = split(above?.targets ?? [], demand);
      const excesses = [...(named ? tooSmall.slice(0, 1) : tooSmall), ...stillTooSmall];
      if (above === undefined || enough.length === 0) throw overflow(excesses);
      return {
        targets: enough,
        reason: `${plan.reason}; up to ${enough.map(formatTarget).join(', ')} (larger: "${above.pattern}"), without ${excesses.map(describe).join(', ')}`,
      };
    };
    return { ready: () => larger.check(), refine };
  },
});

/** The targets that are large enough, and what is wrong with the others. */
function split(targets: readonly Target[], demand: Demand): [fits: readonly Target[], tooSmall: readonly Excess[]] {
  const tooSmall: Excess[] = [];
  const fits = targets.filter((target) => {
    const excess = demand.excessOf(target);
    if (excess !== undefined) tooSmall.push(excess);
    return excess === undefined;
  });
  return [fits, tooSmall];
}

function describe({ target, windowTokens, promptTokens, reservedTokens }: Excess): string {
  const answer = reservedTokens === 0 ? '' : ` and ${reservedTokens} for the answer`;
  return `${formatTarget(target)}, whose window of ${windowTokens} tokens is too small for about ${promptTokens}${answer}`;
}

/** Names the largest window that there was: the client makes its prompt fit into that. */
function overflow(excesses: readonly Excess[]): Error {
  const [largest] = excesses.toSorted((a, b) => b.windowTokens - a.windowTokens);
  if (largest === undefined) return errors.contextOverflow('prompt is too long');
  const { promptTokens, reservedTokens, windowTokens } = largest;
  return errors.contextOverflow(
    `prompt is too long: ${promptTokens + reservedTokens} tokens > ${windowTokens} maximum`,
  );
}
