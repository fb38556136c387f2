import { LOCAL_SAMPLING, local, MESSAGES_COUNT } from './local.ts';
import type { Profile } from './profile.ts';

export const vllm: Profile = {
  ...local,
  id: 'vllm',
  title: 'vLLM',
  baseUrl: 'http://localhost:8000/v1',
  alsoAt: [],
  anthropicBaseUrl: 'http://localhost:8000',
  dialect: {
    reasoningField: 'reasoning',
    reasoningInContent: true,
    thinking: 'chat_template_kwargs',
    effortField: 'none',
    midSystem: 'fold',
    prefill: 'continue_final_message',
    parameters: [
      ...LOCAL_SAMPLING,
      'n',
      'repetition_penalty',
      'min_tokens',
      'stop_token_ids',
      'ignore_eos',
      'bad_words',
      'priority',
      'include_reasoning',
      'thinking_token_budget',
      'structured_outputs',
    ],
    userField: 'none',
  },
  models: [
    {
      names: ['*gpt-oss*'],
      dialect: {
        thinking: 'none',
        effortField: 'reasoning_effort',
        efforts: { low: 'low', medium: 'medium', high: 'high' },
        alwaysThinks: true,
      },
    },
  ],
  tokenCounts: {
    // Chat templates are a matter of the model: what else goes into one is counted, too.
    'openai-chat': {
      path: '../tokenize',
      fields: [
        'model',
        'messages',
        'tools',
        'chat_template_kwargs',
        'add_generation_prompt',
        'continue_final_message',
        'mm_processor_kwargs',
      ],
      answer: 'count',
    },
    'anthropic-messages': MESSAGES_COUNT,
  },
  docs: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
};
