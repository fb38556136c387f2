import {
  bySpecificity,
  compilePattern,
  didYouMean,
  formatTarget,
  type NamePattern,
  parseTarget,
  SignalboxError,
  type StrategyHost,
  type Target,
  unknownProvider,
} from '@signalbox/kit';
import type { FallbackConfig } from './config.ts';

/** The targets behind a first one, and what decided. */
export interface Chain {
  readonly targets: readonly Target[];
  readonly why: string;
}

/** The fallbacks of one configuration, compiled. */
export interface Fallbacks {
  /** What comes behind `first` where a client asked for `model` in a scenario; `{model}` is filled in. */
  behind(first: Target, model: string, scenario: string | undefined): Chain;
  /**
   * Warns of what can never apply.
   * @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist.
   */
  check(): void;
}

interface Entry {
  readonly path: string;
  readonly text: string;
  readonly target: Target;
}

const MODEL = '{model}';
/** What comes before the name of a scenario in a key of `fallbacks`. */
const SCENARIO = 'scenario:';
/** Those that plugins of Signalbox know; a rule or a script may have others. */
const SCENARIOS = ['webSearch', 'image', 'longContext', 'compact', 'subagent', 'background', 'think', 'default'];

/** @throws {SignalboxError} BAD_CONFIG for a target that is none. */
export function compileFallbacks(
  { fallbacks, default: others }: Pick<FallbackConfig, 'fallbacks' | 'default'>,
  host: StrategyHost,
): Fallbacks {
  const rules: { pattern: NamePattern; entries: readonly Entry[] }[] = Object.entries(fallbacks).map(
    ([text, targets]) => ({
      pattern: compilePattern(text),
      entries: compileTargets(pathOf(text), targets),
    }),
  );
  rules.sort((a, b) => bySpecificity(a.pattern, b.pattern));
  const scenarios = new Map(rules.map((rule) => [rule.pattern.text, rule]));
  const rest = compileTargets('default', others);

  return {
    behind: (first, model, scenario) => {
      const name = formatTarget(first);
      const rule =
        (scenario === undefined ? undefined : scenarios.get(SCENARIO + scenario)) ??
        rules.find(({ pattern }) => pattern.fits(name) || pattern.fits(model));
      const entries = rule?.entries ?? rest;
      return {
        targets: entries.map(({ target }) => filled(target, first.model)),
        why: rule === undefined ? 'the default fallback' : `the fallback of "${rule.pattern.text}"`,
      };
    },
    check: () => {
      for (const { pattern } of rules) {
        const why = neverFits(pattern.text, host);
        if (why !== undefined) host.log.warn({ plugin: 'route-fallback' }, `${pathOf(pattern.text)}: ${why}`);
      }
      const missing = [...rules.flatMap(({ entries }) => entries), ...rest].filter(
        ({ target }) => !host.hasProvider(target.provider),
      );
      if (missing.length === 0) return;
      const lines = missing.map(
        ({ path, text, target }) =>
          `${path}: no provider is called "${target.provider}" (target "${text}").${didYouMean(target.provider, host.providerNames())}`,
      );
      throw new SignalboxError(
        'BAD_CONFIG',
        `${lines.join(' ')} List the plugin of that provider, or change the target.`,
      );
    },
  };
}

/** In words, where a key fits no first target and no scenario that is known. */
function neverFits(key: string, host: StrategyHost): string | undefined {
  if (key.startsWith(SCENARIO)) {
    const scenario = key.slice(SCENARIO.length);
    const meant = SCENARIOS.includes(scenario) ? '' : didYouMean(scenario, SCENARIOS);
    return meant === '' ? undefined : `unless a rule or a script of yours is about "${scenario}", nothing is.${meant}`;
  }
  // Without a provider in it, it is a model as clients ask for it.
  const why = /^[^*]*\//.test(key) ? unknownProvider(key, host) : undefined;
  return why && `it is only for clients that ask for a model by that name: ${why}`;
}

function pathOf(key: string): string {
  return `fallbacks[${JSON.stringify(key)}]`;
}

function compileTargets(path: string, texts: readonly string[]): readonly Entry[] {
  return texts.map((text, index) => {
    const target = parseTarget(text);
    if (target === undefined || /[*{]/.test(target.provider)) {
      throw new SignalboxError('BAD_CONFIG', `${path}[${index}]: a target is written provider/model, not "${text}".`);
    }
    if (target.model.includes('*')) {
      throw new SignalboxError('BAD_CONFIG', `${path}[${index}]: "*" stands in patterns only; write {model}.`);
    }
    return { path: `${path}[${index}]`, text, target };
  });
}

function filled({ provider, model }: Target, first: string): Target {
  return { provider, model: model.replaceAll(MODEL, () => first) };
}
