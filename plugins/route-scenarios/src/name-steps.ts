import { bySpecificity, compilePattern, type NamePattern, type Target } from '@signalbox/kit';
import type { ScenariosConfig } from './config.ts';
import { sideRequest } from './scenarios/side-request.ts';
import type { Compile, Step } from './step.ts';
import type { TargetTemplate } from './target-template.ts';

/**
 * A small model's name, or a small job under another name. A pattern of `models` that itself names small models
 * (`claude-haiku-*`) says more of where these go than the target for all background work.
 */
export function background(
  { backgroundModels, models }: ScenariosConfig,
  option: NonNullable<ScenariosConfig['background']>,
  compile: Compile,
): Step {
  const { target: text, sideRequests = true } = typeof option === 'string' ? { target: option } : option;
  const target = compile(typeof option === 'string' ? 'background' : 'background.target', text);
  const small = backgroundModels.map((name) => ({ text: name, pattern: compilePattern(name.toLowerCase()) }));
  const smallName = (name: string) => small.find(({ pattern }) => pattern.fits(name.toLowerCase()));
  const own = compilePatterns(models, compile).filter(({ pattern }) => smallName(pattern.text) !== undefined);
  return (evidence) => {
    const { model } = evidence.exchange;
    const name = smallName(model);
    const job = name === undefined && sideRequests ? sideRequest(evidence) : undefined;
    if (name === undefined && job === undefined) return undefined;
    const says = name === undefined ? undefined : match(own, model);
    const what = says === undefined ? (name === undefined ? `${job}` : `"${name.text}"`) : `"${says.text}" in models`;
    const reason = `"${model}" is background work (${what})`;
    return { target: says?.target ?? target.fill(model, []), reason, scenario: 'background' };
  };
}

/** The patterns among `models`, the longest literal start first. */
export function patterns(models: ScenariosConfig['models'], compile: Compile): Step | undefined {
  const wildcards = compilePatterns(models, compile);
  if (wildcards.length === 0) return undefined;
  return ({ exchange: { model } }) => {
    const found = match(wildcards, model);
    return found && { target: found.target, reason: `"${model}" fits "${found.text}" in models` };
  };
}

interface Wildcard {
  readonly pattern: NamePattern;
  readonly target: TargetTemplate;
}

function compilePatterns(models: ScenariosConfig['models'], compile: Compile): readonly Wildcard[] {
  return Object.entries(models)
    .map(([name, text]) => ({ name, text, pattern: compilePattern(name) }))
    .filter(({ pattern }) => pattern.stars > 0)
    .map(({ name, text, pattern }) => ({ pattern, target: compile(pathOf(name), text, pattern.stars) }))
    .sort((a, b) => bySpecificity(a.pattern, b.pattern));
}

function match(wildcards: readonly Wildcard[], model: string): { target: Target; text: string } | undefined {
  for (const { pattern, target } of wildcards) {
    const captures = pattern.match(model);
    if (captures !== undefined) return { target: target.fill(model, captures), text: pattern.text };
  }
  return undefined;
}

/** Where an entry of `models` stands in the options. */
export function pathOf(name: string): string {
  return `models[${JSON.stringify(name)}]`;
}
