import type { Environment } from '@marcbachmann/cel-js';
import {
  type Choice,
  type Exchange,
  formatTarget,
  parseTarget,
  SignalboxError,
  type StrategyHost,
  sessionKey,
  type Target,
} from '@signalbox/kit';
import { type Condition, compileCondition } from './condition.ts';
import type { Rule, RulesConfig } from './config.ts';
import { createLanguage } from './language.ts';
import { draw, type Share } from './shares.ts';

/** The rules of one configuration, compiled. */
export interface Rules {
  /** For a client that names its target itself, and for rules that overrule names. */
  named(exchange: Exchange): Choice | undefined;
  choose(exchange: Exchange): Choice | undefined;
  /** Some rule has no condition. */
  readonly decidesAll: boolean;
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

interface CompiledRule {
  readonly index: number;
  readonly path: string;
  readonly name: string | undefined;
  readonly says: string;
  readonly applies: Condition | undefined;
  readonly shares: readonly Share[];
  readonly weighted: boolean;
  readonly overrules: boolean;
}

const MODEL = '{model}';

/** @throws {SignalboxError} BAD_CONFIG for every rule that cannot work. */
export function compileRules({ rules }: RulesConfig, host: StrategyHost): Rules {
  const language = createLanguage();
  const problems: string[] = [];
  const compiled = rules.flatMap((rule, index) => {
    try {
      return [compileRule(rule, index, language, host)];
    } catch (error) {
      if (!SignalboxError.is(error)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  if (problems.length > 0) throw new SignalboxError('BAD_CONFIG', problems.join('\n'));
  warnOfUnreached(compiled, host);
  const anyOverrules = compiled.some(({ overrules }) => overrules);
  return {
    named: (exchange) => {
      const named = namedTarget(exchange.model, host);
      if (named === undefined) {
        // Another strategy may know the name: only a rule that would decide anyhow goes before that.
        const rule = anyOverrules ? compiled.find((one) => applies(one, exchange)) : undefined;
        return rule?.overrules === true ? choiceOf(rule, exchange, exchange.model) : undefined;
      }
      const rule = compiled.find((one) => one.overrules && applies(one, exchange));
      if (rule !== undefined) return choiceOf(rule, exchange, named.model);
      return { targets: [named], named, reason: `the model name asks for the provider ${named.provider}` };
    },
    choose: (exchange) => {
      const rule = compiled.find((one) => applies(one, exchange));
      return rule && choiceOf(rule, exchange, exchange.model);
    },
    decidesAll: compiled.some(takesAll),
    check: () => {
      const missing = compiled.flatMap(({ path, shares }) =>
        shares
          .filter(({ target }) => !host.hasProvider(target.provider))
          .map(
            ({ target }) => `${path}.to: no provider is called "${target.provider}" (target "${formatTarget(target)}")`,
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

function compileRule(
  { name, when, to, overrules = false }: Rule,
  index: number,
  language: Environment,
  host: StrategyHost,
): CompiledRule {
  const path = `rules[${index}]`;
  const called = name === undefined ? `rule ${index + 1}` : `the rule "${name}"`;
  let warned = false;
  const failed = (error: Error) => {
    // A client may send any number of such requests.
    if (warned) return;
    warned = true;
    host.log.warn({ rule: path, err: error }, `${called} has no value for a request and does not apply to such ones`);
  };
  if (Array.isArray(to) && to.every((entry) => typeof entry !== 'string' && entry.weight === 0)) {
    throw new SignalboxError('BAD_CONFIG', `${path}.to: at least one target needs a weight above 0.`);
  }
  const entries: readonly (string | { readonly target: string; readonly weight: number })[] =
    typeof to === 'string' ? [to] : to;
  return {
    index,
    path,
    name,
    says: when === undefined ? `${called} takes everything` : `${called} applies: ${when.replaceAll(/\s+/g, ' ')}`,
    applies:
      when === undefined
        ? undefined
        : compileCondition(language, when, {
            path: `${path}.when`,
            failed,
          }),
    shares: entries.map((entry) =>
      typeof entry === 'string'
        ? { target: compileTarget(path, entry), weight: 1 }
        : { target: compileTarget(path, entry.target), weight: entry.weight },
    ),
    weighted: typeof entries[0] !== 'string',
    overrules,
  };
}

function takesAll({ applies: condition }: CompiledRule): boolean {
  return condition === undefined;
}

/** Behind a rule without a condition only those are asked that overrule what a client names. */
function warnOfUnreached(rules: readonly CompiledRule[], { log }: Pick<StrategyHost, 'log'>): void {
  const last = rules.findIndex(takesAll);
  if (last === -1) return;
  const whole = rules.findIndex((rule) => takesAll(rule) && rule.overrules);
  const never = rules.filter((rule, at) => at > last && (!rule.overrules || (whole !== -1 && at > whole)));
  if (never.length === 0) return;
  const names = never.map(({ path }) => path).join(', ');
  log.warn({ never: names }, `${names}: never asked, as ${rules[last]?.path} before it has no condition`);
}

function applies(rule: CompiledRule, exchange: Exchange): boolean {
  return rule.applies === undefined || rule.applies(exchange);
}

function choiceOf({ index, name, says, shares, weighted }: CompiledRule, exchange: Exchange, model: string): Choice {
  const filled = (share: Share): Target => ({
    provider: share.target.provider,
    model: share.target.model.replaceAll(MODEL, () => model),
  });
  const scenario = name === undefined ? {} : { scenario: name };
  if (!weighted) return { targets: shares.map(filled), reason: says, ...scenario };
  const session = sessionKey(exchange);
  const drawn = draw(shares, `${index}\n${session ?? exchange.id}`);
  const [first] = drawn;
  const targets = drawn.map(filled);
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const percent = total === 0 || first === undefined ? 0 : Math.round((100 * first.weight) / total);
  const whom = session === undefined ? 'request' : 'session';
  return {
    targets,
    reason: `${says}; drawn for this ${whom} from shares, with ${percent} %`,
    drawn: true,
    ...scenario,
  };
}

/** The target that the client names itself: `provider/model`, where there is such a provider. */
function namedTarget(model: string, host: Pick<StrategyHost, 'hasProvider'>): Target | undefined {
  const target = parseTarget(model);
  return target !== undefined && host.hasProvider(target.provider) ? target : undefined;
}

function compileTarget(path: string, text: string): Target {
  const target = parseTarget(text);
  if (target === undefined || /[*{]/.test(target.provider)) {
    throw new SignalboxError('BAD_CONFIG', `${path}.to: a target is written provider/model, not "${text}".`);
  }
  if (target.model.includes('*')) {
    throw new SignalboxError('BAD_CONFIG', `${path}.to: "*" stands in patterns only; write {model}.`);
  }
  return target;
}
