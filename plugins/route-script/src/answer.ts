import { parseTarget, type RoutePlan, type Target } from '@signalbox/kit';

/** What a script may answer: one target, or several in the order in which they are tried, with a reason in words. */
export type ScriptAnswer =
  | string
  | Target
  | { readonly targets: readonly (string | Target)[]; readonly reason?: string }
  | undefined;

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
  const { targets, reason } = isPlan(answer) ? answer : { targets: [answer], reason: undefined };
  if (!Array.isArray(targets) || targets.length === 0) throw new TypeError('targets must be a list that is not empty');
  if (reason !== undefined && typeof reason !== 'string') throw new TypeError('reason must be a text');
  return {
    targets: targets.map((target) => readTarget(target, hasProvider)),
    reason: reason === undefined ? `${script} chose it` : `${script}: ${reason}`,
  };
}

function isPlan(answer: unknown): answer is { targets: unknown; reason?: unknown } {
  return typeof answer === 'object' && answer !== null && 'targets' in answer;
}

function readTarget(value: unknown, hasProvider: (name: string) => boolean): Target {
  const target = typeof value === 'string' ? parseTarget(value) : isTarget(value) ? value : undefined;
  if (target === undefined) {
    throw new TypeError(`a target is "provider/model" or {provider, model}, not ${describe(value)}`);
  }
  const { provider, model } = target;
  if (!hasProvider(provider))
    throw new TypeError(`no provider is called "${provider}" (target "${provider}/${model}")`);
  return { provider, model };
}

function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null) return false;
  const { provider, model } = value as Partial<Record<keyof Target, unknown>>;
  return typeof provider === 'string' && typeof model === 'string' && provider !== '' && model !== '';
}

/** The kind of a value; its contents only where it is a text, which is short in a log. */
function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (value === null || value === undefined) return String(value);
  return `one of type ${Array.isArray(value) ? 'array' : typeof value}`;
}
