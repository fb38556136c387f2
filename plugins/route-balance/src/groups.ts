import {
  bySpecificity,
  compilePattern,
  type NamePattern,
  parseTarget,
  SignalboxError,
  type StrategyHost,
  type Target,
} from '@signalbox/kit';
import type { BalanceConfig, Policy } from './config.ts';

/** One target of a group. */
export interface Member {
  /** As the options write it. */
  readonly text: string;
  readonly weight: number;
  /** With `model` for `{model}`. */
  targetFor(model: string): Target;
}

export interface Group {
  readonly name: string;
  readonly policy: Policy;
  readonly members: readonly Member[];
}

/** The groups of one configuration. */
export interface Groups {
  readonly all: readonly Group[];
  /** The group of the most exact name that fits. */
  find(name: string): Group | undefined;
  /** @throws {SignalboxError} BAD_CONFIG that names every target whose provider does not exist. */
  check(): void;
}

const MODEL = '{model}';

/** @throws {SignalboxError} BAD_CONFIG for a target that is none, or that is in its group twice. */
export function compileGroups(groups: BalanceConfig['groups'], host: Pick<StrategyHost, 'hasProvider'>): Groups {
  const rules: { pattern: NamePattern; group: Group }[] = Object.entries(groups).map(([name, { targets, policy }]) => ({
    pattern: compilePattern(name),
    group: { name, policy: policy ?? 'weighted', members: compileMembers(pathOf(name), targets) },
  }));
  rules.sort((a, b) => bySpecificity(a.pattern, b.pattern));
  const all = rules.map(({ group }) => group);
  return {
    all,
    find: (name) => rules.find(({ pattern }) => pattern.fits(name))?.group,
    check: () => {
      const missing = all.flatMap(({ name, members }) =>
        members.flatMap(({ text, targetFor }, index) => {
          const { provider } = targetFor('');
          if (host.hasProvider(provider)) return [];
          return [`${pathOf(name)}.targets[${index}]: no provider is called "${provider}" (target "${text}")`];
        }),
      );
      if (missing.length === 0) return;
      throw new SignalboxError(
        'BAD_CONFIG',
        `${missing.join('; ')}. List the plugin of that provider, or change the target.`,
      );
    },
  };
}

function pathOf(name: string): string {
  return `groups[${JSON.stringify(name)}]`;
}

type Entries = BalanceConfig['groups'][string]['targets'];

function compileMembers(path: string, entries: Entries): readonly Member[] {
  const seen = new Set<string>();
  return entries.map((entry, index) => {
    const { target: text, weight = 1 } = typeof entry === 'string' ? { target: entry } : entry;
    const place = `${path}.targets[${index}]`;
    const parsed = parseTarget(text);
    if (parsed === undefined || /[*{]/.test(parsed.provider)) {
      throw new SignalboxError('BAD_CONFIG', `${place}: a target is written provider/model, not "${text}".`);
    }
    const { provider, model } = parsed;
    if (model.includes('*')) {
      throw new SignalboxError('BAD_CONFIG', `${place}: "*" stands in names only; write {model}.`);
    }
    if (seen.has(text)) throw new SignalboxError('BAD_CONFIG', `${place}: "${text}" is in the group already.`);
    seen.add(text);
    return { text, weight, targetFor: (asked) => ({ provider, model: model.replaceAll(MODEL, () => asked) }) };
  });
}

/** The model in a name that may have its provider before it. */
export function modelIn(name: string, host: Pick<StrategyHost, 'hasProvider'>): string {
  const target = parseTarget(name);
  return target !== undefined && host.hasProvider(target.provider) ? target.model : name;
}
