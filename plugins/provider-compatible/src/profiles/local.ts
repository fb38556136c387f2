import type { TokenCounts } from '../token-counts.ts';
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

/** As Anthropic counts, without what it alone knows. */
export const MESSAGES_COUNT: TokenCounts = {
  path: '/v1/messages/count_tokens',
  fields: ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking'],
};

/** What servers for open models have in common: chat templates are particular about roles, and nobody wants a key. */
export const local = {
  key: 'optional',
  listsModels: true,
  verbatim: false,
  like: 'compatible',
  errors: [],
} as const satisfies Partial<Profile>;
