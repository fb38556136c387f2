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

/** There is no word for a tool call, nor for a stop sequence. */
const FINISH_REASONS: Record<StopReason, string> = {
  'end-turn': 'STOP',
  'stop-sequence': 'STOP',
  'tool-call': 'STOP',
  'max-tokens': 'MAX_TOKENS',
  'context-window-exceeded': 'MAX_TOKENS',
  refusal: 'SAFETY',
  'pause-turn': 'STOP',
};

/**
 * One reply of Gemini's `generateContent`. As Gemini 3 does, it signs the first call, or the end of a text that was
 * reasoned about.
 */
export function geminiTurn(turn: Turn, options: TurnEnvelope = {}): WireTurn {
  const { id = 'scripted', model = 'scripted-model' } = options;
  const finishReason = turn.rawStopReason ?? FINISH_REASONS[stopReasonOf(turn)];
  const envelope = { modelVersion: model, responseId: id };
  const { signature = 'c2NyaXB0ZWQ=' } = turn;
  const calls = functionCalls(turn, signature);
  const signsText = calls.length === 0 && (turn.reasoning ?? turn.signature) !== undefined;

  const frames: string[] = [];
  const chunk = (parts: readonly JsonObject[], usage: JsonObject, end: JsonObject = {}) => {
    const candidate = { content: { parts: [...parts], role: 'model' }, ...end, index: 0 };
    frames.push(`data: ${JSON.stringify({ candidates: [candidate], usageMetadata: usage, ...envelope })}\n\n`);
  };
  // Counts repeat in every chunk, and grow: what was thought is known first, what was written last.
  for (const text of pieces(turn.reasoning)) chunk([{ text, thought: true }], encodeUsage(turn, 0));
  for (const text of pieces(turn.text)) chunk([{ text }], encodeUsage(turn, 1));
  const last = calls.length > 0 ? calls : [{ text: '', ...(signsText ? { thoughtSignature: signature } : {}) }];
  const usage = encodeUsage(turn);
  chunk(last, usage, { finishReason });

  const thought = whole(turn.reasoning);
  const text = whole(turn.text);
  const parts: JsonObject[] = [
    ...(thought === undefined ? [] : [{ text: thought, thought: true }]),
    ...(text === undefined ? [] : [{ text, ...(signsText ? { thoughtSignature: signature } : {}) }]),
    ...calls,
  ];
  // A reply of nothing has no parts at all.
  const content = { ...(parts.length === 0 ? {} : { parts }), role: 'model' };
  const body = { candidates: [{ content, finishReason, index: 0 }], usageMetadata: usage, ...envelope };
  return { body, frames, sse: frames.join('') };
}

/** Calls come whole; of parallel ones only the first is signed. */
function functionCalls({ toolCalls = [] }: Turn, thoughtSignature: string): JsonObject[] {
  return toolCalls.map((call, index) => ({
    functionCall: { id: call.id, name: call.name, args: argumentObject(call) },
    ...(index === 0 ? { thoughtSignature } : {}),
  }));
}

/** The prompt includes what was cached; candidates exclude thoughts. `written`: how much of the answer is there so far. */
function encodeUsage(turn: Turn, written?: number): JsonObject {
  const { promptTokens, completionTokens, cacheReadTokens, reasoningTokens } = usageOf(turn);
  const thoughts = reasoningTokens ?? 0;
  const candidates = Math.min(written ?? Number.POSITIVE_INFINITY, completionTokens - thoughts);
  return {
    promptTokenCount: promptTokens,
    ...(candidates === 0 ? {} : { candidatesTokenCount: candidates }),
    totalTokenCount: promptTokens + candidates + thoughts,
    ...(cacheReadTokens === undefined ? {} : { cachedContentTokenCount: cacheReadTokens }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
    ...(reasoningTokens === undefined ? {} : { thoughtsTokenCount: reasoningTokens }),
  };
}
