import {
  entryOf,
  errors,
  isOrdinaryEnd,
  type JsonValue,
  type Notes,
  SignalboxError,
  type StopReason,
  unknownStop,
} from '@signalbox/kit';
import { objectOf, text } from './fields.ts';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end-turn',
  tool_use: 'tool-call',
  max_tokens: 'max-tokens',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'refusal',
  content_filtered: 'refusal',
  model_context_window_exceeded: 'context-window-exceeded',
};

export interface End {
  readonly stopReason: StopReason;
  readonly rawStopReason?: string;
  readonly stopSequence?: string;
}

/**
 * How a reply ended. Whether tools are called is decided by the calls themselves; what ends with an unknown
 * word may have been cut off, and is noted.
 * @throws {SignalboxError} PROVIDER_FAILED where the model's output was spoilt, EMPTY_REPLY for a turn that says nothing.
 */
export function decodeEnd(
  word: string | undefined,
  own: JsonValue | undefined,
  seen: { readonly blocks: number; readonly toolCalls: number },
  notes: Pick<Notes, 'add'>,
): End {
  if (word?.startsWith('malformed_') === true) {
    throw errors.providerFailed(502, `The model’s output was spoilt: ${word}.`);
  }
  const known = entryOf(STOP_REASONS, word) ?? (word === undefined || isOrdinaryEnd(word) ? 'end-turn' : undefined);
  let stopReason = known ?? 'end-turn';
  if (stopReason === 'end-turn' && seen.toolCalls > 0) stopReason = 'tool-call';
  if (stopReason === 'tool-call' && seen.toolCalls === 0) stopReason = 'end-turn';
  if (stopReason === 'end-turn' && seen.blocks === 0) {
    throw errors.emptyReply('The provider ended the reply without any content.');
  }
  if (known === undefined && stopReason === 'end-turn') stopReason = unknownStop(word ?? '', notes);
  const stopSequence = text(objectOf(own).stop_sequence);
  return {
    stopReason,
    ...(word === undefined ? {} : { rawStopReason: word }),
    ...(stopSequence === undefined ? {} : { stopSequence }),
  };
}

/** What went wrong as this process's own error, or the same again for a mistake of ours. */
export function asFailure(error: unknown): SignalboxError {
  if (SignalboxError.is(error)) return error;
  throw error;
}
