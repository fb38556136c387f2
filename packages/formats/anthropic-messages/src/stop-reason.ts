import {
  type ChatReply,
  isOrdinaryEnd,
  type JsonValue,
  type Notes,
  type StopReason,
  unknownStop,
} from '@signalbox/kit';

const DECODED: Readonly<Record<string, StopReason>> = {
  end_turn: 'end-turn',
  max_tokens: 'max-tokens',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-call',
  pause_turn: 'pause-turn',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-window-exceeded',
  // It stopped behind the summary, to go on from there when it is asked again.
  compaction: 'pause-turn',
};

const ENCODED: Readonly<Record<StopReason, string>> = {
  'end-turn': 'end_turn',
  'max-tokens': 'max_tokens',
  'stop-sequence': 'stop_sequence',
  'tool-call': 'tool_use',
  'pause-turn': 'pause_turn',
  refusal: 'refusal',
  'context-window-exceeded': 'model_context_window_exceeded',
};

type Stop = Pick<ChatReply, 'stopReason' | 'rawStopReason' | 'stopSequence'>;

/**
 * No word ends the turn, one that nobody knows may have cut it off (with a note). Calls are never left without `tool-call`,
 * but where they may have been cut.
 */
export function decodeStop(
  reason: JsonValue | undefined,
  sequence: JsonValue | undefined,
  hasToolCalls: boolean,
  notes?: Pick<Notes, 'add'>,
): Stop {
  const raw = typeof reason === 'string' ? reason : undefined;
  return {
    stopReason: meaningOf(raw, hasToolCalls, notes),
    ...(raw === undefined ? {} : { rawStopReason: raw }),
    ...(typeof sequence === 'string' ? { stopSequence: sequence } : {}),
  };
}

function meaningOf(raw: string | undefined, hasToolCalls: boolean, notes: Pick<Notes, 'add'> | undefined): StopReason {
  const known = raw === undefined ? 'end-turn' : decoded(raw);
  if (hasToolCalls && (known === undefined || known === 'end-turn')) return 'tool-call';
  if (known !== undefined) return known;
  return raw === undefined || isOrdinaryEnd(raw) ? 'end-turn' : unknownStop(raw, notes);
}

/** The provider's own word where it means the same (`compaction`), else this format's. */
export function encodeStopReason({ stopReason, rawStopReason }: Stop): string {
  if (rawStopReason !== undefined && decoded(rawStopReason) === stopReason) return rawStopReason;
  return ENCODED[stopReason];
}

function decoded(raw: string): StopReason | undefined {
  return Object.hasOwn(DECODED, raw) ? DECODED[raw] : undefined;
}
