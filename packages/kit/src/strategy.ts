import type { ModelInfo } from '@signalbox/spec';
import {
  type Admission,
  type AttemptRecord,
  type Exchange,
  type RoutePlan,
  stateKey,
  type Target,
} from './exchange.ts';
import { type Plugin, type PluginHost, registerPlugin } from './plugin.ts';
import { Stage } from './stage.ts';
import type { Static, TSchema } from './type.ts';

/** A choice as a strategy writes it. A strategy that refines leaves the policies that it does not give. */
export interface Choice
  extends Pick<
    RoutePlan,
    'reason' | 'scenario' | 'named' | 'chosen' | 'drawn' | 'retry' | 'moveOn' | 'hedge' | 'onCut'
  > {
  /** Targets as `provider/model`. */
  readonly targets: readonly (string | Target)[];
  /** Asked before every try, after those that stand in the plan already. */
  readonly admit?: Admission;
}

type Answer<T> = T | undefined | Promise<T | undefined>;

export interface Strategy {
  /**
   * Asked before all that choose, whatever stands ahead in the config: for a name by which the client chose its target
   * itself, `provider/model` or an alias. `undefined`: the name says nothing of the kind.
   */
  named?(exchange: Exchange): Answer<Choice>;
  /** Asked only while no plan stands. `undefined`: no opinion, the next strategy decides. */
  choose?(exchange: Exchange): Answer<Choice>;
  /** Its `choose` has an answer to every request: who only chooses, and stands behind it in the config, is warned about. */
  readonly decidesAll?: boolean;
  /** The same, after all others that choose, and not for `provider/model`: what is chosen rather than nothing. */
  chooseLast?(exchange: Exchange): Answer<Choice>;
  /** Asked always, once a plan stands. `undefined` keeps it. */
  refine?(plan: RoutePlan, exchange: Exchange): Answer<Choice>;
  /**
   * Where `refine` stands among the others, whatever the order of the config: `Stage.Whole`, `Stage.Final`. Default:
   * `Stage.Refine`.
   */
  readonly refineStage?: number;
  /** Names that a client may ask for because this strategy understands them. */
  models?(): readonly ModelInfo[];
  /** Called once when every plugin is loaded. Throwing stops the start: a target that names no provider. */
  ready?(): void | Promise<void>;
  /** Told of every try once it has ended, whoever chose its target. */
  attempted?(attempt: AttemptRecord, exchange: Exchange): void;
  /** Called once, when no request needs this strategy any more. It has 3 s. */
  close?(): void | Promise<void>;
}

/** What a strategy may ask of the gateway. */
export type StrategyHost = Pick<
  PluginHost,
  | 'hooks'
  | 'log'
  | 'configDir'
  | 'env'
  | 'hasProvider'
  | 'providerNames'
  | 'keysOf'
  | 'modelInfo'
  | 'kept'
  | 'addHealth'
>;

export interface StrategyDefinition<S extends TSchema> {
  readonly id: string;
  readonly configSchema: S;
  create(options: Static<S>, host: StrategyHost): Strategy;
}

