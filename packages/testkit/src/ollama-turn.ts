import type { JsonObject, StopReason } from '@signalbox/kit';
import {
  argumentObject,
  pieces,
  stopReasonOf,
  type Turn,
  type TurnEnvelope,
  usageOf,
  type WireTurn,
  whole,
} from './turn.ts';

/** Ollama has two: what stopped a model is known only where it ran out of room. */
const DONE_REASONS: Record<StopReason, string> = {
  'end-turn': 'stop',
  'stop-sequence': 'stop',
  'tool-call': 'stop',
  'max-tokens': 'length',
  'context-window-exceeded': 'length',
  refusal: 'stop',
  'pause-turn': 'stop',
};

const CREATED = '2026-11-22T10:00:00.123456789Z';

/** An Ollama reply: its stream is lines of JSON. */
export interface OllamaTurn extends Omit<WireTurn, 'sse'> {
  /** All lines as one text. */
  readonly ndjson: string;
}

/** One reply of Ollama's `/api/chat`, which has no ids and signs nothing. */
export function ollamaTurn(turn: Turn, { model = 'scripted-model' }: Omit<TurnEnvelope, 'id'> = {}): OllamaTurn {
  const head = { model, created_at: CREATED };
  const calls = toolCalls(turn);
  const end = {
    done: true,
    done_reason: turn.rawStopReason ?? DONE_REASONS[stopReasonOf(turn)],
    ...encodeMetrics(turn),
  };

  const frames: string[] = [];
  const line = (message: JsonObject, rest: JsonObject = { done: false }) => {
    frames.push(`${JSON.stringify({ ...head, message: { role: 'assistant', content: '', ...message }, ...rest })}\n`);
  };
  for (const thinking of pieces(turn.reasoning)) line({ thinking });
  for (const content of pieces(turn.text)) line({ content });
  for (const call of calls) line({ tool_calls: [call] });
  line({}, end);

  const thinking = whole(turn.reasoning);
  const message: JsonObject = {
    role: 'assistant',
    content: whole(turn.text) ?? '',
    ...(thinking === undefined ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return { body: { ...head, message, ...end }, frames, ndjson: frames.join('') };
}

/** Calls come whole; their arguments are always an object. */
function toolCalls({ toolCalls: calls = [] }: Turn): JsonObject[] {
  return calls.map((call, index) => ({
    id: call.id,
    function: { index, name: call.name, arguments: argumentObject(call) },
  }));
}

/** Inclusive counts without a split; durations in ns. What is zero is left out. */
function encodeMetrics(turn: Turn): JsonObject {
  const { promptTokens, completionTokens } = usageOf(turn);
  return {
    total_duration: 910_000_000,
    load_duration: 20_000_000,
    ...(promptTokens === 0 ? {} : { prompt_eval_count: promptTokens }),
    prompt_eval_duration: 90_000_000,
    ...(completionTokens === 0 ? {} : { eval_count: completionTokens }),
    eval_duration: 780_000_000,
  };
}
