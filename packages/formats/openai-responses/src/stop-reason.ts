import {
  errors,
  isOrdinaryEnd,
  type JsonObject,
  type Notes,
  notePause,
  type SignalboxError,
  type StopReason,
  unknownStop,
} from '@signalbox/kit';
import { decodeErrorBody } from './errors.ts';
import { isObject, text } from './fields.ts';

export interface Stop {
  readonly stopReason: StopReason;
  readonly rawStopReason: string;
}

/**
 * Why a response ended. Whether tools are called is decided by the calls themselves: this wire has no word for it.
 * @returns an error for a response that failed, or that is not finished.
 */
export function decodeStop(
  response: JsonObject,
  seen: { readonly toolCalls: boolean; readonly refused: boolean; readonly content: boolean },
  notes?: Pick<Notes, 'add'>,
): Stop | SignalboxError {
  const { status, error, incomplete_details: details } = response;
  if (status === 'failed' || (isObject(error) && Object.keys(error).length > 0)) {
    return decodeErrorBody(200, {}, isObject(error) ? { error } : { error: 'The provider broke off.' });
  }
  if (status === 'incomplete') {
    const reason = (isObject(details) ? text(details.reason) : undefined) ?? 'incomplete';
    if (reason === 'max_output_tokens') return { stopReason: 'max-tokens', rawStopReason: reason };
    if (reason === 'content_filter') return { stopReason: 'refusal', rawStopReason: reason };
    return unknown(reason, seen.content, notes);
  }
  if (status === 'queued' || status === 'in_progress') {
    return errors.malformedReply(`The provider answered with a response that is ${status}: it was asked to wait.`);
  }
  if (status === 'cancelled') return errors.providerFailed(502, 'The provider cancelled the response.');
  const rawStopReason = text(status) ?? 'completed';
  if (seen.toolCalls) return { stopReason: 'tool-call', rawStopReason };
  if (!isOrdinaryEnd(rawStopReason)) return unknown(rawStopReason, seen.content, notes);
  return { stopReason: seen.refused ? 'refusal' : 'end-turn', rawStopReason };
}

function unknown(word: string, content: boolean, notes: Pick<Notes, 'add'> | undefined): Stop | SignalboxError {
  if (!content) return errors.emptyReply('The provider ended the reply without any content.');
  return { stopReason: unknownStop(word, notes), rawStopReason: word };
}

/** The status of a response, and why it is incomplete where it is. */
export function encodeStop(
  reason: StopReason,
  notes: Pick<Notes, 'add'>,
): { readonly status: string; readonly incomplete: JsonObject | null } {
  notePause(reason, notes);
  switch (reason) {
    case 'max-tokens':
    case 'pause-turn':
    case 'context-window-exceeded':
      return { status: 'incomplete', incomplete: { reason: 'max_output_tokens' } };
    case 'refusal':
      return { status: 'incomplete', incomplete: { reason: 'content_filter' } };
    default:
      return { status: 'completed', incomplete: null };
  }
}
