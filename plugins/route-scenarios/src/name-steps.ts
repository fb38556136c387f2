import { bySpecificity, compilePattern } from '@signalbox/kit';
import type { ScenariosConfig } from './config.ts';
import { sideRequest } from './scenarios/side-request.ts';
import type { Compile, Step } from './step.ts';

/** A small model's name, or a small job under another name. */
export function background(
  { backgroundModels }: ScenariosConfig,
  option: NonNullable<ScenariosConfig['background']>,
  compile: Compile,
): Step {
  const { target: text, sideRequests = true } = typeof option === 'string' ? { target: option } : option;
  const target = compile(typeof option === 'string' ? 'background' : 'background.target', text);
  const names = backgroundModels.map(compilePattern);
  return (evidence) => {
    const { model } = evidence.exchange;
    const name = names.find((pattern) => pattern.fits(model));
    const job = name === undefined && sideRequests ? sideRequest(evidence) : undefined;
    if (name === undefined && job === undefined) return undefined;
    const what = name === undefined ? `${job}` : `"${name.text}"`;
    const reason = `"${model}" is background work (${what})`;
    return { target: target.fill(model, []), reason, scenario: 'background' };
  };
}

/** The patterns among `models`, the longest literal start first. */
export function patterns(models: ScenariosConfig['models'], compile: Compile): Step | undefined {
  const wildcards = Object.entries(models)
    .map(([name, text]) => ({ name, text, pattern: compilePattern(name) }))
    .filter(({ pattern }) => pattern.stars > 0)
    .map(({ name, text, pattern }) => ({ pattern, target: compile(pathOf(name), text, pattern.stars) }))
    .sort((a, b) => bySpecificity(a.pattern, b.pattern));
  if (wildcards.length === 0) return undefined;
  return ({ exchange: { model } }) => {
    for (const { pattern, target } of wildcards) {
      const captures = pattern.match(model);
      if (captures === undefined) continue;
      return { target: target.fill(model, captures), reason: `"${model}" fits "${pattern.text}" in models` };
    }
    return undefined;
  };
}

/** Where an entry of `models` stands in the options. */
export function pathOf(name: string): string {
  return `models[${JSON.stringify(name)}]`;
}