export function defineStrategy<S extends TSchema>(
  definition: StrategyDefinition<S>,
): Plugin & { definition: StrategyDefinition<S> } {
  const name = `route-${definition.id}`;
  return registerPlugin(
    { definition },
    {
      name,
      configSchema: definition.configSchema,
      apply: (host, options) => {
        const { hooks, addModels } = host;
        const strategy = definition.create(options, host);
        if (strategy.ready !== undefined) hooks.ready.tapPromise(name, async () => strategy.ready?.());
        if (strategy.close !== undefined) hooks.close.tapPromise(name, async () => strategy.close?.());
        if (strategy.attempted !== undefined) {
          hooks.attempt.tap(name, (attempt, exchange) => strategy.attempted?.(attempt, exchange));
        }
        if (strategy.models !== undefined) addModels(() => strategy.models?.() ?? []);
        if (strategy.named !== undefined) {
          hooks.route.tapPromise({ name, stage: Stage.Early }, async (plan, exchange) => {
            if (plan !== undefined) return plan;
            const choice = await strategy.named?.(exchange);
            return choice && applyChoice(name, choice, undefined, exchange);
          });
        }
        if (strategy.choose !== undefined) {
          const before = decided.get(hooks);
          // What refines as well has its say all the same.
          if (before !== undefined && strategy.refine === undefined) {
            host.log.warn({ plugin: name }, neverAsked(name, before));
          }
          if (before === undefined && strategy.decidesAll === true) decided.set(hooks, name);
          hooks.route.tapPromise({ name, stage: Stage.Rule }, async (plan, exchange) => {
            if (plan !== undefined) return plan;
            return applyChoice(name, await strategy.choose?.(exchange), undefined, exchange);
          });
        }
        if (strategy.chooseLast !== undefined) {
          // Behind the core's own tap there, which knows `provider/model`.
          hooks.route.tapPromise({ name, stage: Stage.Refine - 1 }, async (plan, exchange) => {
            if (plan !== undefined) return plan;
            const choice = await strategy.chooseLast?.(exchange);
            return choice && applyChoice(name, choice, undefined, exchange);
          });
        }
        if (strategy.refine !== undefined) {
          hooks.route.tapPromise({ name, stage: strategy.refineStage ?? Stage.Refine }, async (plan, exchange) => {
            if (plan === undefined) return undefined;
            chosenPlan(plan, exchange);
            return applyChoice(name, await strategy.refine?.(plan, exchange), plan, exchange);
          });
        }
      },
    },
  );
}

const chosen = stateKey<{ plan?: RoutePlan }>(() => ({}));

/** The plan of a request as it was chosen, before the first strategy refined it. `plan` is the one that stands now. */
export function chosenPlan(plan: RoutePlan, exchange: Pick<Exchange, 'state'>): RoutePlan {
  const known = exchange.state(chosen);
  known.plan ??= plan;
  return known.plan;
}

/** `provider/model`, split at the first slash; `provider,model` is accepted where a person typed it. */
export function parseTarget(text: string): Target | undefined {
  const at = text.search(/[/,]/);
  const provider = text.slice(0, Math.max(0, at)).trim();
  const model = text.slice(at + 1).trim();
  return provider === '' || model === '' ? undefined : { provider, model };
}

export function formatTarget({ provider, model }: Target): string {
  return `${provider}/${model}`;
}

/** Whether a client that asks for this model names the target itself: `provider/model`, or `provider,model`. */
export function isNamedBy(asked: string, target: Target): boolean {
  const named = parseTarget(asked);
  return named !== undefined && formatTarget(named) === formatTarget(target);
}

/** A target with its key, as one name: `provider/model`, or `provider#key/model`. For keeping state about it. */
export function targetId({ provider, model, key }: Target): string {
  return key === undefined ? `${provider}/${model}` : `${provider}#${key}/${model}`;
}

/** The first strategy of a config that has an answer to everything. */
const decided = new WeakMap<PluginHost['hooks'], string>();

function neverAsked(name: string, before: string): string {
  return `${name} chooses for nothing but what clients name themselves, if for that: ${before} stands before it in the config and has an answer to everything. List ${name} before ${before}.`;
}

function applyChoice(
  strategy: string,
  choice: Choice | undefined,
  before: RoutePlan | undefined,
  exchange: Exchange,
): RoutePlan | undefined {
  if (choice === undefined) {
    exchange.routing.push({ strategy, said: undefined });
    return before;
  }
  const plan = toPlan(choice, before);
  exchange.routing.push({ strategy, said: choice.reason, targets: plan.targets });
  return plan;
}

function toPlan({ targets, reason, admit, ...policy }: Choice, before?: RoutePlan): RoutePlan {
  return {
    ...before,
    ...policy,
    ...(admit === undefined ? {} : { admit: [...(before?.admit ?? []), admit] }),
    reason,
    targets: targets.map((target) => {
      if (typeof target !== 'string') return target;
      const parsed = parseTarget(target);
      if (parsed === undefined) throw new TypeError(`a target is written provider/model, not "${target}"`);
      return parsed;
    }),
  };
}
