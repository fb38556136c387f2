import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Item, type Kept, type Limits, ResponseStore } from './store.ts';

const WIDE: Limits = { ttlMs: 1_000, maxEntries: 100, maxBytes: 100_000 };
const item = (text: string, id?: string) => new Item(JSON.stringify({ text }), id);
const response = (id: string, more: Partial<Kept> = {}): Kept => ({
  id,
  root: undefined,
  input: [],
  output: [item(`output of ${id}`, `item_${id}`)],
  texts: ['{}'],
  ...more,
});

/** The same numbers every time, from 0 up to a bound. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

describe('ResponseStore', () => {
  it('gives a response, and its items, to the one who got it', () => {
    const store = new ResponseStore(WIDE);
    const question = item('question', 'q');
    store.keep('me', response('1', { input: [question] }));
    expect(store.get('me', '1')?.input).toEqual([question]);
    expect(store.item('me', 'q')).toBe(question);
    expect(store.item('me', 'item_1')?.text).toContain('output of 1');
    for (const [owner, id] of [
      ['you', '1'],
      ['me', '2'],
      ['me","1', ''],
    ] as const) {
      expect(store.get(owner, id)).toBeUndefined();
    }
    expect(store.item('you', 'q')).toBeUndefined();
    expect(store.delete('you', '1')).toBe(false);
    expect(store.get('me', '1')).toBeDefined();
  });

  it('forgets what was not used for long enough; to refer to an item is a use', () => {
    let now = 0;
    const store = new ResponseStore(WIDE, () => now);
    store.keep('me', response('1'));
    store.keep('me', response('2'));
    store.keep('me', response('3'));
    now = 900;
    expect(store.get('me', '1')).toBeDefined();
    expect(store.item('me', 'item_2')).toBeDefined();
    now = 1_001;
    expect(store.get('me', '3')).toBeUndefined();
    expect(store.item('me', 'item_3')).toBeUndefined();
    expect(store.size).toBe(2);
    now = 1_900;
    expect(store.size).toBe(2);
    now = 1_901;
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });

  it('counts a use of an item for a response that still has it, whichever had it first', () => {
    let now = 0;
    const store = new ResponseStore(WIDE, () => now);
    const question = item('question', 'q');
    store.keep('me', response('0', { input: [question] }));
    for (let turn = 1; turn < 6; turn++) {
      // Twice in one response, as clients may send it.
      store.keep('me', response(`${turn}`, { input: [question, question] }));
      store.delete('me', `${turn - 1}`);
      now += 900;
      expect(store.item('me', 'q')).toBe(question);
      now += 900;
      expect(store.item('me', 'q')).toBe(question);
      expect(store.get('me', `${turn}`)).toBeDefined();
    }
    now += 1_001;
    expect([store.item('me', 'q'), store.size, store.bytes]).toEqual([undefined, 0, 0]);
  });

  it('keeps within its entries: what was not used for longest goes first', () => {
    const store = new ResponseStore({ ...WIDE, maxEntries: 2 });
    store.keep('me', response('1'));
    store.keep('me', response('2'));
    store.get('me', '1');
    store.keep('me', response('3'));
    expect(['1', '2', '3'].map((id) => store.get('me', id) !== undefined)).toEqual([true, false, true]);
  });

  it('keeps within its bytes, and nothing for the sake of what is larger than all of them', () => {
    const store = new ResponseStore({ ...WIDE, maxBytes: 5_000 });
    for (let index = 0; index < 50; index++) {
      store.keep('me', response(String(index), { output: [item('x'.repeat(800) + index)] }));
      expect(store.bytes).toBeLessThanOrEqual(5_000);
    }
    expect(store.get('me', '49')).toBeDefined();
    const before = store.bytes;
    // What it takes beside its texts counts as well.
    for (const output of [
      [item('ж'.repeat(2_600))],
      [item('x'.repeat(4_500))],
      Array.from({ length: 40 }, () => item('x')),
    ]) {
      store.keep('me', response('huge', { output }));
      expect(store.get('me', 'huge')).toBeUndefined();
      expect(store.bytes).toBe(before);
    }
  });

  it('keeps within its bytes with many conversations at once, and forgets in the order of their use', () => {
    const maxBytes = 200_000;
    const store = new ResponseStore({ ttlMs: 3_600_000, maxEntries: 10_000, maxBytes });
    /** All responses, from the one that was not used for the longest time on. */
    const used = new Map<string, readonly [owner: string, id: string]>();
    const use = (owner: string, id: string): void => {
      used.delete(id);
      used.set(id, [owner, id]);
    };
    const latest = new Map<number, string>();
    const random = numbers(7);
    for (let step = 0; step < 2_000; step++) {
      const session = random(60);
      const owner = `caller ${session % 7}`;
      const previous = latest.get(session) ?? '';
      const before = store.get(owner, previous);
      if (before !== undefined) use(owner, previous);
      const said = item(`${'x'.repeat(random(800))}${step}`, random(2) === 0 ? `q${step}` : undefined);
      const output = [item(`${'é'.repeat(random(400))}${step}`, `a${step}`)];
      const input = [...(before === undefined ? [] : [...before.input, ...before.output]), said];
      const id = `r${step}`;
      store.keep(owner, response(id, { input, output, texts: [`{"tools":"${'t'.repeat(500)}${session % 3}"}`] }));
      use(owner, id);
      latest.set(session, id);
      expect(store.bytes).toBeLessThanOrEqual(maxBytes);
      // Those that are left are the last ones that were used.
      for (const oldest of [...used.keys()].slice(0, used.size - store.size)) used.delete(oldest);
      if (step % 100 !== 0) continue;
      for (const each of [...used.values()]) expect(store.get(...each)).toBeDefined();
    }
    expect(used.size).toBeGreaterThan(20);
    expect(used.size).toBeLessThan(200);
    for (const each of used.values()) store.delete(...each);
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });

  it('holds a conversation that grows once, and each response without the ones before it', () => {
    const store = new ResponseStore({ ...WIDE, maxBytes: 1_000_000 });
    const items: Item[] = [];
    for (let turn = 0; turn < 50; turn++) {
      const output = item(`${turn}`.repeat(1_000), `o${turn}`);
      // As one who goes on by id does it, and as one who sends everything anew.
      const input = turn % 2 === 1 ? [...items] : items.map(({ text }) => new Item(text, undefined));
      store.keep('me', response(String(turn), { input, output: [output], texts: ['{"tools":[…]}'.repeat(100)] }));
      items.push(output);
    }
    // All the texts are 95,000 bytes, and would be 2.5 million if each response had its own.
    expect(store.bytes).toBeLessThan(500_000);
    for (let turn = 0; turn < 49; turn++) store.delete('me', String(turn));
    expect(store.get('me', '49')?.input).toHaveLength(49);
    expect(store.item('me', 'o48')).toBeDefined();
    store.delete('me', '49');
    expect([store.size, store.bytes]).toEqual([0, 0]);
    expect(store.item('me', 'o48')).toBeUndefined();
  });

  it('finds an item by the id that it is given later, and forgets it together with it', () => {
    const store = new ResponseStore(WIDE);
    const nameless = item('question');
    store.keep('me', response('1', { input: [nameless] }));
    store.name('me', nameless, 'msg_1');
    expect(store.item('me', 'msg_1')).toBe(nameless);
    store.delete('me', '1');
    expect(store.item('me', 'msg_1')).toBeUndefined();
    expect(store.bytes).toBe(0);
  });

  it('counts down to nothing, whatever was kept, kept anew, referred to and deleted', () => {
    const id = fc.constantFrom('1', '2', '3', '4');
    const act = fc.oneof(
      fc.record({ keep: id, shares: fc.option(id, { nil: undefined }), text: fc.string({ unit: 'grapheme' }) }),
      fc.record({ delete: id }),
      fc.record({ refer: id }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const store = new ResponseStore({ ...WIDE, maxEntries: 3, maxBytes: 5_000 });
        for (const step of acts) {
          if ('delete' in step) store.delete('me', step.delete);
          else if ('refer' in step) store.item('me', `item_${step.refer}`);
          else {
            const shared = step.shares === undefined ? undefined : store.get('me', step.shares);
            store.keep('me', response(step.keep, { input: [...(shared?.output ?? []), item(step.text)] }));
          }
          expect(store.bytes).toBeLessThanOrEqual(5_000);
          expect(store.size).toBeLessThanOrEqual(3);
        }
        for (const each of ['1', '2', '3', '4']) store.delete('me', each);
        expect([store.size, store.bytes]).toEqual([0, 0]);
      }),
    );
  });
});
