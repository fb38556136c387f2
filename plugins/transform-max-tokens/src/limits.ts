import { bySpecificity, compilePattern, formatTarget, type Target } from '@signalbox/kit';
import type { MaxTokensConfig } from './config.ts';

/** The limit of a target in tokens, or `undefined` where it has none. */
export type LimitOf = (target: Target) => number | undefined;

/** `undefined` where no limit is configured at all. */
export function compileLimits({ limits, default: fallback }: MaxTokensConfig): LimitOf | undefined {
  const rules = Object.entries(limits)
    .map(([text, limit]) => ({ pattern: compilePattern(text), limit }))
    .sort((a, b) => bySpecificity(a.pattern, b.pattern));
  if (rules.length === 0 && fallback === undefined) return undefined;
  return (target) => {
    const name = formatTarget(target);
    return rules.find(({ pattern }) => pattern.fits(name))?.limit ?? fallback;
  };
}
