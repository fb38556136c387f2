import type { Dialect, ErrorMeaning } from '@signalbox/format-openai-chat';

/** OpenRouter's `error_type` vocabulary, where it says more than the status. */
export const ERROR_TYPES: Readonly<Record<string, ErrorMeaning>> = {
  invalid_request: 'invalid',
  invalid_prompt: 'invalid',
  context_length_exceeded: 'context-overflow',
  token_limit_exceeded: 'context-overflow',
  max_tokens_exceeded: 'invalid',
  string_too_long: 'invalid',
  authentication: 'auth',
  payment_required: 'billing',
  rate_limit_exceeded: 'rate-limit',
  provider_overloaded: 'overloaded',
  provider_unavailable: 'overloaded',
  not_found: 'model-not-found',
  payload_too_large: 'invalid',
  unprocessable: 'invalid',
  content_policy_violation: 'content-refused',
  refusal: 'content-refused',
  timeout: 'failed',
  server: 'failed',
};

/** OpenRouter's Chat Completions: `reasoning` and `reasoning_details`, cache breakpoints, everybody's parameters. */
export const dialect: Partial<Dialect> = {
  reasoningField: 'reasoning_details',
  reasoningReplay: 'own',
  thinking: 'reasoning',
  effortField: 'reasoning',
  budgetField: 'reasoning',
  cacheControl: true,
  maxTokensField: 'max_tokens',
  userField: 'user',
  toolChoices: ['auto', 'none', 'required', 'tool'],
  customTools: false,
  webSearch: 'openrouter',
  errorMeanings: ERROR_TYPES,
};
