import type { ChatReply, JsonValue, StopReason } from '@signalbox/kit';

const DECODED: Readonly<Record<string, StopReason>> = {
  end_turn: 'end-turn',
  max_tokens: 'max-tokens',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-call',
  pause_turn: 'pause-turn',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-window-exceeded',
  compaction: 'end-turn',
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

/** A word that this package does not know ends the turn; so does none. Calls are never left without `tool-call`. */
export function decodeStop(
  reason: JsonValue | undefined,
  sequence: JsonValue | undefined,
  hasToolCalls: boolean,
): Stop {
  const raw = typeof reason === 'string' ? reason : undefined;
  const known = raw === undefined ? undefined : decoded(raw);
  const stopReason = known ?? 'end-turn';
  return {
    stopReason: hasToolCalls && stopReason === 'end-turn' ? 'tool-call' : stopReason,
    ...(raw === undefined ? {} : { rawStopReason: raw }),
    ...(typeof sequence === 'string' ? { stopSequence: sequence } : {}),
  };
}

/** The provider's own word where it means the same (`compaction`), else this format's. */
export function encodeStopReason({ stopReason, rawStopReason }: Stop): string {
  if (rawStopReason !== undefined && decoded(rawStopReason) === stopReason) return rawStopReason;
  return ENCODED[stopReason];
}

function decoded(raw: string): StopReason | undefined {
  return Object.hasOwn(DECODED, raw) ? DECODED[raw] : undefined;
}
