import type { ModelInfo } from '@signalbox/spec';
import type { Exchange, RoutePlan, Target } from './exchange.ts';
import { type Plugin, registerPlugin } from './plugin.ts';
import { Stage } from './stage.ts';
import type { Static, TSchema } from './type.ts';

/** A choice as a strategy writes it: targets as `provider/model`. */
export interface Choice {
  readonly targets: readonly (string | Target)[];
  readonly reason: string;
  /** Like `moveOn`, as in `RoutePlan`. A strategy that refines leaves what it does not give. */
  readonly retry?: RoutePlan['retry'];
  readonly moveOn?: RoutePlan['moveOn'];
}

type Answer<T> = T | undefined | Promise<T | undefined>;

export interface Strategy {
  /** Asked only while no plan stands. `undefined`: no opinion, the next strategy decides. */
  choose?(exchange: Exchange): Answer<Choice>;
  /** Asked always, once a plan stands. `undefined` keeps it. */
  refine?(plan: RoutePlan, exchange: Exchange): Answer<Choice>;
  /** Names that a client may ask for because this strategy understands them. */
  models?(): readonly ModelInfo[];
  /** Called once when every plugin is loaded. Throwing stops the start: a target that names no provider. */
  ready?(): void | Promise<void>;
}

/** What a strategy may ask of the gateway. */
export interface StrategyHost {
  /** Whether targets of this provider exist. Complete once `ready` is called. */
  hasProvider(name: string): boolean;
}

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
        const strategy = definition.create(options, { hasProvider: (provider) => host.hasProvider(provider) });
        if (strategy.ready !== undefined) hooks.ready.tapPromise(name, async () => strategy.ready?.());
        if (strategy.models !== undefined) addModels(() => strategy.models?.() ?? []);
        if (strategy.choose !== undefined) {
          hooks.route.tapPromise({ name, stage: Stage.Rule }, async (plan, exchange) => {
            if (plan !== undefined) return plan;
            const choice = await strategy.choose?.(exchange);
            return choice === undefined ? undefined : toPlan(choice);
          });
        }
        if (strategy.refine !== undefined) {
          hooks.route.tapPromise({ name, stage: Stage.Refine }, async (plan, exchange) => {
            if (plan === undefined) return undefined;
            const choice = await strategy.refine?.(plan, exchange);
            return choice === undefined ? plan : toPlan(choice, plan);
          });
        }
      },
    },
  );
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

function toPlan({ targets, reason, retry, moveOn }: Choice, before?: RoutePlan): RoutePlan {
  const policy = { retry: retry ?? before?.retry, moveOn: moveOn ?? before?.moveOn };
  return {
    reason,
    ...(policy.retry === undefined ? {} : { retry: policy.retry }),
    ...(policy.moveOn === undefined ? {} : { moveOn: policy.moveOn }),
    targets: targets.map((target) => {
      if (typeof target !== 'string') return target;
      const parsed = parseTarget(target);
      if (parsed === undefined) throw new TypeError(`a target is written provider/model, not "${target}"`);
      return parsed;
    }),
  };
}
