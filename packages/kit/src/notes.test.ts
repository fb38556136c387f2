import { describe, expect, it } from '@jest/globals';
import { Notes, summariseNotes } from './notes.ts';

describe('Notes', () => {
  it('notes what another format alone has, key by key', () => {
    const notes = new Notes();
    notes.foreignExtensions(
      { mine: { a: 1 }, other: { b: 2, c: undefined, d: null, $client: 1 } },
      'mine',
      'messages[0]',
    );
    notes.foreignExtensions(undefined, 'mine', 'x');
    expect(notes.list).toEqual([
      { path: 'messages[0].b', action: 'dropped', reason: 'only other has it' },
      { path: 'messages[0].d', action: 'dropped', reason: 'only other has it' },
    ]);
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

describe('summariseNotes', () => {
  it('counts by action, the worst first', () => {
    expect(summariseNotes([])).toBe('lossless');
    const notes = new Notes();
    for (const action of ['mapped', 'dropped', 'dropped', 'refused'] as const) notes.add('p', action, 'r');
    expect(summariseNotes(notes.list)).toBe('refused=1; dropped=2; mapped=1');
  });
});
