import { describe, expect, it } from '@jest/globals';
import { createAnswers, type Kept, type Limits, messageKey, ReasoningStore } from './store.ts';

const block = (text: string): Kept => ({
  blocks: [{ type: 'reasoning', text, state: { origin: 'o', data: 'sig' } }],
});
const WIDE: Limits = { ttlMs: 1_000, maxEntries: 100, maxBytes: 100_000 };

describe('ReasoningStore', () => {
  it('gives state back to the provider that it came from, and to nobody else', () => {
    const store = new ReasoningStore(WIDE);
    store.keep('k', 'a', [block('hm')]);
    expect(store.find('k', 'a')).toEqual([block('hm')]);
    expect(store.find('k', 'b')).toBeUndefined();
    expect([store.holds('a'), store.holds('b')]).toEqual([true, false]);
  });

  it('forgets what was not used for long enough', () => {
    let now = 0;
    const store = new ReasoningStore(WIDE, createAnswers(), () => now);
    store.keep('k', 'a', [block('hm')]);
    now = 900;
    expect(store.find('k', 'a')).toBeDefined();
    now = 1_800;
    expect(store.find('k', 'a')).toBeDefined();
    now = 2_801;
    expect(store.find('k', 'a')).toBeUndefined();
    expect([store.size, store.bytes, store.holds('a')]).toEqual([0, 0, false]);
  });

  it('stays within its bounds, the oldest goes first', () => {
    const few = new ReasoningStore({ ...WIDE, maxEntries: 2 });
    for (const key of ['1', '2', '3']) few.keep(key, 'a', [block(key)]);
    expect(['1', '2', '3'].map((key) => few.find(key, 'a') !== undefined)).toEqual([false, true, true]);

    const small = new ReasoningStore({ ...WIDE, maxBytes: 1_000 });
    for (let index = 0; index < 50; index++) small.keep(String(index), 'a', [block('x'.repeat(200))]);
    expect(small.bytes).toBeLessThanOrEqual(1_000);
    expect(small.find('49', 'a')).toBeDefined();
    small.keep('huge', 'a', [block('x'.repeat(2_000))]);
    expect(small.find('huge', 'a')).toBeUndefined();
  });

  it('counts an entry that is kept anew once', () => {
    const store = new ReasoningStore(WIDE);
    store.keep('k', 'a', [block('hm')]);
    const { bytes } = store;
    store.keep('k', 'a', [block('hm')]);
    expect([store.size, store.bytes]).toEqual([1, bytes]);
  });
});

it('a key tells people, calls and texts apart, and no text stands in it', () => {
  expect(messageKey('me', 'x', '')).not.toBe(messageKey('you', 'x', ''));
  expect(messageKey('a', 'b","c', '')).not.toBe(messageKey('a","b', 'c', ''));
  expect(messageKey('me', undefined, ' secret ')).toBe(messageKey('me', undefined, 'secret'));
  expect(messageKey('me', undefined, 'secret')).not.toContain('secret');
  expect(messageKey('me', undefined, ' ')).toBeUndefined();
});
