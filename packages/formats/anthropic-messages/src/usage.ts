import { type JsonObject, type JsonValue, setField, type Usage } from '@signalbox/kit';
import { extrasOf, FORMAT_ID, isAbsent, isObject } from './wire.ts';

const KNOWN = new Set([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'output_tokens_details',
]);

/**
 * Converts `usage` to canonical counts in tokens. Anthropic's `input_tokens` leaves the cached parts out, the canonical
 * `promptTokens` includes them. `undefined` where there is no usage.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isObject(value)) return undefined;
  const input = count(value.input_tokens);
  const read = count(value.cache_read_input_tokens);
  const write = count(value.cache_creation_input_tokens);
  const writes = value.cache_creation;
  const write1h = isObject(writes) ? count(writes.ephemeral_1h_input_tokens) : undefined;
  const output = count(value.output_tokens);
  const details = value.output_tokens_details;
  const reasoning = isObject(details) ? count(details.thinking_tokens) : undefined;
  const extras = extrasOf(value, KNOWN);
  return {
    ...(input === undefined ? {} : { promptTokens: input + (read ?? 0) + (write ?? 0) }),
    ...(read === undefined ? {} : { cacheReadTokens: read }),
    ...(write === undefined ? {} : { cacheWriteTokens: write }),
    ...(write1h === undefined || write1h === 0 ? {} : { cacheWrite1hTokens: write1h }),
    ...(output === undefined ? {} : { completionTokens: output }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
    ...(extras === undefined ? {} : { extensions: { [FORMAT_ID]: extras } }),
  };
}

/** Counts as Anthropic gives them. Without a known prompt there are no input counts, and `null` is not reported. */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  const { promptTokens, cacheReadTokens, cacheWriteTokens = 0, cacheWrite1hTokens } = usage ?? {};
  const wire: JsonObject = {};
  if (promptTokens !== undefined) {
    wire.input_tokens = Math.max(0, promptTokens - (cacheReadTokens ?? 0) - cacheWriteTokens);
    wire.cache_creation_input_tokens = usage?.cacheWriteTokens ?? null;
    wire.cache_read_input_tokens = cacheReadTokens ?? null;
  }
  if (cacheWrite1hTokens !== undefined) {
    wire.cache_creation = {
      ephemeral_5m_input_tokens: Math.max(0, cacheWriteTokens - cacheWrite1hTokens),
      ephemeral_1h_input_tokens: cacheWrite1hTokens,
    };
  }
  wire.output_tokens = usage?.completionTokens ?? 0;
  if (usage?.reasoningTokens !== undefined) wire.output_tokens_details = { thinking_tokens: usage.reasoningTokens };
  return { ...wire, ...usage?.extensions?.[FORMAT_ID] };
}

/**
 * A stream reports usage at its start and at its end. Later reports overwrite, but an input count of 0 at the end does
 * not erase the real one from the start, as clients read it too.
 */
export function mergeWireUsage(before: JsonObject | undefined, after: JsonObject): JsonObject {
  if (before === undefined) return after;
  const merged = { ...before };
  for (const key in after) {
    const value = after[key];
    if (isAbsent(value) || (value === 0 && key !== 'output_tokens' && !isAbsent(before[key]))) continue;
    setField(merged, key, value);
  }
  return merged;
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
