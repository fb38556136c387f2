import type { JsonValue, Usage } from '@signalbox/kit';
import { count, isObject } from './fields.ts';

/**
 * Converts Converse's `usage` to canonical counts in tokens: `inputTokens` is without what a cache served or took in.
 * @returns `undefined` where nothing is reported, and never 0 for a count that is missing.
 */
export function decodeUsage(usage: JsonValue | undefined): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const input = count(usage.inputTokens);
  const cacheReadTokens = count(usage.cacheReadInputTokens);
  const cacheWriteTokens = count(usage.cacheWriteInputTokens);
  const cacheWrite1hTokens = hourOf(usage.cacheDetails);
  const completionTokens = count(usage.outputTokens);
  const promptTokens = input === undefined ? undefined : input + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0);
  return {
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(cacheReadTokens === undefined ? {} : { cacheReadTokens }),
    ...(cacheWriteTokens === undefined ? {} : { cacheWriteTokens }),
    ...(cacheWrite1hTokens === undefined ? {} : { cacheWrite1hTokens }),
    ...(completionTokens === undefined ? {} : { completionTokens }),
  };
}

/** The tokens written for an hour. */
function hourOf(details: JsonValue | undefined): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const hour = details.find((detail) => isObject(detail) && detail.ttl === '1h');
  return isObject(hour) ? count(hour.inputTokens) : undefined;
}
