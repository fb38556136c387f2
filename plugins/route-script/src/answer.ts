import { type Choice, parseTarget, type RoutePlan, type Target } from '@signalbox/kit';

/** What a script may answer with its targets: a reason in words, and the policies of a plan. */
type Policies = Partial<Pick<Choice, 'reason' | 'scenario' | 'retry' | 'moveOn' | 'hedge' | 'onCut'>>;

/** What a script may answer: one target, or several in the order in which they are tried. */
export type ScriptAnswer =
  | string
  | Target
  | (Policies & { readonly targets: readonly (string | Target)[] })
  | undefined;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < Infinity;

/** What else a plan may have, and what it must be. */
const POLICIES: Readonly<Record<Exclude<keyof Policies, 'reason'>, readonly [(value: unknown) => boolean, string]>> = {
  scenario: [isText, 'a word'],
  moveOn: [(value) => Array.isArray(value) && value.every(isText), 'a list of error codes'],
  onCut: [(value) => value === 'fail' || value === 'continue', '"fail" or "continue"'],
  hedge: [(value) => hasAmounts(value, ['afterMs'], 1), '{ afterMs }'],
  retry: [
    (value) => hasAmounts(value, ['maxRetries', 'baseDelayMs', 'maxDelayMs', 'maxRetryAfterMs'], 0),
    '{ maxRetries, baseDelayMs, maxDelayMs, maxRetryAfterMs }',
  ],
};

/**
 * The plan that a script's answer stands for; `undefined` (and `null`) is no opinion.
 * @throws {TypeError} that says what is wrong with anything else, or names a provider that does not exist.
 */
export function readAnswer(
  answer: unknown,
  script: string,
  hasProvider: (name: string) => boolean,
): RoutePlan | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { targets, reason, ...policies } = isPlan(answer) ? answer : { targets: [answer], reason: undefined };
  if (!Array.isArray(targets) || targets.length === 0) throw new TypeError('targets must be a list that is not empty');
  if (reason !== undefined && typeof reason !== 'string') throw new TypeError('reason must be a text');
  return {
    ...readPolicies(policies),
    targets: targets.map((target) => readTarget(target, hasProvider)),
    reason: reason === undefined ? `${script} chose it` : `${script}: ${reason}`,
  };
}

function readPolicies(policies: Readonly<Record<string, unknown>>): Omit<Policies, 'reason'> {
  const given = Object.entries(policies).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(POLICIES, name)) throw new TypeError(`a plan has no "${name}"`);
    const [fits, what] = POLICIES[name as keyof typeof POLICIES];
    if (!fits(value)) throw new TypeError(`${name} must be ${what}`);
  }
  return Object.fromEntries(given);
}

/** An object of these numbers and of nothing else, with so many of them at least. */
function hasAmounts(value: unknown, names: readonly string[], least: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  return entries.length >= least && entries.every(([name, amount]) => names.includes(name) && isAmount(amount));
}

function isPlan(answer: unknown): answer is { targets: unknown; reason?: unknown; [policy: string]: unknown } {
  return typeof answer === 'object' && answer !== null && 'targets' in answer;
}

function readTarget(value: unknown, hasProvider: (name: string) => boolean): Target {
  const target = typeof value === 'string' ? parseTarget(value) : isTarget(value) ? value : undefined;
  if (target === undefined) {
    throw new TypeError(`a target is "provider/model" or {provider, model}, not ${describe(value)}`);
  }
  const { provider, model, key } = target;
  if (!hasProvider(provider))
    throw new TypeError(`no provider is called "${provider}" (target "${provider}/${model}")`);
  return { provider, model, ...(key === undefined ? {} : { key }) };
}

function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null) return false;
  const { provider, model, key } = value as Partial<Record<keyof Target, unknown>>;
  return isText(provider) && isText(model) && (key === undefined || isText(key));
}

/** The kind of a value; its contents only where it is a text, which is short in a log. */
function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (value === null || value === undefined) return String(value);
  return `one of type ${Array.isArray(value) ? 'array' : typeof value}`;
}
