import { type Choice, parseTarget, SignalboxError, type StrategyHost } from '@signalbox/kit';
import type { ScenariosConfig } from './config.ts';
import { bySpecificity, compilePattern, type Pattern } from './pattern.ts';
import { compileTarget, type TargetTemplate } from './target-template.ts';

/** The routes of one configuration, compiled. */
export interface Rules {
  /** Target and reason for a model name; `undefined` where not even a default is configured. */
  choose(model: string): Choice | undefined;
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

/** @throws {SignalboxError} BAD_CONFIG for a target that is none. */
export function compileRules(options: ScenariosConfig, host: StrategyHost): Rules {
  const exact = new Map<string, TargetTemplate>();
  const wildcards: { pattern: Pattern; target: TargetTemplate }[] = [];
  const all: [path: string, target: TargetTemplate][] = [];
  const compile = (path: string, text: string, stars?: number): TargetTemplate => {
    const target = compileTarget(path, text, stars);
    all.push([path, target]);
    return target;
  };
  for (const [name, text] of Object.entries(options.models)) {
    const pattern = compilePattern(name);
    const target = compile(`models[${JSON.stringify(name)}]`, text, pattern.stars);
    if (pattern.stars === 0) exact.set(name, target);
    else wildcards.push({ pattern, target });
  }
  wildcards.sort((a, b) => bySpecificity(a.pattern, b.pattern));
  const background = options.background === undefined ? undefined : compile('background', options.background);
  const backgroundModels = options.backgroundModels.map(compilePattern);
  const fallback = options.default === undefined ? undefined : compile('default', options.default);

  return {
    choose: (model) => {
      const explicit = parseTarget(model);
      if (explicit !== undefined && host.hasProvider(explicit.provider)) {
        return { targets: [explicit], reason: `the model name asks for the provider ${explicit.provider}` };
      }
      const named = exact.get(model);
      if (named !== undefined) return { targets: [named.fill(model, [])], reason: `"${model}" is listed in models` };
      for (const { pattern, target } of wildcards) {
        const captures = pattern.match(model);
        if (captures === undefined) continue;
        return { targets: [target.fill(model, captures)], reason: `"${model}" fits "${pattern.text}" in models` };
      }
      const small = background && backgroundModels.find((pattern) => pattern.match(model) !== undefined);
      if (background !== undefined && small !== undefined) {
        return { targets: [background.fill(model, [])], reason: `"${model}" is background work ("${small.text}")` };
      }
      return (
        fallback && { targets: [fallback.fill(model, [])], reason: `nothing else decides "${model}": the default` }
      );
    },
    check: () => {
      const missing = all.filter(([, { provider }]) => !host.hasProvider(provider));
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
