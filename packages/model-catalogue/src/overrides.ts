import {
  bySpecificity,
  compilePattern,
  formatTarget,
  type ModelInfo,
  mergeModelInfo,
  SignalboxError,
  type Target,
} from '@signalbox/kit';
import type { CatalogueConfig } from './config.ts';

/**
 * What the config says about a target: a name before patterns, the narrower pattern before the wider.
 * @throws {SignalboxError} BAD_CONFIG for tiers of prices that are not in order.
 */
export function compileOverrides({
  overrides,
}: Pick<CatalogueConfig, 'overrides'>): ((target: Target) => ModelInfo | undefined) | undefined {
  for (const [name, { prices }] of Object.entries(overrides)) {
    const bounds = prices?.tiers?.map(({ abovePromptTokens }) => abovePromptTokens) ?? [];
    if (bounds.every((bound, at) => bound > (bounds[at - 1] ?? 0))) continue;
    throw new SignalboxError('BAD_CONFIG', `overrides[${JSON.stringify(name)}].prices.tiers: not in ascending order.`);
  }
  const rules = Object.entries(overrides)
    .map(([text, info]) => ({ pattern: compilePattern(text), info: info as Omit<ModelInfo, 'id'> }))
    .sort((a, b) => bySpecificity(a.pattern, b.pattern));
  if (rules.length === 0) return undefined;
  return (target) => {
    const name = formatTarget(target);
    let known: ModelInfo | undefined;
    for (const { pattern, info } of rules) {
      if (!pattern.fits(name)) continue;
      const more = { ...info, id: target.model };
      known = known === undefined ? more : mergeModelInfo(known, more);
    }
    return known;
  };
}
