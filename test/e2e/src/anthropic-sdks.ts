import Anthropic from '@anthropic-ai/sdk';
import OldAnthropic from 'anthropic-sdk-0';
import { ANTHROPIC_SIDE, CHAT_SIDE } from './lanes.ts';

/** Two generations of the client: they send their key in different headers, and 1.x may keep history at the API. */
const generations = [
  { generation: '1.x', keyHeader: 'authorization', Sdk: Anthropic },
  // What these tests use of it has the same types in both.
  { generation: '0.x', keyHeader: 'x-api-key', Sdk: OldAnthropic as unknown as typeof Anthropic },
];

/** Each generation of the client, in front of a provider of either format. */
export const anthropicSdkCases = generations.flatMap((sdk) =>
  [CHAT_SIDE, ANTHROPIC_SIDE].map((side) => ({ ...sdk, side, name: side.name })),
);

export const MODEL = 'claude-sonnet-5';

export const ask = (text: string) => ({
  model: MODEL,
  max_tokens: 1_000,
  messages: [{ role: 'user' as const, content: text }],
});
