import { describe, expect, it } from '@jest/globals';
import type { ModelPrices, Usage } from '@signalbox/spec';
import fc from 'fast-check';
import { costOf, pricesFor } from './cost.ts';

const prices: ModelPrices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

/** The vendors' own usage objects and the canonical counts they stand for, with the bill as the vendor adds it up. */
const bills: readonly [vendor: string, usage: Usage, prices: ModelPrices, usd: number][] = [
  [
    // input_tokens 31, cache_creation 500, cache_read 2048, output_tokens 118: the prompt is the sum of three.
    'Anthropic, whose input_tokens exclude the cache',
    { promptTokens: 31 + 500 + 2048, cacheWriteTokens: 500, cacheReadTokens: 2048, completionTokens: 118 },
    prices,
    (31 * 3 + 500 * 3.75 + 2048 * 0.3 + 118 * 15) / 1e6,
  ],
  [
    // cache_creation { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 }: an hour costs twice the input.
    'Anthropic, which charges more for an hour',
    {
      promptTokens: 2048 + 248 + 1800,
      cacheWriteTokens: 248,
      cacheWrite1hTokens: 100,
      cacheReadTokens: 1800,
      completionTokens: 503,
    },
    { ...prices, cacheWrite1h: 6 },
    (2048 * 3 + 148 * 3.75 + 100 * 6 + 1800 * 0.3 + 503 * 15) / 1e6,
  ],
  [
    // prompt_tokens 2079 with cached_tokens 2048, completion_tokens 118 with reasoning_tokens 40.
    'OpenAI, whose prompt_tokens include the cache',
    { promptTokens: 2079, cacheReadTokens: 2048, completionTokens: 118, reasoningTokens: 40 },
    { input: 1.25, output: 10, cacheRead: 0.125 },
    (31 * 1.25 + 2048 * 0.125 + 118 * 10) / 1e6,
  ],
  [
    // prompt_tokens 320 = 256 hits + 64 misses; completion_tokens 88 with reasoning_tokens 31.
    'DeepSeek, whose hits and misses make up the prompt',
    { promptTokens: 320, cacheReadTokens: 256, completionTokens: 88, reasoningTokens: 31 },
    { input: 0.28, output: 0.42, cacheRead: 0.028 },
    (64 * 0.28 + 256 * 0.028 + 88 * 0.42) / 1e6,
  ],
  [
    // candidatesTokenCount 34 without thoughtsTokenCount 31: the completion is both.
    'Gemini, whose candidates exclude the thoughts',
    { promptTokens: 61, completionTokens: 34 + 31, reasoningTokens: 31 },
    { input: 1.25, output: 10 },
    (61 * 1.25 + 65 * 10) / 1e6,
  ],
];

describe('costOf', () => {
  it.each(bills)('F31 charges every token once: %s', (_vendor, usage, list, usd) => {
    expect(costOf(usage, list)).toBeCloseTo(usd, 12);
  });

  it('F31 charges a cached token less than a fresh one, never on top of it', () => {
    const fresh = costOf({ promptTokens: 100_000, completionTokens: 0 }, prices);
    const cached = costOf({ promptTokens: 100_000, cacheReadTokens: 90_000, completionTokens: 0 }, prices);
    expect(fresh).toBeCloseTo(0.3, 12);
    expect(cached).toBeCloseTo(0.057, 12);
  });

  it('F35 an explicit zero costs nothing, and a count that is missing makes no bill', () => {
    expect(costOf({ promptTokens: 0, completionTokens: 0 }, prices)).toBe(0);
    expect(costOf({ promptTokens: 0, completionTokens: 0 }, {})).toBe(0);
    expect(costOf({ completionTokens: 5 }, prices)).toBeUndefined();
    expect(costOf({ promptTokens: 5 }, prices)).toBeUndefined();
    expect(costOf({}, prices)).toBeUndefined();
  });

  it('F41 makes no bill with a price that is needed and not known', () => {
    const usage = { promptTokens: 10, cacheReadTokens: 4, cacheWriteTokens: 3, completionTokens: 2 };
    for (const missing of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) {
      const { [missing]: _price, ...known } = prices;
      expect(costOf(usage, known)).toBeUndefined();
    }
    expect(costOf({ ...usage, cacheWrite1hTokens: 2 }, prices)).toBeUndefined();
    const { cacheRead: _read, cacheWrite: _write, ...uncached } = prices;
    expect(costOf({ promptTokens: 10, cacheReadTokens: 0, completionTokens: 2 }, uncached)).toBeCloseTo(60e-6, 12);
    expect(costOf({ promptTokens: 10, completionTokens: 2 }, { input: 0, output: 0 })).toBe(0);
  });

  it('makes no bill of counts that contradict each other', () => {
    expect(costOf({ promptTokens: 10, cacheReadTokens: 11, completionTokens: 1 }, prices)).toBeUndefined();
    expect(costOf({ promptTokens: -1, completionTokens: 1 }, prices)).toBeUndefined();
    const written = { promptTokens: 10, cacheWriteTokens: 4, cacheWrite1hTokens: 5, completionTokens: 1 };
    expect(costOf(written, { ...prices, cacheWrite1h: 6 })).toBeUndefined();
    expect(costOf({ promptTokens: Number.NaN, completionTokens: 1 }, prices)).toBeUndefined();
  });

  it('charges a whole request by the tier its prompt exceeds', () => {
    const tiered: ModelPrices = {
      input: 1,
      output: 10,
      tiers: [
        { abovePromptTokens: 1000, input: 2, output: 20 },
        { abovePromptTokens: 5000, input: 4, output: 40 },
      ],
    };
    const bill = (promptTokens: number) => costOf({ promptTokens, completionTokens: 100 }, tiered);
    expect(bill(1000)).toBeCloseTo(0.002, 12);
    expect(bill(1001)).toBeCloseTo(0.004002, 12);
    expect(bill(5001)).toBeCloseTo(0.024004, 12);
    // The list's cache price is not the tier's.
    expect(pricesFor(1001, { ...tiered, cacheRead: 0.1 }).cacheRead).toBeUndefined();
  });

  it('lies between all cached and all fresh', () => {
    const count = fc.nat({ max: 1e6 });
    fc.assert(
      fc.property(count, count, count, count, (fresh, read, written, completion) => {
        const promptTokens = fresh + read + written;
        const usage = { promptTokens, completionTokens: completion };
        const cost = costOf({ ...usage, cacheReadTokens: read, cacheWriteTokens: written }, prices) ?? Number.NaN;
        const bound = (usdPerMillion: number) => (promptTokens * usdPerMillion + completion * 15) / 1e6;
        expect(cost).toBeGreaterThanOrEqual(bound(0.3) - 1e-9);
        expect(cost).toBeLessThanOrEqual(bound(3.75) + 1e-9);
      }),
    );
  });
});
