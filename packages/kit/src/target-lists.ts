import { SignalboxError } from './errors.ts';
import type { Target } from './exchange.ts';
import { bySpecificity, compilePattern, type NamePattern } from './name-pattern.ts';
import type { PluginHost } from './plugin.ts';
import { formatTarget, parseTarget } from './strategy.ts';

/** An option that gives lists of targets for patterns, compiled. */
export interface TargetLists {
  /**
   * The list of the most exact pattern that fits the target or the model as asked for; `{model}` is the target's, and the
   * model as asked for where there is no target yet.
   */
  find(first: Target | undefined, asked: string): TargetList | undefined;
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

export interface TargetList {
  readonly pattern: string;
  readonly targets: readonly Target[];
}

const MODEL = '{model}';

interface Rule {
  readonly pattern: NamePattern;
  readonly path: string;
  readonly targets: readonly Target[];
  /** Some target has a `{model}` to fill in. */
  readonly filled: boolean;
}

/**
 * Compiles `{ "anthropic/*": ["openrouter/anthropic/{model}"] }`; `option` is its name, for messages.
 * @throws {SignalboxError} BAD_CONFIG for a target that is none.
 */
export function compileTargetLists(
  option: string,
  lists: Readonly<Record<string, readonly string[]>>,
  host: Pick<PluginHost, 'hasProvider'>,
): TargetLists {
  const rules = Object.entries(lists).map(([text, list]): Rule => {
    const path = `${option}[${JSON.stringify(text)}]`;
    const targets = list.map((target, index) => compileTarget(`${path}[${index}]`, target));
    return { pattern: compilePattern(text), path, targets, filled: targets.some(({ model }) => model.includes(MODEL)) };
  });
  rules.sort((a, b) => bySpecificity(a.pattern, b.pattern));
  return {
    find: (first, asked) => {
      const name = first === undefined ? asked : formatTarget(first);
      const rule = rules.find(({ pattern }) => pattern.fits(name) || pattern.fits(asked));
      if (rule === undefined) return undefined;
      const model = first?.model ?? asked;
      const targets = rule.filled ? rule.targets.map((target) => fill(target, model)) : rule.targets;
      return { pattern: rule.pattern.text, targets };
    },
    check: () => {
      const missing = rules.flatMap(({ path, targets }) =>
        targets.flatMap((target, index) =>
          host.hasProvider(target.provider)
            ? []
            : [`${path}[${index}]: no provider is called "${target.provider}" (target "${formatTarget(target)}")`],
        ),
      );
      if (missing.length === 0) return;
      throw new SignalboxError(
        'BAD_CONFIG',
        `${missing.join('; ')}. List the plugin of that provider, or change the target.`,
      );
    },
  };
}

function fill({ provider, model }: Target, asked: string): Target {
  return { provider, model: model.replaceAll(MODEL, () => asked) };
}

function compileTarget(path: string, text: string): Target {
  const target = parseTarget(text);
  if (target === undefined || /[*{]/.test(target.provider)) {
    throw new SignalboxError('BAD_CONFIG', `${path}: a target is written provider/model, not "${text}".`);
  }
  if (target.model.includes('*')) {
    throw new SignalboxError('BAD_CONFIG', `${path}: "*" stands in patterns only; write {model}.`);
  }
  return target;
}
