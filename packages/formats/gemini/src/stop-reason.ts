import { errors, type Notes, notePause, type SignalboxError, type StopReason, unknownStop } from '@signalbox/kit';

const STOP_REASONS: Readonly<Record<string, StopReason | 'failed' | 'vague'>> = {
  STOP: 'end-turn',
  MAX_TOKENS: 'max-tokens',
  CONTINUATION: 'max-tokens',
  SAFETY: 'refusal',
  RECITATION: 'refusal',
  BLOCKLIST: 'refusal',
  PROHIBITED_CONTENT: 'refusal',
  SPII: 'refusal',
  LANGUAGE: 'refusal',
  IMAGE_SAFETY: 'refusal',
  IMAGE_PROHIBITED_CONTENT: 'refusal',
  IMAGE_RECITATION: 'refusal',
  MODEL_ARMOR: 'refusal',
  JAILBREAK: 'refusal',
  MALFORMED_FUNCTION_CALL: 'failed',
  MALFORMED_RESPONSE: 'failed',
  UNEXPECTED_TOOL_CALL: 'failed',
  TOO_MANY_TOOL_CALLS: 'failed',
  MISSING_THOUGHT_SIGNATURE: 'failed',
  OTHER: 'vague',
  NO_IMAGE: 'vague',
  IMAGE_OTHER: 'vague',
};

/**
 * The canonical stop reason for a `finishReason`. There is no word for tool calls: the calls themselves decide. A word that
 * says little may have cut the answer off.
 * @returns an error for a word that means the model failed, and for an answer without any content.
 */
export function decodeStopReason(
  word: string,
  seen: { readonly toolCalls: boolean; readonly content: boolean; readonly message?: string | undefined },
  notes?: Pick<Notes, 'add'>,
): StopReason | SignalboxError {
  const meaning = (Object.hasOwn(STOP_REASONS, word) ? STOP_REASONS[word] : undefined) ?? 'vague';
  const said = seen.message === undefined ? '' : `: ${seen.message}`;
  if (meaning === 'failed') return errors.malformedReply(`The model broke off with ${word}${said}.`);
  if (meaning === 'end-turn' || meaning === 'vague') {
    if (seen.toolCalls) return 'tool-call';
    if (!seen.content) return errors.emptyReply(`The provider ended the reply without any content (${word}${said}).`);
    return meaning === 'vague' ? unknownStop(word, notes) : meaning;
  }
  return meaning;
}

/** The limits that cut an answer wherever it was. */
export const CUT: ReadonlySet<StopReason> = new Set<StopReason>(['max-tokens', 'context-window-exceeded']);

const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  'end-turn': 'STOP',
  'stop-sequence': 'STOP',
  'tool-call': 'STOP',
  'max-tokens': 'MAX_TOKENS',
  'pause-turn': 'MAX_TOKENS',
  'context-window-exceeded': 'MAX_TOKENS',
  refusal: 'SAFETY',
};

/** The provider's own word where it is one of this format that means the same (`RECITATION`), else the usual one. */
export function encodeStopReason(reason: StopReason, raw: string | undefined, notes: Pick<Notes, 'add'>): string {
  notePause(reason, notes);
  const meaning = raw !== undefined && Object.hasOwn(STOP_REASONS, raw) ? STOP_REASONS[raw] : undefined;
  if (raw !== undefined && (meaning === reason || (meaning === 'vague' && reason === 'max-tokens'))) return raw;
  return FINISH_REASONS[reason];
}
