import type { JsonObject, JsonValue, Usage } from '@signalbox/kit';
import { count, ID, isObject } from './fields.ts';

type Draft = { -readonly [Key in keyof Usage]: Usage[Key] };

/**
 * Converts a `usage` object to canonical counts in tokens. Cached and cache-write tokens are parts of `input_tokens`,
 * reasoning is part of `output_tokens`. Reads `cost` (USD), which OpenRouter adds.
 * @returns `undefined`, never 0, for what the provider does not report.
 */
export function decodeUsage(usage: JsonValue | undefined): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const input = isObject(usage.input_tokens_details) ? usage.input_tokens_details : {};
  const output = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const draft: Draft = {};
  const promptTokens = count(usage.input_tokens);
  const cacheReadTokens = count(input.cached_tokens);
  const cacheWriteTokens = count(input.cache_write_tokens);
  const completionTokens = count(usage.output_tokens);
  const reasoningTokens = count(output.reasoning_tokens);
  const costUsd = count(usage.cost);
  if (promptTokens !== undefined) draft.promptTokens = promptTokens;
  if (cacheReadTokens !== undefined) draft.cacheReadTokens = cacheReadTokens;
  if (cacheWriteTokens !== undefined) draft.cacheWriteTokens = cacheWriteTokens;
  if (completionTokens !== undefined) draft.completionTokens = completionTokens;
  if (reasoningTokens !== undefined) draft.reasoningTokens = reasoningTokens;
  if (costUsd !== undefined) draft.costUsd = costUsd;
  return Object.keys(draft).length === 0 ? undefined : draft;
}

/**
 * The `usage` object for a client, or `null` where nothing is known: a made-up 0 would be taken for a count. All its
 * parts are mandatory on this wire (clients fail without them), so one that is missing is 0 once another is known.
 */
export function encodeUsage(usage: Usage | undefined): JsonObject | null {
  if (usage === undefined) return null;
  const { promptTokens, completionTokens, cacheReadTokens = 0, cacheWriteTokens, reasoningTokens = 0, costUsd } = usage;
  if (promptTokens === undefined && completionTokens === undefined) return null;
  return {
    input_tokens: promptTokens ?? 0,
    input_tokens_details: {
      cached_tokens: cacheReadTokens,
      ...(cacheWriteTokens === undefined ? {} : { cache_write_tokens: cacheWriteTokens }),
    },
    output_tokens: completionTokens ?? 0,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: (promptTokens ?? 0) + (completionTokens ?? 0),
    ...(costUsd === undefined ? {} : { cost: costUsd }),
    ...usage.extensions?.[ID],
  };
}
