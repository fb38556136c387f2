import type { Turn } from '@signalbox/testkit';

/** Answers of every shape that the formats know. */
export const TURNS: readonly Turn[] = [
  { text: 'Just a few words, in several pieces; über 😀.' },
  { reasoning: 'First I think about it.', signature: 'c2lnbmF0dXJl', text: 'Then I speak.' },
  {
    text: 'Looking.',
    toolCalls: [
      { id: 'call_a', name: 'Read', arguments: { path: '/a', lines: [1, 2], deep: { er: null } } },
      { id: 'call_b', name: 'Search', arguments: '{"query":"ein \\u00fcber","limit":5}' },
    ],
  },
  { reasoning: ['a', 'b'], toolCalls: [{ id: 'call_c', name: 'Read', arguments: {} }] },
  { text: 'No', stopReason: 'refusal' },
  { text: 'Cut o', stopReason: 'max-tokens' },
  {
    text: 'With counts',
    usage: { promptTokens: 100, completionTokens: 50, cacheReadTokens: 60, reasoningTokens: 7 },
  },
];
