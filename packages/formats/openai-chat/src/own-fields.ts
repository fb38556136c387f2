import { entryOf, isEmptyObject, type JsonValue, type OwnFate } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** Values that say what is so anyway. */
const HARMLESS: Readonly<Record<string, readonly JsonValue[]>> = {
  frequency_penalty: [0],
  presence_penalty: [0],
  logprobs: [false],
  top_logprobs: [0],
  store: [false],
  service_tier: ['auto'],
  verbosity: ['medium'],
};

/** Hints for caches, padding, what a client tells its vendor about itself, and what every answer has. */
const ADVICE: ReadonlySet<string> = new Set([
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'stream_options.include_obfuscation',
  'usage',
  // Beside a `safety_identifier`.
  'user',
]);

/** Where nothing stands in them they ask for nothing. Of others that may be the wish itself: `web_search_options`. */
const EMPTY: ReadonlySet<string> = new Set(['metadata', 'logit_bias', 'prompt_cache_options', 'provider']);

/** What a field that only this format has, by its path, is to a target that does not know it. */
export function fateOf(path: string, value: JsonValue): OwnFate {
  if (entryOf(HARMLESS, path)?.includes(value) === true) return 'harmless';
  if (path === 'modalities') return Array.isArray(value) && value.every((one) => one === 'text') ? 'harmless' : 'loss';
  if (EMPTY.has(path) && isEmptyObject(value)) return 'harmless';
  // Nobody asks for the standard tier where there are no others. To fill a cache and not to answer is no hint.
  if (path === 'service_tier') return value === 'default' ? 'advice' : 'loss';
  if (path === 'prompt_cache_options' && isObject(value) && value.prewarm === true) return 'loss';
  return ADVICE.has(path) ? 'advice' : 'loss';
}
