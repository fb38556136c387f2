import type { StopReason } from '@signalbox/spec';
import { wordOf } from './json-words.ts';
import type { Notes } from './notes.ts';

/** What servers say in place of their format's own word for an ordinary end, in small letters. */
const ENDS: ReadonlySet<string> = new Set(
  'stop stop_sequence stop_token stop_word end end_turn end_of_turn end_of_text eos eos_token eot normal complete completed done finished success'.split(
    ' ',
  ),
);

/** Whether a word that a format does not have means that the model had said all it wanted. */
export function isOrdinaryEnd(word: string): boolean {
  return ENDS.has(word.toLowerCase());
}

/**
 * The stop reason for a word that nobody knows: an answer that may be unfinished must not look finished, so it counts as
 * cut off, with a note.
 */
export function unknownStop(word: string, notes: Pick<Notes, 'add'> | undefined): StopReason {
  notes?.add(
    'stopReason',
    'approximated',
    `the provider ended with “${wordOf(word)}”, which is unknown: taken as cut off`,
  );
  return 'max-tokens';
}

/** For a client's format without a word for a turn that the provider paused: what is unfinished looks cut off there. */
export function notePause(reason: StopReason, notes: Pick<Notes, 'add'>): void {
  if (reason !== 'pause-turn') return;
  notes.add('stopReason', 'approximated', 'the provider paused its turn (pause-turn), which is given as cut off');
}
