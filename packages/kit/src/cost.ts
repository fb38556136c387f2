import type { ModelPrices, TokenPrices, Usage } from '@signalbox/spec';

/**
 * What one answer costs by a price list, in USD. Cache reads and writes are parts of the prompt and are not charged twice;
 * a cache count that is not reported is taken as none, and its tokens cost what fresh ones do.
 * @returns `undefined`, never 0, where a count or a price that is needed is not known, or the counts contradict each other.
 */
export function costOf(usage: Usage, prices: ModelPrices): number | undefined {
  const { promptTokens, cacheReadTokens = 0, cacheWriteTokens = 0, cacheWrite1hTokens = 0, completionTokens } = usage;
  if (promptTokens === undefined || completionTokens === undefined) return undefined;
  const { input, output, cacheRead, cacheWrite, cacheWrite1h } = pricesFor(promptTokens, prices);
  return sum(
    charge(promptTokens - cacheReadTokens - cacheWriteTokens, input),
    charge(cacheReadTokens, cacheRead),
    charge(cacheWriteTokens - cacheWrite1hTokens, cacheWrite),
    charge(cacheWrite1hTokens, cacheWrite1h),
    charge(completionTokens, output),
  );
}

/** The prices that a request with a prompt of this length pays for all its tokens: those of the highest tier it exceeds. */
export function pricesFor(promptTokens: number, prices: ModelPrices): TokenPrices {
  return prices.tiers?.findLast(({ abovePromptTokens }) => promptTokens > abovePromptTokens) ?? prices;
}

/** Nothing costs nothing, whether or not its price is known. */
function charge(tokens: number, usdPerMillion: number | undefined): number | undefined {
  if (tokens === 0) return 0;
  if (usdPerMillion === undefined || !(tokens > 0)) return undefined;
  return (tokens * usdPerMillion) / 1e6;
}

function sum(...parts: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    total += part;
  }
  return total;
}
