import type { WireFormat } from '@signalbox/testkit';
import { formatIds } from './answers.ts';

/** Which format asks, and which one answers. */
export interface Pair {
  readonly client: WireFormat;
  readonly provider: WireFormat;
}

/** Whether the received bytes go on as they are. */
export type Lane = 'pass-through' | 'translation';

/** The two pairs that everything but `--pairs` measures. */
export const lanes: Readonly<Record<Lane, Pair>> = {
  'pass-through': { client: 'anthropic-messages', provider: 'anthropic-messages' },
  translation: { client: 'anthropic-messages', provider: 'openai-chat' },
};

export const allPairs: readonly Pair[] = formatIds.flatMap((client) =>
  formatIds.map((provider) => ({ client, provider })),
);

export function laneOf({ client, provider }: Pair): Lane {
  return client === provider ? 'pass-through' : 'translation';
}
