import type { JsonObject, StopReason } from '@signalbox/kit';
import {
  argumentText,
  pieces,
  stopReasonOf,
  type Turn,
  type TurnEnvelope,
  usageOf,
  type WireTurn,
  whole,
} from './turn.ts';

export interface OpenaiChatTurnOptions extends TurnEnvelope {
  /** Where the provider puts reasoning text. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning';
  /** As `stream_options.include_usage`. Default: true. */
  readonly includeUsage?: boolean;
}

const FINISH_REASONS: Record<StopReason, string> = {
  'end-turn': 'stop',
  'stop-sequence': 'stop',
  'tool-call': 'tool_calls',
  'max-tokens': 'length',
  'context-window-exceeded': 'length',
  refusal: 'content_filter',
  'pause-turn': 'stop',
};

/** One reply of an OpenAI-compatible chat endpoint. */
export function openaiChatTurn(turn: Turn, options: OpenaiChatTurnOptions = {}): WireTurn {
  const { id = 'chatcmpl-scripted', model = 'scripted-model', includeUsage = true } = options;
  const { reasoningField = 'reasoning_content' } = options;
  const finishReason = turn.rawStopReason ?? FINISH_REASONS[stopReasonOf(turn)];
  const envelope = { id, created: 1_795_000_000, model };
  const usage = encodeUsage(turn);

  const frames: string[] = [];
  const chunk = (choices: JsonObject[], withUsage: JsonObject | null = null) => {
    const body = {
      ...envelope,
      object: 'chat.completion.chunk',
      choices,
      ...(includeUsage ? { usage: withUsage } : {}),
    };
    frames.push(`data: ${JSON.stringify(body)}\n\n`);
  };
  const delta = (value: JsonObject, finish: string | null = null) =>
    chunk([{ index: 0, delta: value, logprobs: null, finish_reason: finish }]);

  delta({ role: 'assistant', content: '', refusal: null });
  for (const piece of pieces(turn.reasoning)) delta({ [reasoningField]: piece });
  for (const piece of pieces(turn.text)) delta({ content: piece });
  for (const [index, call] of (turn.toolCalls ?? []).entries()) {
    delta({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] });
    for (const piece of pieces(argumentText(call))) delta({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  delta({}, finishReason);
  if (includeUsage) chunk([], usage);
  frames.push('data: [DONE]\n\n');

  const toolCalls = (turn.toolCalls ?? []).map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: argumentText(call) },
  }));
  const reasoning = whole(turn.reasoning);
  const message: JsonObject = {
    role: 'assistant',
    content: whole(turn.text) ?? null,
    refusal: null,
    ...(reasoning === undefined ? {} : { [reasoningField]: reasoning }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  const body: JsonObject = {
    ...envelope,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  };
  return { body, frames, sse: frames.join('') };
}

/** Inclusive counts: cached tokens are part of the prompt, reasoning is part of the completion. */
function encodeUsage(turn: Turn): JsonObject {
  const { promptTokens, completionTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usageOf(turn);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: {
      cached_tokens: cacheReadTokens ?? 0,
      ...(cacheWriteTokens === undefined ? {} : { cache_write_tokens: cacheWriteTokens }),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens ?? 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
