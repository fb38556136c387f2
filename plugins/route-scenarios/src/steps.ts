import type { ScenariosConfig } from './config.ts';
import type { Recognise } from './evidence.ts';
import { background, patterns } from './name-steps.ts';
import { orderOf, type StepName } from './order.ts';
import { isCompaction } from './scenarios/compact.ts';
import { holdsImages } from './scenarios/image.ts';
import { longContext } from './scenarios/long-context.ts';
import { isSubagent } from './scenarios/subagent.ts';
import { think } from './scenarios/think.ts';
import { asksForWebSearch } from './scenarios/web-search.ts';
import type { Compile, Step } from './step.ts';

/** The questions that this configuration asks, in order. Each tells which of the others it was asked before. */
export function compileSteps(options: ScenariosConfig, compile: Compile): readonly Step[] {
  const asked = orderOf(options.order).flatMap((name) => {
    const step = compileStep(name, options, compile);
    return step === undefined ? [] : [{ name, step }];
  });
  return asked.map(({ name, step }, at): Step => {
    const others = asked.slice(at + 1).map((other) => other.name);
    if (others.length === 0) return step;
    const precedence = ` (${name} is asked before ${others.join(', ')})`;
    return (evidence) => {
      const found = step(evidence);
      return found && { ...found, reason: found.reason + precedence };
    };
  });
}

function compileStep(name: StepName, options: ScenariosConfig, compile: Compile): Step | undefined {
  switch (name) {
    case 'models':
      return patterns(options.models, compile);
    case 'background':
      return options.background === undefined ? undefined : background(options, options.background, compile);
    case 'think':
      return scenario(name, options.think, compile, think);
    case 'longContext':
      return scenario(name, options.longContext, compile, ({ thresholdTokens }) => longContext(thresholdTokens));
    case 'webSearch':
      return scenario(name, options.webSearch, compile, () => asksForWebSearch);
    case 'image':
      return scenario(name, options.image, compile, () => holdsImages);
    case 'compact':
      return scenario(name, options.compact, compile, () => isCompaction);
    case 'subagent':
      return scenario(name, options.subagent, compile, () => isSubagent);
  }
}

function scenario<Options extends { readonly target: string }>(
  name: StepName,
  option: string | Options | undefined,
  compile: Compile,
  recogniser: (options: Partial<Options>) => Recognise,
): Step | undefined {
  if (option === undefined) return undefined;
  const [path, text, options] =
    typeof option === 'string' ? [name, option, {}] : [`${name}.target`, option.target, option];
  const target = compile(path, text);
  const recognise = recogniser(options);
  return (evidence) => {
    const why = recognise(evidence);
    return why === undefined
      ? undefined
      : { target: target.fill(evidence.exchange.model, []), reason: `${name}: ${why}`, scenario: name };
  };
}
