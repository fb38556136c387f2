import { LOCAL_SAMPLING, local, MESSAGES_COUNT } from './local.ts';
import type { Profile } from './profile.ts';

export const llamaCpp: Profile = {
  ...local,
  id: 'llama-cpp',
  title: 'llama.cpp server',
  baseUrl: 'http://localhost:8080/v1',
  alsoAt: [],
  anthropicBaseUrl: 'http://localhost:8080',
  dialect: {
    reasoningField: 'reasoning_content',
    reasoningInContent: true,
    thinking: 'chat_template_kwargs',
    effortField: 'none',
    midSystem: 'fold',
    // Without a limit it writes for ever.
    defaultMaxTokens: 16_384,
    parameters: [
      ...LOCAL_SAMPLING,
      'grammar',
      'json_schema',
      'mirostat',
      'repeat_penalty',
      'cache_prompt',
      'id_slot',
      'timings_per_token',
    ],
    userField: 'none',
    extraBodyWithTools: { parallel_tool_calls: true },
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
    'openai-chat': { path: '/chat/completions/input_tokens' },
    'anthropic-messages': MESSAGES_COUNT,
  },
  docs: 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server',
};
