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
import { text } from './fields.ts';

/** The model was only loaded or unloaded: an answer without content that is no failure. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['load', 'unload']);

export interface Ending {
  readonly stopReason: StopReason;
  readonly rawStopReason: string;
}

/**
 * What `done_reason` means beside what was said. A stop sequence that was met looks like any end.
 * @returns an error for an end that finishes nothing (without a reason, or the model was unloaded in the middle of what it
 * said: the server broke off) and for one without any content.
 */
export function decodeEnding(
  body: JsonObject,
  said: { readonly toolCalls: boolean; readonly content: boolean },
  notes?: Pick<Notes, 'add'>,
): Ending | SignalboxError {
  const word = text(body.done_reason);
  if (word === undefined || (said.content && WITHOUT_CONTENT.has(word))) {
    return errors.cutStream('The provider broke off before the reply was finished.');
  }
  if (word === 'length') return { stopReason: 'max-tokens', rawStopReason: word };
  if (!said.content && !WITHOUT_CONTENT.has(word)) {
    return errors.emptyReply('The provider ended the reply without any content.');
  }
  if (said.toolCalls) return { stopReason: 'tool-call', rawStopReason: word };
  const ends = isOrdinaryEnd(word) || WITHOUT_CONTENT.has(word);
  return { stopReason: ends ? 'end-turn' : unknownStop(word, notes), rawStopReason: word };
}

const CUT: ReadonlySet<StopReason> = new Set<StopReason>(['max-tokens', 'context-window-exceeded', 'pause-turn']);

/** `raw`: the word that stood at the end of an answer without content, where it is one of this wire's own. */
export function encodeStopReason(reason: StopReason, raw?: string): string {
  if (raw !== undefined && WITHOUT_CONTENT.has(raw)) return raw;
  return CUT.has(reason) ? 'length' : 'stop';
}

/** What this wire has no word for. A refusal ends like any answer: the client has its words alone. */
export function noteStop(reason: StopReason, notes: Pick<Notes, 'add'>): void {
  notePause(reason, notes);
  if (reason === 'refusal') notes.add('stopReason', 'approximated', 'the client’s format has no mark for a refusal');
}
