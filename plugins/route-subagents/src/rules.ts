import { type Exchange, formatTarget, parseTarget, type RoutePlan, SignalboxError, type Target } from '@signalbox/kit';
import { compileAgentName } from './agent-name.ts';
import type { SubagentsConfig } from './config.ts';
import { agentIdOf, firstLine, isSubagent, openingTexts, promptTexts } from './subagent.ts';
import { mayHoldTag, tagValues } from './tag.ts';

/** The rules of one configuration, compiled. */
export interface Rules {
  /** `undefined` for what is neither a subagent's request nor tagged, and for subagents that no rule fits. */
  choose(exchange: Exchange): RoutePlan | undefined;
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

/** @throws {SignalboxError} BAD_CONFIG for a target that is none. */
export function compileRules(options: SubagentsConfig, hasProvider: (name: string) => boolean): Rules {
  const all: [path: string, target: Target][] = [];
  const compile = (path: string, text: string): Target => {
    const target = parseTarget(text);
    if (target === undefined) {
      throw new SignalboxError('BAD_CONFIG', `${path}: a target is written provider/model, not "${text}".`);
    }
    all.push([path, target]);
    return target;
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

  const choose = (exchange: Exchange, subagent: boolean): RoutePlan | undefined => {
    if (options.tags && mayHoldTag(exchange)) {
      const plan = chooseByTag(exchange, subagent, hasProvider);
      if (plan !== undefined) return plan;
    }
    if (!subagent) return undefined;
    if (prompts.length > 0) {
      const texts = promptTexts(exchange.request);
      const rule = prompts.find(({ includes }) => texts.some((text) => text.includes(includes)));
      if (rule !== undefined) {
        return { targets: [rule.target], reason: `the subagent’s prompt says "${rule.includes}" (prompts)` };
      }
    }
    const agentId = agentIdOf(exchange);
    const line = readsLine ? firstLine(exchange.request) : '';
    const rule = agents.find(({ name }) => name.matches(agentId, line));
    return rule && { targets: [rule.target], reason: `the subagent fits "${rule.name.text}" in agents` };
  };

  return {
    choose: (exchange) => {
      const subagent = isSubagent(exchange);
      const plan = choose(exchange, subagent);
      return subagent && plan !== undefined ? { ...plan, scenario: 'subagent' } : plan;
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
 * The first tag that names a target, of the agent's own prompt, then of the task from its last text to its first, which
 * puts a tag in CLAUDE.md behind one in the task. Whoever is no subagent is asked for the task alone.
 */
function chooseByTag(
  exchange: Exchange,
  subagent: boolean,
  hasProvider: (name: string) => boolean,
): RoutePlan | undefined {
  const { request, notes } = exchange;
  const own = subagent ? request.system.map(({ text }, at) => ({ path: `system[${at}].text`, text })) : [];
  for (const { path, text } of [...own, ...openingTexts(request).reverse()]) {
    for (const value of tagValues(text)) {
      const target = parseTarget(value);
      if (target !== undefined && hasProvider(target.provider)) {
        const whose = subagent ? 'the subagent’s prompt' : 'the first message';
        return { targets: [target], reason: `a tag in ${whose} asks for ${formatTarget(target)}` };
      }
      const fault = target === undefined ? 'a target is written provider/model' : 'no such provider is configured';
      notes.add(path, 'dropped', `the tag asks for ${JSON.stringify(value.slice(0, 100))}: ${fault}`);
    }
  }
  return undefined;
}
