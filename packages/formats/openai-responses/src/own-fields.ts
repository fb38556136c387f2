import { entryOf, isEmptyObject, type JsonValue, type OwnFate } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** Values that say no more than a translated route does anyway. */
const HARMLESS: Readonly<Record<string, readonly JsonValue[]>> = {
  store: [false],
  background: [false],
  truncation: ['disabled'],
  service_tier: ['auto'],
  top_logprobs: [0],
  // Whatever reasoning is still valid goes along, of all turns.
  'reasoning.context': ['auto', 'all_turns'],
  'reasoning.mode': ['standard'],
  'text.verbosity': ['medium'],
};

/** Hints for caches, padding, what a client tells its vendor about itself. */
const ADVICE: ReadonlySet<string> = new Set([
  'client_metadata',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'stream_options',
  // Beside a `safety_identifier`.
  'user',
]);

/** Where nothing stands in them they ask for nothing. */
const EMPTY: ReadonlySet<string> = new Set(['metadata', 'stream_options', 'prompt_cache_options', 'client_metadata']);

/** What a field that only this format has, by its path, is to a target that does not know it. */
export function fateOf(path: string, value: JsonValue): OwnFate {
  if (entryOf(HARMLESS, path)?.includes(value) === true) return 'harmless';
  if (EMPTY.has(path) && isEmptyObject(value)) return 'harmless';
  // Nobody asks for the standard tier where there are no others. To fill a cache and not to answer is no hint.
  if (path === 'service_tier') return value === 'default' ? 'advice' : 'loss';
  if (path === 'prompt_cache_options' && isObject(value) && value.prewarm === true) return 'loss';
  return ADVICE.has(path) ? 'advice' : 'loss';
}
