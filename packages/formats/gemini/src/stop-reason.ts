import { errors, type SignalboxError, type StopReason } from '@signalbox/kit';

const STOP_REASONS: Readonly<Record<string, StopReason | 'failed' | 'vague'>> = {
  STOP: 'end-turn',
  MAX_TOKENS: 'max-tokens',
  CONTINUATION: 'max-tokens',
  SAFETY: 'refusal',
  RECITATION: 'refusal',
  BLOCKLIST: 'refusal',
  PROHIBITED_CONTENT: 'refusal',
  SPII: 'refusal',
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
  LANGUAGE: 'vague',
  OTHER: 'vague',
  NO_IMAGE: 'vague',
  IMAGE_OTHER: 'vague',
};

/**
 * The canonical stop reason for a `finishReason`. There is no word for tool calls: the calls themselves decide. A word that
 * says little is an ordinary end where there is an answer.
 * @returns an error for a word that means the model failed, and for an answer without any content.
 */
export function decodeStopReason(
  word: string,
  seen: { readonly toolCalls: boolean; readonly content: boolean; readonly message?: string | undefined },
): StopReason | SignalboxError {
  const meaning = (Object.hasOwn(STOP_REASONS, word) ? STOP_REASONS[word] : undefined) ?? 'vague';
  const said = seen.message === undefined ? '' : `: ${seen.message}`;
  if (meaning === 'failed') return errors.malformedReply(`The model broke off with ${word}${said}.`);
  if (meaning === 'end-turn' || meaning === 'vague') {
    if (seen.toolCalls) return 'tool-call';
    if (!seen.content) return errors.emptyReply(`The provider ended the reply without any content (${word}${said}).`);
    return 'end-turn';
  }
  return meaning;
}

const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  'end-turn': 'STOP',
  'stop-sequence': 'STOP',
  'pause-turn': 'STOP',
  'tool-call': 'STOP',
  'max-tokens': 'MAX_TOKENS',
  'context-window-exceeded': 'MAX_TOKENS',
  refusal: 'SAFETY',
};

/** The provider's own word where it is one of this format that means the same (`RECITATION`), else the usual one. */
export function encodeStopReason(reason: StopReason, raw: string | undefined): string {
  const meaning = raw !== undefined && Object.hasOwn(STOP_REASONS, raw) ? STOP_REASONS[raw] : undefined;
  if (raw !== undefined && (meaning === reason || (meaning === 'vague' && reason === 'end-turn'))) return raw;
  return FINISH_REASONS[reason];
}
