import type { JsonObject, StopReason } from '@signalbox/kit';
import {
  argumentObject,
  argumentText,
  pieces,
  stopReasonOf,
  type Turn,
  type TurnEnvelope,
  usageOf,
  type WireTurn,
  whole,
} from './turn.ts';

const STOP_REASONS: Record<StopReason, string> = {
  'end-turn': 'end_turn',
  'stop-sequence': 'stop_sequence',
  'tool-call': 'tool_use',
  'max-tokens': 'max_tokens',
  'context-window-exceeded': 'model_context_window_exceeded',
  refusal: 'refusal',
  'pause-turn': 'pause_turn',
};

/** A block as it starts in a stream, as it stands in a whole reply, and the deltas between the two. */
interface WireBlock {
  readonly start: JsonObject;
  readonly deltas: readonly JsonObject[];
  readonly whole: JsonObject;
}

/** One reply of the Messages API. */
export function anthropicTurn(turn: Turn, options: TurnEnvelope = {}): WireTurn {
  const { id = 'msg_scripted', model = 'scripted-model' } = options;
  const blocks = wireBlocks(turn);
  const usage = encodeUsage(turn);
  const stop = {
    stop_reason: turn.rawStopReason ?? STOP_REASONS[stopReasonOf(turn)],
    stop_sequence: turn.stopSequence ?? null,
    stop_details: null,
    container: null,
  };
  const message = { id, type: 'message', role: 'assistant', model };
  const notYet = { stop_reason: null, stop_sequence: null, stop_details: null, container: null };

  const frames: string[] = [];
  const frame = (type: string, rest: JsonObject = {}) => {
    frames.push(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  };
  frame('message_start', { message: { ...message, content: [], ...notYet, usage: { ...usage, output_tokens: 1 } } });
  for (const [index, block] of blocks.entries()) {
    frame('content_block_start', { index, content_block: block.start });
    for (const delta of block.deltas) frame('content_block_delta', { index, delta });
    frame('content_block_stop', { index });
  }
  frame('message_delta', { delta: stop, usage });
  frame('message_stop');

  const body: JsonObject = { ...message, content: blocks.map((block) => block.whole), ...stop, usage };
  return { body, frames, sse: frames.join('') };
}

function wireBlocks(turn: Turn): WireBlock[] {
  const blocks: WireBlock[] = [];
  const { signature = 'c2NyaXB0ZWQ=' } = turn;
  const thinking = whole(turn.reasoning);
  if (thinking !== undefined) {
    blocks.push({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...pieces(turn.reasoning).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
        { type: 'signature_delta', signature },
      ],
      whole: { type: 'thinking', thinking, signature },
    });
  }
  const text = whole(turn.text);
  if (text !== undefined) {
    blocks.push({
      start: { type: 'text', text: '', citations: null },
      deltas: pieces(turn.text).map((piece) => ({ type: 'text_delta', text: piece })),
      whole: { type: 'text', text, citations: null },
    });
  }
  for (const call of turn.toolCalls ?? []) {
    const { id, name } = call;
    const caller = { type: 'direct' };
    blocks.push({
      start: { type: 'tool_use', id, name, input: {}, caller },
      deltas: ['', ...pieces(argumentText(call))].map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
      whole: { type: 'tool_use', id, name, input: argumentObject(call), caller },
    });
  }
  return blocks;
}

/** Exclusive counts: `input_tokens` has only what no cache read or wrote. */
function encodeUsage(turn: Turn): JsonObject {
  const { promptTokens, completionTokens, cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens } = usageOf(turn);
  return {
    input_tokens: promptTokens - cacheReadTokens - cacheWriteTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    output_tokens: completionTokens,
    ...(reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
    service_tier: 'standard',
  };
}
