import { type Extensions, entryOf, type JsonObject, type JsonValue } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** By format, its own fields that this format has, too, and what they are called here. */
const KIN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'openai-responses': {
    metadata: 'metadata',
    moderation: 'moderation',
    prompt_cache_key: 'prompt_cache_key',
    prompt_cache_options: 'prompt_cache_options',
    prompt_cache_retention: 'prompt_cache_retention',
    service_tier: 'service_tier',
    store: 'store',
    user: 'user',
    'text.verbosity': 'verbosity',
    'include[message.output_text.logprobs]': 'logprobs',
    top_logprobs: 'top_logprobs',
  },
  gemini: {
    'generationConfig.seed': 'seed',
    'generationConfig.presencePenalty': 'presence_penalty',
    'generationConfig.frequencyPenalty': 'frequency_penalty',
  },
  ollama: {
    'options.seed': 'seed',
    'options.presence_penalty': 'presence_penalty',
    'options.frequency_penalty': 'frequency_penalty',
    'options.min_p': 'min_p',
  },
};

const CACHE_OPTIONS: ReadonlySet<string> = new Set(['mode', 'ttl']);

/** A field of another format that this format has, too. */
export interface KinField {
  readonly format: string;
  /** Its path there, for a note. */
  readonly path: string;
  readonly name: string;
  readonly value: JsonValue;
}

/** What a client of another format says in fields of its own that this format has, too. */
export function kinFields(extensions: Extensions | undefined): readonly KinField[] {
  const found: KinField[] = [];
  for (const format in extensions) {
    const names = entryOf(KIN, format);
    const own = extensions[format];
    if (names === undefined || own === undefined) continue;
    for (const path in own) {
      const name = entryOf(names, path);
      const value = own[path];
      if (name !== undefined && value !== undefined && isKin(name, value, own))
        found.push({ format, path, name, value });
    }
  }
  return found;
}

/** Whether the value is one here, too. */
function isKin(name: string, value: JsonValue, own: JsonObject): boolean {
  switch (name) {
    case 'service_tier':
      return value !== 'ultrafast';
    case 'prompt_cache_options':
      return isObject(value) && value.ttl !== '12h' && Object.keys(value).every((key) => CACHE_OPTIONS.has(key));
    case 'top_logprobs':
      return own['include[message.output_text.logprobs]'] !== undefined;
    default:
      return true;
  }
}
