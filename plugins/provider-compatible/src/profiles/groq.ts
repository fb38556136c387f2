import type { Profile } from './profile.ts';

/** Models differ in how they reason: gpt-oss has levels, Qwen a switch, the others nothing. */
export const groq: Profile = {
  id: 'groq',
  title: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  alsoAt: [],
  key: 'required',
  listsModels: true,
  verbatim: false,
  like: 'compatible',
  dialect: {
    // `reasoning_content` in the history is a 400.
    reasoningField: 'reasoning',
    effortField: 'none',
    midSystem: 'fold',
    maxTokensField: 'max_completion_tokens',
    // 400 for `logprobs`, `logit_bias`, `top_logprobs`, `top_k` and names; penalties do nothing.
    parameters: ['temperature', 'top_p', 'seed', 'service_tier', 'search_settings', 'compound_custom'],
    responseFormat: 'json_object',
    errorMeanings: {
      // The model wrote a call, or JSON, that does not hold: the next try may.
      tool_use_failed: 'failed',
      json_validate_failed: 'failed',
      blocked_api_access: 'billing',
      organization_restricted: 'auth',
    },
  },
  models: [
    {
      names: ['*gpt-oss*'],
      dialect: {
        effortField: 'reasoning_effort',
        efforts: { low: 'low', medium: 'medium', high: 'high' },
        alwaysThinks: true,
        responseFormat: 'json_schema',
        extraBody: { include_reasoning: true },
      },
    },
    {
      names: ['*qwen3*', '*qwq*', '*deepseek-r1*'],
      // `raw` reasoning beside tools is a 400.
      dialect: { extraBody: { reasoning_format: 'parsed' } },
    },
    {
      names: ['*qwen3*'],
      dialect: {
        effortField: 'reasoning_effort',
        efforts: {
          none: 'none',
          minimal: 'default',
          low: 'default',
          medium: 'default',
          high: 'default',
          xhigh: 'default',
          max: 'default',
        },
      },
    },
    { names: ['*kimi-k2*', '*llama-4*'], dialect: { responseFormat: 'json_schema' } },
  ],
  errors: [
    { status: [400, 403, 429], wording: 'spend(?:ing)? (?:limit|alert)', means: 'billing' },
    { status: [400], wording: 'organization has been restricted', means: 'auth' },
  ],
  docs: 'https://console.groq.com/docs/api-reference',
};
