import type { JsonObject } from '@signalbox/kit';
import { type ResponsesItem, responsesItems } from './responses-items.ts';
import { stopReasonOf, type Turn, type TurnEnvelope, usageOf, type WireTurn } from './turn.ts';

/** One reply of OpenAI's Responses. Reasoning is a summary and a sealed blob, as OpenAI sends it. */
export function responsesTurn(turn: Turn, options: TurnEnvelope = {}): WireTurn {
  const { id = 'resp_scripted', model = 'scripted-model' } = options;
  const reason = incompleteReason(turn);
  const status = reason === undefined ? 'completed' : 'incomplete';
  const items = responsesItems(turn, id.replace(/^resp_/, ''), status);
  const usage = encodeUsage(turn);
  const body = responseObject({
    id,
    model,
    status,
    ...(status === 'completed' ? { completed_at: CREATED + 1 } : {}),
    incomplete_details: reason === undefined ? null : { reason },
    output: items.map((item) => item.done),
    usage,
  });

  const frames: string[] = [];
  const frame = (type: string, rest: JsonObject) => {
    frames.push(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest, sequence_number: frames.length })}\n\n`);
  };
  const started = responseObject({ id, model });
  frame('response.created', { response: started });
  frame('response.in_progress', { response: started });
  for (const [output_index, item] of items.entries()) streamItem(item, output_index, frame);
  frame(`response.${status}`, { response: body });
  return { body, frames, sse: frames.join('') };
}

function streamItem(
  { id, added, body, done }: ResponsesItem,
  output_index: number,
  frame: (type: string, rest: JsonObject) => void,
): void {
  frame('response.output_item.added', { output_index, item: added });
  for (const { type, ...rest } of body) frame(type, { item_id: id, output_index, ...rest });
  frame('response.output_item.done', { output_index, item: done });
}

const CREATED = 1_795_000_000;

/** A response with what has come of it; the echoed settings are those of a request that set none. */
export function responseObject(come: JsonObject): JsonObject {
  return {
    object: 'response',
    access_programs: null,
    created_at: CREATED,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    ...come,
  };
}

/** What left it incomplete. There is no word for the end of a turn, a tool call or a stop sequence. */
function incompleteReason(turn: Turn): string | undefined {
  if (turn.rawStopReason !== undefined) return turn.rawStopReason;
  const stopReason = stopReasonOf(turn);
  if (stopReason === 'refusal') return 'content_filter';
  return stopReason === 'max-tokens' || stopReason === 'context-window-exceeded' ? 'max_output_tokens' : undefined;
}

/** Inclusive counts: cached tokens are part of the input, reasoning is part of the output. */
function encodeUsage(turn: Turn): JsonObject {
  const { promptTokens, completionTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usageOf(turn);
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cacheReadTokens ?? 0, cache_write_tokens: cacheWriteTokens ?? 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: promptTokens + completionTokens,
  };
}
