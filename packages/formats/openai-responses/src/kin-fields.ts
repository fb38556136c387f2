import type { Extensions, JsonObject } from '@signalbox/kit';

const CHAT = 'openai-chat';
/** Fields that Chat Completions has under the same name with the same meaning. */
const SAME: readonly string[] = [
  'metadata',
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'service_tier',
  'store',
  'user',
];

/** What a Chat client says in fields of its own that this format has, too. */
export interface KinFields {
  /** As they stand here, but for `text`. */
  readonly fields: JsonObject;
  readonly text: JsonObject;
  /** Log probabilities are asked for by `include`. */
  readonly logprobs: boolean;
  /** By format, the names of what is said so. */
  readonly told: Readonly<Record<string, readonly string[]>>;
}

const NONE: KinFields = { fields: {}, text: {}, logprobs: false, told: {} };

export function kinFields(extensions: Extensions | undefined): KinFields {
  const chat = extensions?.[CHAT];
  if (chat === undefined) return NONE;
  const told: string[] = [];
  const fields: JsonObject = {};
  for (const key of SAME) {
    if (chat[key] === undefined) continue;
    fields[key] = chat[key];
    told.push(key);
  }
  const { verbosity, logprobs, top_logprobs: most } = chat;
  if (verbosity !== undefined) told.push('verbosity');
  if (logprobs === true) {
    told.push('logprobs', 'top_logprobs');
    if (most !== undefined) fields.top_logprobs = most;
  }
  return {
    fields,
    text: verbosity === undefined ? {} : { verbosity },
    logprobs: logprobs === true,
    told: { [CHAT]: told },
  };
}
