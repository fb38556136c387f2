import { LOCAL_SAMPLING, local } from './local.ts';
import type { Profile } from './profile.ts';

export const lmStudio: Profile = {
  ...local,
  id: 'lm-studio',
  title: 'LM Studio',
  baseUrl: 'http://localhost:1234/v1',
  alsoAt: [],
  anthropicBaseUrl: 'http://localhost:1234',
  dialect: {
    reasoningField: 'none',
    reasoningReplay: 'never',
    // Unless a setting of the app splits it off.
    reasoningInContent: true,
    effortField: 'none',
    midSystem: 'fold',
    imageUrls: false,
    parameters: [...LOCAL_SAMPLING, 'repeat_penalty', 'ttl', 'draft_model'],
    // `json_object` is a 400.
    responseFormat: 'json_schema_only',
    userField: 'none',
    parallelToolCalls: false,
    // Older versions refuse a named tool.
    toolChoices: ['auto', 'none', 'required'],
  },
  models: [
    {
      names: ['*gpt-oss*'],
      dialect: {
        effortField: 'reasoning_effort',
        efforts: { low: 'low', medium: 'medium', high: 'high' },
        alwaysThinks: true,
      },
    },
  ],
  docs: 'https://lmstudio.ai/docs/developer/openai-compat',
};
