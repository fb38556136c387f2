import { describe, expect, it } from '@jest/globals';
import type { FidelityNote } from '@signalbox/spec';
import { countNotes, Notes, summariseNotes } from './notes.ts';

describe('Notes', () => {
  it('notes what another format alone has, key by key', () => {
    const notes = new Notes();
    notes.foreignExtensions(
      { mine: { a: 1 }, other: { b: 2, c: undefined, d: false, e: null, f: [], g: {}, $client: 1 } },
      'mine',
      'messages[0]',
    );
    notes.foreignExtensions(undefined, 'mine', 'x');
    expect(notes.list).toEqual([
      { path: 'messages[0].b', action: 'dropped', reason: 'only other has it' },
      { path: 'messages[0].d', action: 'dropped', reason: 'only other has it' },
    ]);
  });

  it('notes an empty object of the request itself: it may be a switch', () => {
    const notes = new Notes();
    notes.foreignExtensions({ other: { a: {}, b: [], c: null } }, 'mine', '');
    expect(notes.list.map(({ path }) => path)).toEqual(['a']);
  });

  it('is no loss where a format says that nothing hangs on a field', () => {
    const notes = new Notes();
    notes.foreignExtensions({ other: { a: 1, b: 2, $advice: ['b', 'c'] } }, 'mine', 'tools[0]');
    expect(notes.list).toEqual([
      { path: 'tools[0].a', action: 'dropped', reason: 'only other has it' },
      { path: 'tools[0].b', action: 'mapped', reason: 'only other has it, and nothing hangs on it' },
    ]);
  });

  it('is no loss what the target says in its own words', () => {
    const notes = new Notes();
    const extensions = { other: { a: 1, b: 2, toString: 3 }, third: { a: 4 } };
    notes.foreignExtensions(extensions, 'mine', '', { other: ['a'] });
    expect(notes.list.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'b: only other has it',
      'toString: only other has it',
      'a: only third has it',
    ]);
  });

  it('writes a path at the root without a dot', () => {
    const notes = new Notes();
    notes.foreignExtensions({ other: { seed: 1 } }, 'mine', '');
    expect(notes.list[0]?.path).toBe('seed');
  });

  it('names an opaque block by its type', () => {
    const notes = new Notes();
    notes.opaqueBlock({ type: 'opaque', format: 'f', value: { type: 'server_tool_use' } }, 'p');
    notes.opaqueBlock({ type: 'opaque', format: 'f', value: {} }, 'p');
    notes.opaqueBlock({ type: 'opaque', format: 'f', value: { type: { toString: 1 } } }, 'p');
    expect(notes.list.map(({ reason }) => reason)).toEqual([
      'a server_tool_use block, which only f has',
      'a vendor block, which only f has',
      'a vendor block, which only f has',
    ]);
  });
});

describe('more notes than anybody reads', () => {
  const many = (count: number, action: FidelityNote['action'] = 'mapped', notes = new Notes()): Notes => {
    for (let index = 0; index < count; index++) notes.add(`content[${index}]`, action, 'r');
    return notes;
  };

  it('are counted behind the first thousand, by what became of what they are about', () => {
    expect(many(1_000).list).toHaveLength(1_000);
    const notes = many(2, 'dropped', many(300_000));
    many(1, 'mapped', notes);
    expect(notes.list.slice(998)).toEqual([
      { path: 'content[998]', action: 'mapped', reason: 'r' },
      { path: 'content[999]', action: 'mapped', reason: 'r' },
      { path: '', action: 'mapped', reason: 'more such notes, which were left out', count: 299_001 },
      { path: '', action: 'dropped', reason: 'more such notes, which were left out', count: 2 },
    ]);
    expect(summariseNotes(notes.list)).toBe('dropped=2; mapped=300001');
    expect(countNotes(notes.list)).toBe(300_003);
  });

  it('are forgotten back to a point, and taken over', () => {
    const notes = many(1_500, 'dropped');
    const before = [...notes.list];
    many(10, 'dropped', notes);
    many(10, 'approximated', notes);
    notes.backTo(before);
    expect(countNotes(notes.list)).toBe(1_500);
    const other = new Notes();
    other.add('first', 'mapped', 'r');
    other.addAll(notes.list);
    other.addAll(notes.list);
    expect(other.list.length).toBeLessThan(1_010);
    expect(summariseNotes(other.list)).toBe('dropped=3000; mapped=1');
    notes.backTo([]);
    expect(notes.list).toEqual([]);
  });

  it('and no longer than anybody reads', () => {
    const notes = new Notes();
    notes.foreignExtensions({ other: { ['x'.repeat(1_000_000)]: 1 } }, 'mine', '');
    notes.add('p', 'dropped', 'y'.repeat(1_000_000));
    for (const { path, reason } of notes.list) expect(path.length + reason.length).toBeLessThan(1_100);
    expect(notes.list[0]?.path).toMatch(/^x{400}.*…$/);
  });
});

describe('summariseNotes', () => {
  it('counts by action, the worst first', () => {
    expect(summariseNotes([])).toBe('lossless');
    const notes = new Notes();
    for (const action of ['mapped', 'dropped', 'dropped', 'refused'] as const) notes.add('p', action, 'r');
    expect(summariseNotes(notes.list)).toBe('refused=1; dropped=2; mapped=1');
  });
});
