import {
  type AttemptRecord,
  type Choice,
  clampOutput,
  compileTargetLists,
  defineStrategy,
  type Exchange,
  formatTarget,
  isNamedBy,
  type RoutePlan,
  type Target,
} from '@signalbox/kit';
import { configSchema } from './config.ts';
import { Demand } from './demand.ts';
import { Margins } from './margins.ts';
import { describe, measuredAt, overflow, type Sized, type Sorted, sort } from './sort.ts';

export type { ContextConfig } from './config.ts';

/** Shorter prompts say little: what stands around them outweighs them. */
const MIN_TOKENS = 500;

/**
 * Takes the targets out of a plan whose context window is too small for the prompt, and puts those behind the others of
 * which an estimate cannot tell. Where none is left it moves up to a larger one of the options, else the client is told
 * that its prompt is too long, in the words on which it compacts. Where a prompt fits, but not beside the whole answer
 * that is asked for, less is asked for. A provider that the client named itself is left for `larger` only.
 */
export default defineStrategy({
  id: 'context',
  configSchema,
  create: (options, host) => {
    const larger = compileTargetLists('larger', options.larger, host);
    const margins = host.kept('route-context', () => new Margins());

    const refine = (plan: RoutePlan, exchange: Exchange): Choice | undefined => {
      const [first] = plan.targets;
      // A count is how a client finds out that its prompt is too long.
      if (exchange.operation !== 'chat' || first === undefined) return undefined;
      const demand = new Demand(exchange, options, host, margins);
      const own = sort(plan.targets, demand, exchange);
      const { sure, unsure, tooSmall } = own;
      if (unsure.length + tooSmall.length === 0) return undefined;
      const takenOut = describe('without', tooSmall, 'is');
      if (isNamedBy(exchange.model, first)) {
        const excess = tooSmall.find(({ target }) => target === first);
        if (excess !== undefined)
          return moveUp(plan, first, { sure: [], unsure: [], tooSmall: [excess] }, demand, exchange);
        const targets = plan.targets.filter((target) => !tooSmall.some((one) => one.target === target));
        return changed(plan, targets, takenOut);
      }
      if (sure.length === 0) return moveUp(plan, first, own, demand, exchange);
      const targets = [...sure, ...targetsOf(unsure)];
      const behind = unsure.filter(
        ({ target }) => plan.targets.indexOf(target) < plan.targets.lastIndexOf(sure.at(-1) ?? target),
      );
      return changed(plan, targets, [...describe('last', behind, 'may be'), ...takenOut]);
    };

    /** To what is larger than all of the plan; else to what may be large enough. */
    const moveUp = (
      plan: RoutePlan,
      first: Target,
      own: Sorted,
      demand: Demand,
      exchange: Exchange,
    ): Choice | undefined => {
      const above = larger.find(first, exchange.model);
      const theirs = sort(above?.targets ?? [], demand, exchange);
      const unsure = [...own.unsure, ...theirs.unsure];
      const tooSmall = [...own.tooSmall, ...theirs.tooSmall];
      const targets = [...theirs.sure, ...targetsOf(unsure)];
      if (targets.length === 0) throw overflow(tooSmall);
      const up = targets.filter((target) => !plan.targets.includes(target)).map(formatTarget);
      const says =
        up.length === 0 || above === undefined ? [] : [`up to ${up.join(', ')} (larger: "${above.pattern}")`];
      const doubts = theirs.sure.length === 0 && up.length === 0 ? [] : describe('last', unsure, 'may be');
      return changed(plan, targets, [...says, ...doubts, ...describe('without', tooSmall, 'is')]);
    };

    host.hooks.transformIn.tap(
      { name: NAME, when: (target, exchange) => measuredAt(target, exchange)?.answerTokens !== undefined },
      (request, target, exchange) => {
        const { answerTokens, windowTokens } = measuredAt(target, exchange) ?? {};
        if (answerTokens === undefined) return request;
        const why = `beside the prompt the window of ${windowTokens} has no room for as many, so it gets ${answerTokens}`;
        return clampOutput(request, answerTokens, exchange.notes, why);
      },
    );

    const attempted = ({ target, usage, as }: AttemptRecord, exchange: Exchange): void => {
      const { promptTokens } = measuredAt(target, exchange) ?? {};
      // A continuation's prompt holds the answer so far.
      if (promptTokens === undefined || promptTokens < MIN_TOKENS || as === 'continuation') return;
      if (usage?.promptTokens !== undefined) margins.learn(target, promptTokens, usage.promptTokens);
    };
    return { ready: () => larger.check(), refine, attempted };
  },
});

const NAME = 'route-context';

function changed({ reason }: RoutePlan, targets: readonly Target[], says: readonly string[]): Choice | undefined {
  return says.length === 0 ? undefined : { targets, reason: `${reason}; ${says.join(', ')}` };
}

function targetsOf(sized: readonly Sized[]): readonly Target[] {
  return sized.map(({ target }) => target);
}
