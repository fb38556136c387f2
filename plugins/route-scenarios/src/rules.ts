import {
  type Choice,
  type Exchange,
  type ModelInfo,
  parseTarget,
  SignalboxError,
  type StrategyHost,
  type Target,
} from '@signalbox/kit';
import type { ScenariosConfig } from './config.ts';
import { Evidence } from './evidence.ts';
import { pathOf } from './name-steps.ts';
import { orderOf } from './order.ts';
import type { Compile, Found } from './step.ts';
import { compileSteps } from './steps.ts';
import { compileTarget, type TargetTemplate } from './target-template.ts';

/** The routes of one configuration, compiled. */
export interface Rules {
  /** For a name that begins with a configured provider, or is an entry of `models`. */
  named(exchange: Exchange): Choice | undefined;
  /** Target and reason for any other request; `undefined` where not even a default is configured. */
  choose(exchange: Exchange): Choice | undefined;
  /** There is no request without a target. */
  readonly decidesAll: boolean;
  /** The names of `models`, each with what is known of the model behind it. */
  models(): readonly ModelInfo[];
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

function ofName(named: Target, reason: string): Choice {
  return { targets: [named], named, reason };
}

function scenarioOf({ scenario }: Found): { scenario?: string } {
  return scenario === undefined ? {} : { scenario };
}

const ALL = '*';

/** What is configured, and stands behind the patterns of `models` in the order. */
function unreached(options: ScenariosConfig): readonly string[] {
  const order = orderOf(options.order);
  return [...order.slice(order.indexOf('models') + 1), 'default' as const].filter(
    (name) => options[name] !== undefined,
  );
}

/** @throws {SignalboxError} BAD_CONFIG for a target that is none. */
export function compileRules(options: ScenariosConfig, host: StrategyHost): Rules {
  const all = new Map<string, TargetTemplate>();
  const compile: Compile = (path, text, stars) => {
    const target = compileTarget(path, text, stars);
    all.set(path, target);
    return target;
  };
  const exact = new Map(
    Object.entries(options.models)
      .filter(([name]) => !name.includes('*'))
      .map(([name, text]) => [name, compile(pathOf(name), text)]),
  );
  const steps = compileSteps(options, compile);
  const fallback = options.default === undefined ? undefined : compile('default', options.default);
  const takesAll = Object.hasOwn(options.models, ALL);
  if (takesAll) {
    const never = unreached(options);
    if (never.length > 0) {
      host.log.warn({ never }, `the pattern "${ALL}" of models takes every name: never asked are ${never.join(', ')}`);
    }
  }

  return {
    named: ({ model }) => {
      const explicit = parseTarget(model);
      if (explicit !== undefined && host.hasProvider(explicit.provider)) {
        return ofName(explicit, `the model name asks for the provider ${explicit.provider}`);
      }
      const alias = exact.get(model);
      return alias && ofName(alias.fill(model, []), `"${model}" is listed in models`);
    },
    choose: (exchange) => {
      const { model } = exchange;
      const evidence = new Evidence(exchange);
      for (const step of steps) {
        const found = step(evidence);
        if (found !== undefined) return { targets: [found.target], reason: found.reason, ...scenarioOf(found) };
      }
      if (fallback === undefined) return undefined;
      const unread = evidence.unreadable ? ', whose contents could not be read' : '';
      return {
        targets: [fallback.fill(model, [])],
        reason: `nothing else decides "${model}"${unread}: the default`,
        scenario: 'default',
      };
    },
    decidesAll: fallback !== undefined || takesAll,
    models: () =>
      [...exact].map(([name, target]) => {
        const { displayName: _theirs, ...known } = host.modelInfo(target.fill(name, [])) ?? {};
        return { ...known, id: name };
      }),
    check: () => {
      const missing = [...all].filter(([, { provider }]) => !host.hasProvider(provider));
      if (missing.length === 0) return;
      const lines = missing.map(
        ([path, { provider, text }]) => `${path}: no provider is called "${provider}" (target "${text}")`,
      );
      throw new SignalboxError(
        'BAD_CONFIG',
        `${lines.join('; ')}. List the plugin of that provider, or change the target.`,
      );
    },
  };
}
