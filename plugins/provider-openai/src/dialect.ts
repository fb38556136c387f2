import type { Dialect } from '@signalbox/format-openai-chat';
import type { ResponsesDialect } from '@signalbox/format-openai-responses';
import { familyOf, isSearchModel, knowsPhases } from './families.ts';

const SAMPLING = [
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
];

/** Optional fields that Chat Completions knows; it answers 400 to any other. */
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

/** The same for Responses. */
const RESPONSES_PARAMETERS = [
  'access_programs',
  'background',
  'context_management',
  'conversation',
  'image',
  'include',
  'max_tool_calls',
  'metadata',
  'moderation',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'service_tier',
  'store',
  'stream_options',
  'top_logprobs',
  'truncation',
  'user',
];

/** OpenAI's own Chat Completions, by what the model is. Reasoning is neither shown nor taken back there. */
export function chatDialectFor(model: string): Partial<Dialect> {
  const { reasons, efforts, toolsExcludeReasoning = false } = familyOf(model);
  const common: Partial<Dialect> = {
    reasoningField: 'none',
    reasoningReplay: 'never',
    webSearch: isSearchModel(model) ? 'web_search_options' : 'none',
  };
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

/** OpenAI's own Responses, by what the model is. */
export function responsesDialectFor(model: string): Partial<ResponsesDialect> {
  const { reasons, efforts, cacheBreakpoints = false } = familyOf(model);
  return {
    reasoning: reasons,
    sampling: !reasons,
    efforts,
    cacheBreakpoints,
    phases: knowsPhases(model),
    parameters: RESPONSES_PARAMETERS,
  };
}
