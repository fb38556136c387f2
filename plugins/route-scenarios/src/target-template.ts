import { parseTarget, SignalboxError, type Target } from '@signalbox/kit';

/** A target of the options, whose model may have `*` and `{model}` to fill in. */
export interface TargetTemplate {
  readonly text: string;
  readonly provider: string;
  fill(model: string, captures: readonly string[]): Target;
}

const PLACEHOLDER = /\*|\{model\}/g;

/**
 * @param stars how many `*` the pattern on the other side has to give.
 * @throws {SignalboxError} BAD_CONFIG for what is no `provider/model`, or wants more `*` than there are.
 */
export function compileTarget(path: string, text: string, stars = 0): TargetTemplate {
  const parsed = parseTarget(text);
  if (parsed === undefined || parsed.provider.search(PLACEHOLDER) !== -1) {
    throw new SignalboxError('BAD_CONFIG', `${path}: a target is written provider/model, not "${text}".`);
  }
  const { provider, model } = parsed;
  const wanted = model.split('*').length - 1;
  if (wanted > stars) {
    throw new SignalboxError('BAD_CONFIG', `${path}: the target "${text}" has ${wanted} *, and its pattern ${stars}.`);
  }
  const fixed = model.search(PLACEHOLDER) === -1 ? { provider, model } : undefined;
  return {
    text,
    provider,
    fill: (asked, captures) => {
      if (fixed !== undefined) return fixed;
      let next = 0;
      const filled = model.replace(PLACEHOLDER, (mark) => (mark === '*' ? (captures[next++] ?? '') : asked));
      return { provider, model: filled };
    },
  };
}
