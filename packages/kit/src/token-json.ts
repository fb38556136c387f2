import type { JsonValue } from '@signalbox/spec';
import { cachedTokensOfText } from './token-cache.ts';

/** Quotes, colon and comma around a key and its value. */
const PER_KEY = 1.75;
/** Quotes and comma around an item. */
const PER_ITEM = 0.9;
/** The brackets, as far as they do not melt into what stands beside them. */
const PER_CONTAINER = 0.6;
/** A number, `true`, `false` or `null`. */
const PER_SCALAR = 1.1;

/** About how many tokens a value has as JSON, without printing it. */
export function tokensOfJson(value: JsonValue | undefined): number {
  if (typeof value === 'string') return cachedTokensOfText(value);
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : PER_SCALAR;
  let tokens = PER_CONTAINER;
  if (Array.isArray(value)) {
    for (const item of value) tokens += PER_ITEM + tokensOfJson(item);
    return tokens;
  }
  for (const key in value) {
    const item = value[key];
    if (item !== undefined) tokens += PER_KEY + cachedTokensOfText(key) + tokensOfJson(item);
  }
  return tokens;
}
