import { entryOf, errors, type SignalboxError, type StopReason } from '@signalbox/kit';
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
 * providers say `stop` beside them; an unknown word is an ordinary end.
 * @returns an error for a word that means the provider failed.
 */
export function decodeStopReason(
  word: string,
  { finishReasons }: Dialect,
  seen: { readonly toolCalls: boolean; readonly refused: boolean },
): StopReason | SignalboxError {
  const meaning = entryOf(finishReasons, word) ?? entryOf(STOP_REASONS, word) ?? 'end-turn';
  if (meaning === 'overloaded') return errors.providerOverloaded(`The provider broke off: ${word}.`);
  if (meaning === 'failed') return errors.providerFailed(502, `The provider broke off: ${word}.`);
  if (seen.toolCalls && meaning === 'end-turn') return 'tool-call';
  if (seen.refused && meaning === 'end-turn') return 'refusal';
  // A call that is announced but missing is no call: clients would wait for it.
  if (!seen.toolCalls && meaning === 'tool-call') return 'end-turn';
  return meaning;
}

const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  'end-turn': 'stop',
  'stop-sequence': 'stop',
  'pause-turn': 'stop',
  'tool-call': 'tool_calls',
  'max-tokens': 'length',
  'context-window-exceeded': 'length',
  refusal: 'content_filter',
};

export function encodeStopReason(reason: StopReason): string {
  return FINISH_REASONS[reason];
}
