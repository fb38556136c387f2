import type { Exchange, RoutePlan, Target } from './exchange.ts';
import type { PluginHost } from './plugin.ts';
import { type Choice, formatTarget, isNamedBy, targetId } from './strategy.ts';
import { compileTargetLists } from './target-lists.ts';
import { Type } from './type.ts';

/** The option of a strategy that compares targets: which. */
export const candidatesOption = Type.Union(
  [
    Type.Literal('auto'),
    Type.Record(Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 3 }), { minItems: 1 })),
  ],
  {
    default: 'auto',
    description:
      'What is compared: `auto` are the targets that the plan has; or targets for a first target (`provider/model`) or a model as asked for, and nothing for any other; where nothing else chooses for such a model, these targets are the plan. `*` stands for any text, `{model}` is the model of the first target. `{"large-*": ["one/{model}", "two/vendor/{model}"]}`',
  },
);

/** `candidatesOption`, compiled. */
export interface Candidates {
  /**
   * What to compare for this request, each target once, and the other targets of the plan. `undefined`: nothing, also
   * where the client named its target itself (`provider/model`, an alias), or wants no answer from it.
   */
  of(plan: RoutePlan, exchange: Exchange): Compared | undefined;
  /** What is compared for the model as asked for, as a choice where nobody else has made one. */
  choose(exchange: Pick<Exchange, 'model'>): Choice | undefined;
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

export interface Compared {
  readonly targets: readonly Target[];
  /** The plan's own, which stay behind as fallbacks. */
  readonly others: readonly Target[];
}

/** @throws {SignalboxError} BAD_CONFIG for a target that is none. */
export function compileCandidates(
  option: 'auto' | Readonly<Record<string, readonly string[]>>,
  host: Pick<PluginHost, 'hasProvider'>,
): Candidates {
  const lists = option === 'auto' ? undefined : compileTargetLists('candidates', option, host);
  return {
    of: (plan, { operation, model }) => {
      const [first] = plan.targets;
      if (operation !== 'chat' || first === undefined || isNamedBy(model, first)) return undefined;
      if (plan.named !== undefined && formatTarget(plan.named) === formatTarget(first)) return undefined;
      const compared = lists === undefined ? plan.targets : lists.find(first, model)?.targets;
      if (compared === undefined) return undefined;
      const ids = new Set<string>();
      const targets = compared.filter((target) => {
        const id = targetId(target);
        return ids.has(id) ? false : ids.add(id);
      });
      return { targets, others: plan.targets.filter((target) => !ids.has(targetId(target))) };
    },
    choose: ({ model }) => {
      const list = lists?.find(undefined, model);
      return list && { targets: list.targets, reason: `"${model}" fits "${list.pattern}" in candidates` };
    },
    check: () => lists?.check(),
  };
}
