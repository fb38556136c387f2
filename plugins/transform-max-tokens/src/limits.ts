import { formatTarget, type Target } from '@signalbox/kit';
import type { MaxTokensConfig } from './config.ts';

/** The limit of a target in tokens, or `undefined` where it has none. */
export type LimitOf = (target: Target) => number | undefined;

/** `undefined` where no limit is configured at all. */
export function compileLimits({ limits, default: fallback }: MaxTokensConfig): LimitOf | undefined {
  const rules = Object.entries(limits)
    .map(([text, limit]) => ({ pattern: toRegExp(text), prefixLength: `${text}*`.indexOf('*'), text, limit }))
    .sort((a, b) => b.prefixLength - a.prefixLength || b.text.length - a.text.length);
  if (rules.length === 0 && fallback === undefined) return undefined;
  return (target) => {
    const name = formatTarget(target);
    return rules.find(({ pattern }) => pattern.test(name))?.limit ?? fallback;
  };
}

function toRegExp(text: string): RegExp {
  const literals = text.split(/\*+/).map((literal) => literal.replace(/[\\^$.+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`, 's');
}
