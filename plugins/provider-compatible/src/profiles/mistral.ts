import type { Profile } from './profile.ts';

/** Checks strictly: a field too many is a 422, an id that is not nine letters or digits a 400. */
export const mistral: Profile = {
  id: 'mistral',
  title: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  alsoAt: ['https://codestral.mistral.ai/v1'],
  key: 'required',
  listsModels: true,
  verbatim: false,
  like: 'compatible',
  dialect: {
    reasoningField: 'thinking-part',
    effortField: 'none',
    midSystem: 'fold',
    toolCallIds: { legal: '[A-Za-z0-9]{9}', hashLength: 9 },
    prefill: 'prefix',
    documents: 'document_url',
    parameters: [
      'temperature',
      'top_p',
      'seed',
      'n',
      'presence_penalty',
      'frequency_penalty',
      'prediction',
      'prompt_mode',
      'safe_prompt',
    ],
    renames: { seed: 'random_seed' },
    maxTemperature: 1.5,
    // The usage comes anyway.
    streamUsage: false,
    userField: 'none',
    errorMeanings: { 3505: 'overloaded' },
  },
  models: [
    {
      names: ['mistral-small-latest', 'mistral-small-26*', 'mistral-medium-3-5*', 'mistral-medium-3.5*'],
      dialect: {
        effortField: 'reasoning_effort',
        efforts: {
          none: 'none',
          minimal: 'high',
          low: 'high',
          medium: 'high',
          high: 'high',
          xhigh: 'high',
          max: 'high',
        },
      },
    },
    { names: ['magistral*'], dialect: { alwaysThinks: true, extraBody: { prompt_mode: 'reasoning' } } },
    { names: ['open-mi*'], dialect: { userAfterTool: false, toolMessageNames: true } },
  ],
  errors: [{ status: [429], wording: 'service tier capacity exceeded', means: 'overloaded' }],
  docs: 'https://docs.mistral.ai/api',
};
