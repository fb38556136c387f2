import {
  costOf,
  type Exchange,
  type ModelPrices,
  pricesFor,
  SignalboxError,
  type Target,
  targetId,
} from '@signalbox/kit';
import type { CostConfig } from './config.ts';
import type { Cached, SessionReports } from './session-costs.ts';

/** Rough, for what cannot be decoded. */
const BYTES_PER_TOKEN = 4;

export interface Rated {
  readonly target: Target;
  /** Of this request, in USD; `undefined` where it was enough to compare the prices, or they are not known. */
  readonly usd?: number;
  readonly priced: boolean;
}

export interface Priced {
  readonly target: Target;
  readonly prices: ModelPrices | undefined;
}

/**
 * The cheapest first, as far as prices are known; those without come last, and what costs the same stays in its order.
 * Only prices that cross need the length of the prompt.
 */
export function rank(
  candidates: readonly Priced[],
  exchange: Exchange,
  reports: SessionReports,
  options: Pick<CostConfig, 'expectedOutputTokens' | 'cacheMinutes'>,
): readonly Rated[] {
  const byPrice = candidates.toSorted((a, b) => compare(a.prices?.input, b.prices?.input));
  const session = reports.of(exchange);
  const cachedAt = (target: Target): Cached | undefined => session?.cached.get(targetId(target));
  if (isClear(byPrice, exchange) && candidates.every(({ target }) => cachedAt(target) === undefined)) {
    return byPrice.map(({ target, prices }) => ({ target, priced: isPriced(prices) }));
  }
  const promptTokens =
    session === undefined ? estimate(exchange) : Math.round(session.tokensPerByte * exchange.rawBody.length);
  return candidates
    .map(({ target, prices }): Rated => {
      const usd = prices && costAt(prices, promptTokens, cachedAt(target), options);
      return usd === undefined ? { target, priced: false } : { target, usd, priced: true };
    })
    .toSorted((a, b) => compare(a.usd, b.usd));
}

function costAt(
  prices: ModelPrices,
  promptTokens: number,
  cached: Cached | undefined,
  { expectedOutputTokens, cacheMinutes }: Pick<CostConfig, 'expectedOutputTokens' | 'cacheMinutes'>,
): number | undefined {
  const { cacheRead, cacheWrite } = pricesFor(promptTokens, prices);
  const fresh = cached !== undefined && Date.now() - cached.reportedAtMs < cacheMinutes * 60_000;
  const cacheReadTokens = fresh && cacheRead !== undefined ? Math.min(promptTokens, cached.tokens) : 0;
  const cacheWriteTokens = cached?.writes === true && cacheWrite !== undefined ? promptTokens - cacheReadTokens : 0;
  return costOf({ promptTokens, cacheReadTokens, cacheWriteTokens, completionTokens: expectedOutputTokens }, prices);
}

/** Whether the order by input prices is that of the costs, whatever the lengths: no output price goes the other way. */
function isClear(byInput: readonly Priced[], { rawBody }: Exchange): boolean {
  let output = 0;
  for (const { prices } of byInput) {
    if (prices === undefined) continue;
    // No prompt has more tokens than bytes.
    if (prices.tiers?.some(({ abovePromptTokens }) => rawBody.length > abovePromptTokens) === true) return false;
    if (!isPriced(prices) || prices.output === undefined || prices.output < output) return false;
    output = prices.output;
  }
  return true;
}

function isPriced(prices: ModelPrices | undefined): boolean {
  return prices?.input !== undefined && prices.output !== undefined;
}

function estimate(exchange: Exchange): number {
  try {
    return exchange.estimatePromptTokens();
  } catch (error) {
    if (!SignalboxError.is(error)) throw error;
    return Math.round(exchange.rawBody.length / BYTES_PER_TOKEN);
  }
}

/** What is not known comes last. */
function compare(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a - b;
}
