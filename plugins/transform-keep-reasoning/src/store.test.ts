import { describe, expect, it } from '@jest/globals';
import type { AnswerKey } from './answer-key.ts';
import { createAnswers, type Kept, type Limits, ReasoningStore } from './store.ts';

const block = (text: string): Kept => ({
  blocks: [{ type: 'reasoning', text, state: { origin: 'o', data: 'sig' } }],
});
const key = (byId: string | undefined, contents?: string): AnswerKey => ({ byId, byContents: () => contents });
const WIDE: Limits = { ttlMs: 1_000, maxEntries: 100, maxBytes: 100_000 };

describe('ReasoningStore', () => {
  it('gives state back to the provider that it came from, and to nobody else', () => {
    const store = new ReasoningStore(WIDE);
    store.keep(key('k'), 'a', [block('hm')]);
    expect(store.find(key('k'), 'a')).toEqual([block('hm')]);
    expect(store.find(key('k'), 'b')).toBeUndefined();
    expect([store.holds('a'), store.holds('b')]).toEqual([true, false]);
  });

  it('forgets what was not used for long enough', () => {
    let now = 0;
    const store = new ReasoningStore(WIDE, createAnswers(), () => now);
    store.keep(key('k'), 'a', [block('hm')]);
    now = 900;
    expect(store.find(key('k'), 'a')).toBeDefined();
    now = 1_800;
    expect(store.find(key('k'), 'a')).toBeDefined();
    now = 2_801;
    expect(store.find(key('k'), 'a')).toBeUndefined();
    expect([store.size, store.bytes, store.holds('a')]).toEqual([0, 0, false]);
  });

  it('stays within its bounds, the oldest goes first', () => {
    const few = new ReasoningStore({ ...WIDE, maxEntries: 2 });
    for (const id of ['1', '2', '3']) few.keep(key(id), 'a', [block(id)]);
    expect(['1', '2', '3'].map((id) => few.find(key(id), 'a') !== undefined)).toEqual([false, true, true]);

    const small = new ReasoningStore({ ...WIDE, maxBytes: 1_000 });
    for (let index = 0; index < 50; index++) small.keep(key(String(index)), 'a', [block('x'.repeat(200))]);
    expect(small.bytes).toBeLessThanOrEqual(1_000);
    expect(small.find(key('49'), 'a')).toBeDefined();
    small.keep(key('huge'), 'a', [block('x'.repeat(2_000))]);
    expect(small.find(key('huge'), 'a')).toBeUndefined();
  });

  it('counts an entry that is kept anew once', () => {
    const store = new ReasoningStore(WIDE);
    store.keep(key('k'), 'a', [block('hm')]);
    const { bytes } = store;
    store.keep(key('k'), 'a', [block('hm')]);
    expect([store.size, store.bytes]).toEqual([1, bytes]);
  });

  it('knows an answer by its contents where its id has been lost, and forgets both together', () => {
    const store = new ReasoningStore({ ...WIDE, maxEntries: 1 });
    store.keep(key('1', 'said'), 'a', [block('hm')]);
    expect(store.find(key('call_0', 'said'), 'a')).toEqual([block('hm')]);
    expect(store.find(key('call_0', 'said'), 'b')).toBeUndefined();
    expect(store.find(key('call_0', 'other'), 'a')).toBeUndefined();
    store.keep(key('2', 'said'), 'a', [block('later')]);
    expect(store.find(key('1', 'said'), 'a')).toEqual([block('later')]);
    store.keep(key('3', 'other'), 'a', [block('last')]);
    expect(store.find(key('call_0', 'said'), 'a')).toBeUndefined();
    const text = new ReasoningStore(WIDE);
    text.keep(key(undefined, 'said'), 'a', [block('hm')]);
    expect(text.find(key(undefined, 'said'), 'a')).toEqual([block('hm')]);
    text.keep(key(undefined), 'a', [block('hm')]);
    expect(text.size).toBe(1);
  });

  it('does not hash for what it finds by its id', () => {
    const store = new ReasoningStore(WIDE);
    store.keep(key('1', 'said'), 'a', [block('hm')]);
    const byContents = (): never => {
      throw new Error('not needed');
    };
    expect(store.find({ byId: '1', byContents }, 'a')).toBeDefined();
    expect(store.find({ byId: '1', byContents }, 'b')).toBeUndefined();
  });

  it('tells answers with the same id apart by their contents, and counts each once', () => {
    const store = new ReasoningStore(WIDE);
    for (const said of ['one', 'two', 'three']) store.keep(key('0', said), 'a', [block(said)]);
    store.keep(key('0', 'three'), 'a', [block('three')]);
    for (const said of ['one', 'two', 'three']) expect(store.find(key('0', said), 'a')).toEqual([block(said)]);
    expect(store.find(key('0', 'four'), 'a')).toBeUndefined();
    expect(store.size).toBe(3);
    const { bytes } = store;
    store.keep(key('0', 'one'), 'a', [block('one')]);
    expect([store.size, store.bytes]).toEqual([3, bytes]);
    for (const said of ['one', 'two', 'three']) expect(store.find(key('0', said), 'a')).toEqual([block(said)]);
  });
});
