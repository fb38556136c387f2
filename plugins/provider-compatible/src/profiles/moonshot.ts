import type { Profile } from './profile.ts';

/** Kimi: sampling is fixed, reasoning of the history is wanted back, and each generation has another switch for it. */
export const moonshot: Profile = {
  id: 'moonshot',
  title: 'Moonshot (Kimi)',
  baseUrl: 'https://api.moonshot.ai/v1',
  alsoAt: ['https://api.moonshot.cn/v1'],
  anthropicBaseUrl: 'https://api.moonshot.ai/anthropic',
  key: 'required',
  listsModels: true,
  verbatim: false,
  like: 'compatible',
  dialect: {
    reasoningField: 'reasoning_content',
    reasoningReplay: 'always',
    // An empty text counts as missing, which is a 400 in a tool loop.
    noReasoning: ' ',
    thinking: 'none',
    effortField: 'none',
    alwaysThinks: true,
    midSystem: 'fold',
    imageUrls: false,
    prefill: 'partial',
    maxTokensField: 'max_completion_tokens',
    // Other values than its own are a 400.
    parameters: ['prompt_cache_key'],
    userField: 'none',
    schemaFlavour: 'moonshot',
    toolChoicesThinking: ['auto', 'none'],
  },
  anthropic: { noThinking: ' ' },
  models: [
    {
      names: ['kimi-k3*'],
      dialect: {
        effortField: 'reasoning_effort',
        efforts: { low: 'low', medium: 'high', high: 'high', xhigh: 'high', max: 'max' },
        toolChoicesThinking: ['auto', 'none', 'required', 'tool'],
      },
    },
    {
      names: ['kimi-k2.5*', 'kimi-k2.6*'],
      dialect: { thinking: 'thinking', alwaysThinks: false, thinkingUnsaid: 'disabled' },
    },
    {
      names: ['kimi-latest*', 'kimi-k2-0*', 'kimi-k2-turbo*'],
      dialect: {
        reasoningReplay: 'never',
        alwaysThinks: false,
        toolChoicesThinking: ['auto', 'none', 'required', 'tool'],
      },
    },
    {
      names: ['moonshot-v1*'],
      dialect: {
        reasoningReplay: 'never',
        alwaysThinks: false,
        toolChoicesThinking: ['auto', 'none', 'required', 'tool'],
        parameters: ['temperature', 'top_p', 'n', 'presence_penalty', 'frequency_penalty'],
        maxTemperature: 1,
      },
    },
  ],
  errors: [{ status: [429], wording: 'exceeded_current_quota_error|insufficient balance|suspended', means: 'billing' }],
  tokenCounts: {
    // Documented for system, user and assistant messages; of tools it says nothing.
    'openai-chat': {
      path: '/tokenizers/estimate-token-count',
      fields: ['model', 'messages'],
      answer: 'data.total_tokens',
      textsOnly: true,
    },
  },
  docs: 'https://platform.moonshot.ai/docs/api/chat',
};
