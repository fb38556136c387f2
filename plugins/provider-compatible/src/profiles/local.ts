import type { Profile } from './profile.ts';

/** Sampling fields that engines for open models take. */
export const LOCAL_SAMPLING = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
];

/** What servers for open models have in common: chat templates are particular about roles, and nobody wants a key. */
export const local = {
  key: 'optional',
  listsModels: true,
  verbatim: false,
  like: 'compatible',
  errors: [],
} as const satisfies Partial<Profile>;
