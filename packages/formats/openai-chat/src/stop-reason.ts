import {
  entryOf,
  errors,
  isOrdinaryEnd,
  type Notes,
  notePause,
  type SignalboxError,
  type StopReason,
  unknownStop,
} from '@signalbox/kit';
import type { Dialect } from './dialect.ts';

const STOP_REASONS: Readonly<Record<string, StopReason | 'failed'>> = {
  stop: 'end-turn',
  length: 'max-tokens',
  model_length: 'max-tokens',
  tool_calls: 'tool-call',
  function_call: 'tool-call',
  content_filter: 'refusal',
  error: 'failed',
};

/**
 * The canonical stop reason for a `finish_reason`. Whether tools are called is decided by the calls themselves, because
 * providers say `stop` beside them; what ends with an unknown word may have been cut off, and is noted.
 * @returns an error for a word that means the provider failed, and for an end without any content.
 */
export function decodeStopReason(
  word: string,
  { finishReasons }: Dialect,
  seen: { readonly toolCalls: boolean; readonly refused: boolean; readonly content: boolean },
  notes?: Pick<Notes, 'add'>,
): StopReason | SignalboxError {
  const meaning =
    entryOf(finishReasons, word) ?? entryOf(STOP_REASONS, word) ?? (isOrdinaryEnd(word) ? 'end-turn' : 'unknown');
  if (meaning === 'overloaded') return errors.providerOverloaded(`The provider broke off: ${word}.`);
  if (meaning === 'failed') return errors.providerFailed(502, `The provider broke off: ${word}.`);
  if (seen.toolCalls && (meaning === 'end-turn' || meaning === 'unknown')) return 'tool-call';
  if (seen.refused && meaning === 'end-turn') return 'refusal';
  // A call that is announced but missing is no call: clients would wait for it.
  const end = !seen.toolCalls && meaning === 'tool-call' ? 'end-turn' : meaning;
  if (!seen.content && (end === 'end-turn' || end === 'unknown')) {
    return errors.emptyReply('The provider ended the reply without any content.');
  }
  return end === 'unknown' ? unknownStop(word, notes) : end;
}

const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  'end-turn': 'stop',
  'stop-sequence': 'stop',
  'tool-call': 'tool_calls',
  'max-tokens': 'length',
  'pause-turn': 'length',
  'context-window-exceeded': 'length',
  refusal: 'content_filter',
};

export function encodeStopReason(reason: StopReason, notes: Pick<Notes, 'add'>): string {
  notePause(reason, notes);
  return FINISH_REASONS[reason];
}
