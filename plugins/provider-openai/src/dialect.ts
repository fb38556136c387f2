import type { Dialect } from '@signalbox/format-openai-chat';
import { familyOf } from './families.ts';

const SAMPLING = [
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
];

/** Optional fields that the API knows; it answers 400 to any other. */
const PARAMETERS = [
  'seed',
  'verbosity',
  'metadata',
  'store',
  'service_tier',
  'prediction',
  'modalities',
  'web_search_options',
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
];

/** OpenAI's own Chat Completions, by what the model is. Reasoning is neither shown nor taken back there. */
export function dialectFor(model: string): Partial<Dialect> {
  const { reasons, efforts, toolsExcludeReasoning = false } = familyOf(model);
  const common: Partial<Dialect> = { reasoningField: 'none', reasoningReplay: 'never' };
  if (!reasons) return { ...common, effortField: 'none', parameters: [...SAMPLING, ...PARAMETERS] };
  return {
    ...common,
    efforts: Object.fromEntries(efforts.map((effort) => [effort, effort])),
    toolsExcludeReasoning,
    systemRole: 'developer',
    parameters: PARAMETERS,
    maxStopSequences: 0,
  };
}
