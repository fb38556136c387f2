import type { JsonObject, JsonValue, Usage } from '@signalbox/kit';
import { count, ID, isObject } from './fields.ts';

type Draft = { -readonly [Key in keyof Usage]: Usage[Key] };

/**
 * Converts a `usage` object to canonical counts in tokens. Cached and cache-write tokens are parts of `prompt_tokens`;
 * reasoning is part of `completion_tokens`, except where the provider's own total says that it comes on top (xAI).
 * Reads DeepSeek's `prompt_cache_hit_tokens`, Kimi's `cached_tokens`, Qwen's `cache_creation_input_tokens` and OpenRouter's
 * `cost` (USD) too.
 * @returns `undefined`, never 0, for what the provider does not report.
 */
export function decodeUsage(usage: JsonObject): Usage {
  const prompt = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const details = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  const draft: Draft = {};
  const hit = count(usage.prompt_cache_hit_tokens);
  const miss = count(usage.prompt_cache_miss_tokens);
  const promptTokens = count(usage.prompt_tokens) ?? (hit === undefined || miss === undefined ? undefined : hit + miss);
  const cacheReadTokens =
    count(prompt.cached_tokens) ?? hit ?? count(usage.cached_tokens) ?? count(usage.num_cached_tokens);
  const cacheWriteTokens = count(prompt.cache_write_tokens) ?? count(prompt.cache_creation_input_tokens);
  const reasoningTokens = count(details.reasoning_tokens) ?? count(usage.reasoning_tokens);
  const completionTokens = withReasoning(
    count(usage.completion_tokens),
    promptTokens,
    reasoningTokens,
    count(usage.total_tokens),
  );
  const costUsd = count(usage.cost);
  if (promptTokens !== undefined) draft.promptTokens = promptTokens;
  if (cacheReadTokens !== undefined) draft.cacheReadTokens = cacheReadTokens;
  if (cacheWriteTokens !== undefined) draft.cacheWriteTokens = cacheWriteTokens;
  if (completionTokens !== undefined) draft.completionTokens = completionTokens;
  if (reasoningTokens !== undefined) draft.reasoningTokens = reasoningTokens;
  if (costUsd !== undefined) draft.costUsd = costUsd;
  return draft;
}

function withReasoning(
  completion: number | undefined,
  prompt: number | undefined,
  reasoning: number | undefined,
  total: number | undefined,
): number | undefined {
  if (completion === undefined || prompt === undefined || !reasoning || total === undefined) return completion;
  return total - prompt - completion === reasoning ? completion + reasoning : completion;
}

/** Where a reply or chunk has its usage: on itself, on a choice (Kimi), or under `x_groq`. */
export function findUsage(body: JsonObject): JsonObject | undefined {
  if (isObject(body.usage)) return body.usage;
  const choice = Array.isArray(body.choices) ? body.choices[0] : undefined;
  if (isObject(choice) && isObject(choice.usage)) return choice.usage;
  return isObject(body.x_groq) && isObject(body.x_groq.usage) ? body.x_groq.usage : undefined;
}

/** Whether a report says nothing new. */
export function sameUsage(usage: Usage, before: Usage | undefined): boolean {
  return (
    before !== undefined &&
    usage.promptTokens === before.promptTokens &&
    usage.completionTokens === before.completionTokens &&
    usage.cacheReadTokens === before.cacheReadTokens &&
    usage.cacheWriteTokens === before.cacheWriteTokens &&
    usage.reasoningTokens === before.reasoningTokens &&
    usage.costUsd === before.costUsd &&
    JSON.stringify(usage.extensions) === JSON.stringify(before.extensions)
  );
}

/**
 * The `usage` object for a client, or `undefined` where nothing is known: a made-up 0 would be taken for a count. Its
 * three totals are mandatory on this wire, so one that is missing is 0 once another is known.
 */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined;
  const { promptTokens, completionTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens, costUsd } = usage;
  if (promptTokens === undefined && completionTokens === undefined && costUsd === undefined) return undefined;
  const prompt = present({ cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens });
  const completion = present({ reasoning_tokens: reasoningTokens });
  return {
    prompt_tokens: promptTokens ?? 0,
    completion_tokens: completionTokens ?? 0,
    total_tokens: (promptTokens ?? 0) + (completionTokens ?? 0),
    ...(prompt === undefined ? {} : { prompt_tokens_details: prompt }),
    ...(completion === undefined ? {} : { completion_tokens_details: completion }),
    ...(costUsd === undefined ? {} : { cost: costUsd }),
    ...usage.extensions?.[ID],
  };
}

function present(values: Record<string, JsonValue | undefined>): JsonObject | undefined {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
