import type { Responder, Turn } from '@signalbox/testkit';
import { conversation } from '@signalbox/testkit';

/** What the tool of a loop changes: the test looks at it afterwards. */
export class Ledger {
  readonly accounts = new Map<string, number>();

  /** @returns what the model is told */
  deposit({ account, amount }: { readonly account: string; readonly amount: number }): string {
    const balance = (this.accounts.get(account) ?? 0) + amount;
    this.accounts.set(account, balance);
    return `${account} has ${balance}`;
  }
}

export const DEPOSIT = {
  name: 'deposit',
  description: 'Pays into an account and tells what is in it',
  schema: {
    type: 'object',
    properties: { account: { type: 'string' }, amount: { type: 'integer' } },
    required: ['account', 'amount'],
    additionalProperties: false,
  },
} as const;

const ANSWER = 'Zürich has 35 and "Genève" 7.';

const TURNS: readonly Turn[] = [
  {
    reasoning: 'Two at once.',
    signature: 'c2lnbmVk',
    text: 'I pay both.',
    toolCalls: [
      { id: 'call_zurich', name: DEPOSIT.name, arguments: { account: 'Zürich', amount: 5 } },
      { id: 'call_geneva', name: DEPOSIT.name, arguments: { account: '"Genève"', amount: 7 } },
    ],
    usage: { promptTokens: 100, completionTokens: 20 },
  },
  {
    toolCalls: [{ id: 'call_more', name: DEPOSIT.name, arguments: { account: 'Zürich', amount: 30 } }],
    usage: { promptTokens: 200, completionTokens: 30 },
  },
  { text: ['Zürich has 35 ', 'and "Genève" 7.'], usage: { promptTokens: 300, completionTokens: 10 } },
];

/** A provider that pays into two accounts at once, then once more into the first, and then tells what is in them. */
export const ledgerScript = (): Responder => conversation(TURNS);

/** What has come of it. */
export const LEDGER = {
  answer: ANSWER,
  accounts: { Zürich: 35, '"Genève"': 7 },
  usage: { promptTokens: 600, completionTokens: 60 },
  /** What the provider is told last of all calls. */
  exchanges: [
    { name: DEPOSIT.name, input: { account: 'Zürich', amount: 5 }, result: 'Zürich has 5' },
    { name: DEPOSIT.name, input: { account: '"Genève"', amount: 7 }, result: '"Genève" has 7' },
    { name: DEPOSIT.name, input: { account: 'Zürich', amount: 30 }, result: 'Zürich has 35' },
  ],
} as const;
