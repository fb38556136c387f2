import { describe, expect, it } from '@jest/globals';
import type { AnswerKey } from './answer-key.ts';
import { createAnswers, type Kept, type Limits, ReasoningStore } from './store.ts';

const block = (text: string): Kept => ({
  blocks: [{ type: 'reasoning', text, state: { origin: 'o', data: 'sig' } }],
});
const key = (byId: string | undefined, contents?: string): AnswerKey => ({ byId, byContents: () => contents });
/** What comes back to a provider. */
const found = (store: ReasoningStore, of: AnswerKey, provider: string): readonly Kept[] | 'alike' | undefined => {
  const known = store.find(of, provider);
  return typeof known !== 'object' ? known : known.provider === provider ? known.kept : undefined;
};
const WIDE: Limits = { ttlMs: 1_000, maxEntries: 100, maxBytes: 100_000 };

describe('ReasoningStore', () => {
  it('gives state back to the provider that it came from, and to nobody else', () => {
    const store = new ReasoningStore(WIDE);
    store.keep(key('k'), 'a', [block('hm')]);
    expect(found(store, key('k'), 'a')).toEqual([block('hm')]);
    expect(found(store, key('k'), 'b')).toBeUndefined();
    expect([store.holds('a'), store.holds('b')]).toEqual([true, false]);
  });

  it('forgets what was not used for long enough', () => {
    let now = 0;
    const store = new ReasoningStore(WIDE, createAnswers(), () => now);
    store.keep(key('k'), 'a', [block('hm')]);
    now = 900;
    expect(found(store, key('k'), 'a')).toBeDefined();
    now = 1_800;
    expect(found(store, key('k'), 'a')).toBeDefined();
    now = 2_801;
    expect(found(store, key('k'), 'a')).toBeUndefined();
    expect([store.size, store.bytes, store.holds('a')]).toEqual([0, 0, false]);
  });

  it('stays within its bounds, the oldest goes first', () => {
    const few = new ReasoningStore({ ...WIDE, maxEntries: 2 });
    for (const id of ['1', '2', '3']) few.keep(key(id), 'a', [block(id)]);
    expect(['1', '2', '3'].map((id) => found(few, key(id), 'a') !== undefined)).toEqual([false, true, true]);

    const small = new ReasoningStore({ ...WIDE, maxBytes: 1_000 });
    for (let index = 0; index < 50; index++) small.keep(key(String(index)), 'a', [block('x'.repeat(200))]);
    expect(small.bytes).toBeLessThanOrEqual(1_000);
    expect(found(small, key('49'), 'a')).toBeDefined();
    small.keep(key('huge'), 'a', [block('x'.repeat(2_000))]);
    expect(found(small, key('huge'), 'a')).toBeUndefined();
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
    expect(found(store, key('call_0', 'said'), 'a')).toEqual([block('hm')]);
    expect(found(store, key('call_0', 'said'), 'b')).toBeUndefined();
    expect(found(store, key('call_0', 'other'), 'a')).toBeUndefined();
    store.keep(key('2', 'said'), 'a', [block('later')]);
    expect(found(store, key('1', 'said'), 'a')).toEqual([block('later')]);
    store.keep(key('3', 'other'), 'a', [block('last')]);
    expect(found(store, key('call_0', 'said'), 'a')).toBeUndefined();
    const text = new ReasoningStore(WIDE);
    text.keep(key(undefined, 'said'), 'a', [block('hm')]);
    expect(found(text, key(undefined, 'said'), 'a')).toEqual([block('hm')]);
    text.keep(key(undefined), 'a', [block('hm')]);
    expect(text.size).toBe(1);
  });

  it('does not hash for what it finds by its id', () => {
    const store = new ReasoningStore(WIDE);
    store.keep(key('1', 'said'), 'a', [block('hm')]);
    const byContents = (): never => {
      throw new Error('not needed');
    };
    expect(found(store, { byId: '1', byContents }, 'a')).toBeDefined();
    expect(found(store, { byId: '1', byContents }, 'b')).toBeUndefined();
  });

  it('does not go by an id alone that may be that of another answer', () => {
    const store = new ReasoningStore(WIDE);
    store.keep({ ...key('0', 'one'), mayRepeat: true }, 'a', [block('one')]);
    expect(found(store, key('0', 'two'), 'a')).toBeUndefined();
    expect(found(store, key('0', 'one'), 'a')).toEqual([block('one')]);
  });

  it('tells answers with the same id apart by their contents, and counts each once', () => {
    const store = new ReasoningStore(WIDE);
    for (const said of ['one', 'two', 'three']) store.keep(key('0', said), 'a', [block(said)]);
    store.keep(key('0', 'three'), 'a', [block('three')]);
    for (const said of ['one', 'two', 'three']) expect(found(store, key('0', said), 'a')).toEqual([block(said)]);
    expect(found(store, key('0', 'four'), 'a')).toBeUndefined();
    expect(store.size).toBe(3);
    const { bytes } = store;
    store.keep(key('0', 'one'), 'a', [block('one')]);
    expect([store.size, store.bytes]).toEqual([3, bytes]);
    for (const said of ['one', 'two', 'three']) expect(found(store, key('0', said), 'a')).toEqual([block(said)]);
  });

  it('tells answers that are alike apart by the reasoning that the client still has, and gives none where it has none', () => {
    const store = new ReasoningStore(WIDE);
    const alike = (id: string | undefined, thought?: string): AnswerKey => ({ ...key(id, 'said'), thought });
    store.keep(alike('1', 't1'), 'a', [block('one')]);
    store.keep(alike('2', 't2'), 'a', [block('two')]);
    expect(found(store, alike(undefined, 't1'), 'a')).toEqual([block('one')]);
    expect(found(store, alike(undefined, 't2'), 'a')).toEqual([block('two')]);
    expect(found(store, alike(undefined, 't3'), 'a')).toBeUndefined();
    expect(found(store, alike(undefined), 'a')).toBe('alike');
    expect(found(store, alike(undefined), 'b')).toBeUndefined();
    // An id that is known needs nothing else.
    expect(found(store, alike('1'), 'a')).toEqual([block('one')]);
  });

  it('takes answers of two providers that are alike for neither’s, and equal ones for one', () => {
    const store = new ReasoningStore(WIDE);
    store.keep(key('1', 'said'), 'a', [block('one')]);
    store.keep(key('2', 'said'), 'a', [block('one')]);
    expect(found(store, key(undefined, 'said'), 'a')).toEqual([block('one')]);
    store.keep(key('3', 'said'), 'b', [block('one')]);
    expect([found(store, key(undefined, 'said'), 'a'), found(store, key(undefined, 'said'), 'b')]).toEqual([
      'alike',
      'alike',
    ]);
    expect(found(store, key('3', 'said'), 'b')).toEqual([block('one')]);
  });

  it('remembers that an id was given twice when one of the two is forgotten', () => {
    const store = new ReasoningStore({ ...WIDE, maxEntries: 1 });
    store.keep(key('0', 'one'), 'a', [block('one')]);
    store.keep(key('0', 'two'), 'a', [block('two')]);
    expect(found(store, key('0', 'one'), 'a')).toBeUndefined();
    expect(found(store, key('0', 'two'), 'a')).toEqual([block('two')]);
  });

  it('keeps few of very many that are alike', () => {
    const store = new ReasoningStore(WIDE);
    for (let at = 0; at < 50; at++) store.keep(key(undefined, 'said'), 'a', [block(String(at))]);
    expect(store.size).toBe(8);
  });
});
