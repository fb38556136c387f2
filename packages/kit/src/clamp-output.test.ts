import { expect, it } from '@jest/globals';
import type { ChatRequest } from '@signalbox/spec';
import { clampOutput } from './clamp-output.ts';
import { Notes } from './notes.ts';

const asking = (more: Partial<ChatRequest>): ChatRequest => ({
  model: 'm',
  stream: false,
  system: [],
  messages: [],
  tools: [],
  ...more,
});

it('leaves a request that asks for no more than the limit', () => {
  const request = asking({ maxOutputTokens: 100 });
  const notes = new Notes();
  expect(clampOutput(request, 100, notes)).toBe(request);
  expect(notes.list).toEqual([]);
});

it('F61 lowers what is asked for, and says why', () => {
  const notes = new Notes();
  expect(clampOutput(asking({ maxOutputTokens: 101 }), 100, notes, 'no room').maxOutputTokens).toBe(100);
  expect(clampOutput(asking({}), 100, notes).maxOutputTokens).toBe(100);
  expect(notes.list.map(({ reason }) => reason)).toEqual([
    '101 were asked for: no room',
    'no limit was given: this target gets at most 100',
  ]);
});

it.each<[string, number, number, ChatRequest['reasoning']]>([
  ['keeps a budget that fits', 2_000, 8_000, { mode: 'budget', budgetTokens: 2_000 }],
  ['lowers one that does not', 8_000, 4_000, { mode: 'budget', budgetTokens: 2_000 }],
  ['leaves it what is of use', 8_000, 1_500, { mode: 'budget', budgetTokens: 1_024 }],
  ['switches off what has no room', 8_000, 1_024, { mode: 'disabled' }],
])('%s', (_, budgetTokens, limit, expected) => {
  const request = asking({ maxOutputTokens: 9_000, reasoning: { mode: 'budget', budgetTokens } });
  expect(clampOutput(request, limit, new Notes()).reasoning).toEqual(expected);
});
