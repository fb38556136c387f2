import { describe, expect, it } from '@jest/globals';
import type { RememberedTurn } from '@signalbox/format-openai-responses';
import { type Limits, ResponseStore } from './store.ts';

const WIDE: Limits = { ttlMs: 1_000, maxEntries: 100, maxBytes: 100_000 };
const turn = (text: string): RememberedTurn => ({
  system: [],
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  tools: [],
  toolItems: [],
});

describe('ResponseStore', () => {
  it('gives the turns in their order, to the one who got them', () => {
    const store = new ResponseStore(WIDE);
    store.keep('me', '1', turn('a'), undefined);
    store.keep('me', '2', turn('b'), '1');
    store.keep('me', '3', turn('c'), '2');
    store.keep('me', '2b', turn('other'), '1');
    expect(store.turnsUpTo('me', '3')).toEqual([turn('a'), turn('b'), turn('c')]);
    expect(store.turnsUpTo('me', '2b')).toEqual([turn('a'), turn('other')]);
    expect(store.turnsUpTo('you', '3')).toBeUndefined();
    expect(store.turnsUpTo('me', '4')).toBeUndefined();
  });

  it('forgets what was not used for long enough, and what went on from it', () => {
    let now = 0;
    const store = new ResponseStore(WIDE, () => now);
    store.keep('me', '1', turn('a'), undefined);
    now = 900;
    store.keep('me', '2', turn('b'), '1');
    expect(store.turnsUpTo('me', '2')).toHaveLength(2);
    now = 1_800;
    expect(store.turnsUpTo('me', '1')).toHaveLength(1);
    now = 2_801;
    expect(store.turnsUpTo('me', '2')).toBeUndefined();
    expect(store.turnsUpTo('me', '1')).toBeUndefined();
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });

  it('stays within its bounds: what was not used for longest goes first, a beginning after its end', () => {
    const store = new ResponseStore({ ...WIDE, maxEntries: 3 });
    store.keep('me', '1', turn('a'), undefined);
    store.keep('me', '2', turn('b'), '1');
    store.keep('me', 'x', turn('c'), undefined);
    store.turnsUpTo('me', '2');
    store.keep('me', 'y', turn('d'), undefined);
    expect(store.turnsUpTo('me', 'x')).toBeUndefined();
    store.keep('me', 'z', turn('e'), undefined);
    expect(store.turnsUpTo('me', '2')).toBeUndefined();
    expect(store.turnsUpTo('me', '1')).toHaveLength(1);

    const small = new ResponseStore({ ...WIDE, maxBytes: 1_000 });
    for (let index = 0; index < 50; index++) small.keep('me', String(index), turn('x'.repeat(200)), undefined);
    expect(small.bytes).toBeLessThanOrEqual(1_000);
    expect(small.turnsUpTo('me', '49')).toBeDefined();
    small.keep('me', 'huge', turn('x'.repeat(2_000)), undefined);
    expect(small.turnsUpTo('me', 'huge')).toBeUndefined();
  });

  it('counts a response that is kept anew once', () => {
    const store = new ResponseStore(WIDE);
    store.keep('me', '1', turn('a'), undefined);
    const { bytes } = store;
    store.keep('me', '1', turn('a'), undefined);
    expect([store.size, store.bytes]).toEqual([1, bytes]);
  });
});
