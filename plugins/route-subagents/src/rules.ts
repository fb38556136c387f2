import { type Exchange, formatTarget, parseTarget, type RoutePlan, SignalboxError, type Target } from '@signalbox/kit';
import { compileAgentName } from './agent-name.ts';
import type { SubagentsConfig } from './config.ts';
import { agentIdsOf, firstLine, isSubagent, openingTexts, promptTexts } from './subagent.ts';
import { mayHoldTag, tagValues } from './tag.ts';

/** In a target, the model as the client asks for it. */
const MODEL = '{model}';

/** The rules of one configuration, compiled. */
export interface Rules {
  /** By a tag that a subagent's own prompt or task holds, which says more about it than its model's name: that is inherited. */
  ownTag(exchange: Exchange): RoutePlan | undefined;
  /** `undefined` for what is neither a subagent's request nor tagged, and for subagents that no rule fits. */
  choose(exchange: Exchange): RoutePlan | undefined;
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

/** @throws {SignalboxError} BAD_CONFIG for a target that is none. */
export function compileRules(options: SubagentsConfig, hasProvider: (name: string) => boolean): Rules {
  const all: [path: string, target: Target][] = [];
  const compile = (path: string, text: string): ((asked: string) => Target) => {
    const target = parseTarget(text);
    if (target === undefined || target.provider.includes(MODEL)) {
      throw new SignalboxError('BAD_CONFIG', `${path}: a target is written provider/model, not "${text}".`);
    }
    all.push([path, target]);
    const { provider, model } = target;
    return model.includes(MODEL)
      ? (asked) => ({ provider, model: model.replaceAll(MODEL, () => asked) })
      : () => target;
  };
  const prompts = options.prompts.map(({ includes, target }, index) => ({
    includes,
    target: compile(`prompts[${index}].target`, target),
  }));
  const agents = Object.entries(options.agents)
    .map(([name, target]) => ({
      name: compileAgentName(name),
      target: compile(`agents[${JSON.stringify(name)}]`, target),
    }))
    .sort((a, b) => b.name.weight - a.name.weight);
  // Who only has `*` needs no request decoded.
  const readsLine = agents.some(({ name }) => name.weight > 0);

  const nested = options.nested === undefined ? undefined : compile('nested', options.nested);

  const chooseByRules = (exchange: Exchange): RoutePlan | undefined => {
    if (prompts.length > 0) {
      const texts = promptTexts(exchange.request);
      const rule = prompts.find(({ includes }) => texts.some((text) => text.includes(includes)));
      if (rule !== undefined) {
        return {
          targets: [rule.target(exchange.model)],
          reason: `the subagent’s prompt says "${rule.includes}" (prompts)`,
        };
      }
    }
    const { own, parent } = agentIdsOf(exchange);
    const line = readsLine ? firstLine(exchange.request) : '';
    const rule = agents.find(({ name }) => name.matches(own, line));
    if (nested !== undefined && parent !== undefined && (rule === undefined || rule.name.weight === 0)) {
      return { targets: [nested(exchange.model)], reason: 'a subagent has started the subagent (nested)' };
    }
    return (
      rule && { targets: [rule.target(exchange.model)], reason: `the subagent fits "${rule.name.text}" in agents` }
    );
  };
  const tagged = (exchange: Exchange, subagent: boolean): RoutePlan | undefined =>
    options.tags && mayHoldTag(exchange) ? chooseByTag(exchange, subagent, hasProvider) : undefined;

  return {
    ownTag: (exchange) => {
      const plan = options.tags && isSubagent(exchange) ? tagged(exchange, true) : undefined;
      return plan && { ...plan, scenario: 'subagent' };
    },
    choose: (exchange) => {
      // Without a strategy that knows names, too: what the client asks for by its provider is not for rules to change.
      const named = parseTarget(exchange.model);
      if (named !== undefined && hasProvider(named.provider)) return undefined;
      if (!isSubagent(exchange)) return tagged(exchange, false);
      const plan = chooseByRules(exchange);
      return plan && { ...plan, scenario: 'subagent' };
    },
    check: () => {
      const missing = all.filter(([, { provider }]) => !hasProvider(provider));
      if (missing.length === 0) return;
      const lines = missing.map(
        ([path, target]) => `${path}: no provider is called "${target.provider}" (target "${formatTarget(target)}")`,
      );
      throw new SignalboxError(
        'BAD_CONFIG',
        `${lines.join('; ')}. List the plugin of that provider, or change the target.`,
      );
    },
  };
}

/**
 * The first tag that names a target, of the agent's own prompt, then of the task from its last text to its first. Whoever
 * is no subagent is asked for the task alone, and for what its texts begin with: people talk about tags.
 */
function chooseByTag(
  exchange: Exchange,
  subagent: boolean,
  hasProvider: (name: string) => boolean,
): RoutePlan | undefined {
  const { request, notes } = exchange;
  const own = subagent ? request.system.map(({ text }, at) => ({ path: `system[${at}].text`, text })) : [];
  for (const { path, text } of [...own, ...openingTexts(request).reverse()]) {
    for (const value of tagValues(text, subagent ? 'anywhere' : 'start')) {
      const target = parseTarget(value);
      if (target !== undefined && hasProvider(target.provider)) {
        const whose = subagent ? 'the subagent’s prompt' : 'the first message';
        return { targets: [target], reason: `a tag in ${whose} asks for ${formatTarget(target)}` };
      }
      const fault =
        target === undefined ? 'a target is written provider/model, no alias' : 'no such provider is configured';
      notes.add(path, 'dropped', `the tag asks for ${JSON.stringify(value.slice(0, 100))}: ${fault}`);
    }
  }
  return undefined;
}
