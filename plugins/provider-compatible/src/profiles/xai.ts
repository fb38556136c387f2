import type { Profile } from './profile.ts';

const LEVELS = { low: 'low', medium: 'medium', high: 'high' };

/** Most models reason without a dial, and answer 400 to one, to stop sequences and to penalties. */
export const xai: Profile = {
  id: 'xai',
  title: 'xAI (Grok)',
  baseUrl: 'https://api.x.ai/v1',
  alsoAt: ['https://us-east-1.api.x.ai/v1', 'https://eu-west-1.api.x.ai/v1'],
  key: 'required',
  listsModels: true,
  verbatim: false,
  like: 'compatible',
  dialect: {
    reasoningField: 'none',
    reasoningReplay: 'never',
    effortField: 'none',
    alwaysThinks: true,
    maxTokensField: 'max_completion_tokens',
    parameters: [
      'temperature',
      'top_p',
      'seed',
      'logprobs',
      'top_logprobs',
      'deferred',
      'service_tier',
      'prompt_cache_key',
    ],
    maxStopSequences: 0,
  },
  models: [
    {
      names: ['grok-3-mini*'],
      dialect: { effortField: 'reasoning_effort', efforts: { low: 'low', high: 'high' } },
    },
    {
      names: ['grok-4.3*'],
      dialect: { effortField: 'reasoning_effort', efforts: { none: 'none', ...LEVELS }, alwaysThinks: false },
    },
    { names: ['grok-4.5*', 'grok-4.6*'], dialect: { effortField: 'reasoning_effort', efforts: LEVELS } },
    {
      names: ['*non-reasoning*', 'grok-3', 'grok-3-latest', 'grok-3-fast*', 'grok-2*'],
      dialect: {
        alwaysThinks: false,
        parameters: [
          'temperature',
          'top_p',
          'seed',
          'logprobs',
          'top_logprobs',
          'deferred',
          'service_tier',
          'prompt_cache_key',
          'presence_penalty',
          'frequency_penalty',
        ],
        maxStopSequences: 4,
      },
    },
  ],
  errors: [
    // 403 or 429, as if the key were wrong or the pace too fast.
    {
      status: [200, 403, 429],
      wording: 'used all available credits|run out of credits|have any credits|spending[ -]limit',
      means: 'billing',
    },
    { status: [400], wording: 'incorrect api key', means: 'auth' },
    { status: [403], wording: 'violates usage guidelines|content[ -]violat|SAFETY_CHECK', means: 'content-refused' },
  ],
  docs: 'https://docs.x.ai/docs/api-reference',
};
