import { expect, it } from '@jest/globals';
import { type Block, messageToEvents } from '@signalbox/kit';
import { Origins } from './origins.ts';
import { watchThoughts } from './watch-thoughts.ts';

const DEEPSEEK = { provider: 'ds', origin: 'deepseek' };
const state = { origin: 'deepseek', data: {} };
const thought = (text: string): Block => ({ type: 'reasoning', text, state });
const eventsOf = (...content: Block[]) => messageToEvents({ content, stopReason: 'end-turn' });

function watched(events: ReturnType<typeof eventsOf>): Origins {
  const origins = new Origins({ ttlMs: 1_000, maxEntries: 10 });
  const watch = watchThoughts(origins, 'me', 'ds');
  for (const event of events) watch(event);
  return origins;
}

it('knows each block of an answer, and all of them in one', () => {
  const origins = watched(eventsOf(thought('One.'), { type: 'text', text: 'So.' }, thought('Two.')));
  for (const text of ['One.', 'Two.', 'One.\n\nTwo.']) expect(origins.of('me', text, 'x')).toEqual(DEEPSEEK);
  expect(origins.of('me', 'So.', 'x')).toBeUndefined();
  expect(origins.size).toBe(3);
  expect(watched(eventsOf(thought('One.'), { type: 'text', text: 'So.' })).size).toBe(1);
});

it('takes a thought without any state for the provider’s, whose origin it has not seen', () => {
  const origins = watched(eventsOf({ type: 'reasoning', text: 'One.' }));
  expect(origins.of('me', 'One.', 'x')).toEqual({ provider: 'ds', origin: undefined });
});

it('knows a thought that was cut off', () => {
  const all = eventsOf(thought('One, and'));
  const error = { type: 'error', error: { code: 'CUT_STREAM', message: 'Cut.' } } as never;
  const cut = [
    ...all.slice(
      0,
      all.findIndex(({ type }) => type === 'signature'),
    ),
    error,
  ];
  expect(watched(cut).of('me', 'One, and', 'x')).toEqual({ provider: 'ds', origin: undefined });
});
