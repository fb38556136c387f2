import { entryOf, type JsonValue, type OwnFate } from '@signalbox/kit';

/** Values that say what is so anyway. */
const HARMLESS: Readonly<Record<string, readonly JsonValue[]>> = {
  // Others refuse a prompt that is too long.
  truncate: [false],
  shift: [false],
  logprobs: [false],
  'options.presence_penalty': [0],
  'options.frequency_penalty': [0],
  'options.min_p': [0],
  'options.typical_p': [1],
  'options.mirostat': [0],
  // No limit, or that of the window.
  'options.num_predict': [-1, -2],
};

/** How a model is loaded, and for how long: elsewhere nothing is. */
const ADVICE: ReadonlySet<string> = new Set([
  'keep_alive',
  ...['num_ctx', 'num_batch', 'num_gpu', 'main_gpu', 'num_thread', 'num_keep', 'numa', 'low_vram'].map(
    (name) => `options.${name}`,
  ),
  ...['use_mmap', 'use_mlock', 'vocab_only', 'f16_kv'].map((name) => `options.${name}`),
]);

/** What a field that only this format has, by its path, is to a target that does not know it. */
export function fateOf(path: string, value: JsonValue): OwnFate {
  if (entryOf(HARMLESS, path)?.includes(value) === true) return 'harmless';
  return ADVICE.has(path) ? 'advice' : 'loss';
}
