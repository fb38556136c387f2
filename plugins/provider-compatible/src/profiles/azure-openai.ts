import type { Profile } from './profile.ts';

const PARAMETERS = [
  'seed',
  'verbosity',
  'metadata',
  'store',
  'service_tier',
  'prediction',
  'prompt_cache_key',
  'data_sources',
];
const SAMPLING = [
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
];
const LEVELS = { low: 'low', medium: 'medium', high: 'high' };

/** The model is the name of a deployment: what it is made of may be said in the option `baseModels`. */
export const azureOpenai: Profile = {
  id: 'azure-openai',
  title: 'Azure OpenAI',
  alsoAt: ['https://{resource}.openai.azure.com/openai/v1', 'https://{resource}.services.ai.azure.com/openai/v1'],
  authHeader: 'api-key',
  key: 'required',
  // It lists what could be deployed, not what is.
  listsModels: false,
  verbatim: true,
  like: 'openai',
  dialect: {
    reasoningField: 'none',
    reasoningReplay: 'never',
    effortField: 'none',
    parameters: [...SAMPLING, ...PARAMETERS],
    userField: 'user',
  },
  models: [
    {
      names: ['o1*', 'o3*', 'o4*', 'gpt-5*', 'gpt-6*', 'gpt-7*'],
      dialect: {
        systemRole: 'developer',
        effortField: 'reasoning_effort',
        efforts: LEVELS,
        parameters: PARAMETERS,
        maxStopSequences: 0,
      },
    },
    { names: ['gpt-5', 'gpt-5-*'], dialect: { efforts: { minimal: 'minimal', ...LEVELS } } },
    { names: ['gpt-5.*', 'gpt-6*', 'gpt-7*'], dialect: { efforts: { none: 'none', ...LEVELS, xhigh: 'xhigh' } } },
    { names: ['gpt-5.1', 'gpt-5.1-*'], dialect: { efforts: { none: 'none', ...LEVELS } } },
    { names: ['gpt-5.4*', 'gpt-5.5*', 'gpt-5.6*'], dialect: { toolsExcludeReasoning: true } },
    {
      names: ['gpt-*-chat*'],
      dialect: {
        systemRole: 'system',
        effortField: 'none',
        parameters: [...SAMPLING, ...PARAMETERS],
        maxStopSequences: 4,
      },
    },
  ],
  errors: [
    {
      status: [403],
      wording: 'subscription[^"]{0,60}(?:disabled|suspended)|ReadOnlyDisabledSubscription',
      means: 'billing',
    },
    { status: [403, 429], wording: 'insufficient_quota|exceeded your current quota', means: 'quota' },
  ],
  docs: 'https://learn.microsoft.com/azure/ai-foundry/openai/reference',
};

/** The classic paths: one for each deployment, with a version of the API. */
export const azureOpenaiClassic: Profile = {
  ...azureOpenai,
  id: 'azure-openai-classic',
  title: 'Azure OpenAI, a path per deployment',
  alsoAt: ['https://{resource}.openai.azure.com', 'https://{resource}.cognitiveservices.azure.com'],
  path: '/openai/deployments/{model}/chat/completions',
  query: { 'api-version': '2024-10-21' },
};
