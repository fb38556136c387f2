import { describe, expect, it } from '@jest/globals';
import { Notes } from './notes.ts';
import { isOrdinaryEnd, notePause, unknownStop } from './stop-words.ts';

describe('words for an end', () => {
  it.each(['stop', 'eos', 'eos_token', 'end_turn', 'COMPLETE', 'Stop'])('%s is an ordinary one', (word) => {
    expect(isOrdinaryEnd(word)).toBe(true);
  });

  it.each(['length', 'abort', 'cancelled', 'timeout', 'paused', 'toString', ''])('%s is none', (word) => {
    expect(isOrdinaryEnd(word)).toBe(false);
  });

  it('nobody knows make no finished answer, and are noted', () => {
    const notes = new Notes();
    expect(unknownStop('abort', notes)).toBe('max-tokens');
    expect(unknownStop('abort', undefined)).toBe('max-tokens');
    expect(notes.list).toMatchObject([{ path: 'stopReason', action: 'approximated' }]);
    expect(notes.list[0]?.reason).toContain('“abort”');
  });

  it('says of a paused turn what it was, and nothing of another', () => {
    const notes = new Notes();
    notePause('end-turn', notes);
    expect(notes.list).toEqual([]);
    notePause('pause-turn', notes);
    expect(notes.list).toMatchObject([{ path: 'stopReason', action: 'approximated' }]);
  });
});
