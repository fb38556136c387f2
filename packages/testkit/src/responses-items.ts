import type { JsonObject } from '@signalbox/kit';
import { argumentText, pieces, type Turn, type TurnToolCall, whole } from './turn.ts';

/** An output item as it starts in a stream, as it stands in a whole reply, and the events between the two. */
export interface ResponsesItem {
  readonly id: string;
  readonly added: JsonObject;
  /** Without `item_id` and `output_index`, which are the same for all. */
  readonly body: readonly (JsonObject & { readonly type: string })[];
  readonly done: JsonObject;
}

/** @param status What the last item's status says. All others are complete. */
export function responsesItems(turn: Turn, suffix: string, status: string): ResponsesItem[] {
  const { toolCalls = [] } = turn;
  const phase = toolCalls.length > 0 ? 'commentary' : 'final_answer';
  const messageStatus = toolCalls.length > 0 ? 'completed' : status;
  return [
    ...reasoningItem(turn, `rs_${suffix}`),
    ...messageItem(turn, `msg_${suffix}`, { phase, status: messageStatus }),
    ...toolCalls.map((call, index) =>
      callItem(call, `fc_${suffix}_${index}`, index === toolCalls.length - 1 ? status : 'completed'),
    ),
  ];
}

/** Reasoning that is sealed without a summary is an item, too: OpenAI's default. */
function reasoningItem({ reasoning, signature }: Turn, id: string): ResponsesItem[] {
  if (reasoning === undefined && signature === undefined) return [];
  const text = whole(reasoning);
  const part = (said: string) => ({ type: 'summary_text', text: said });
  const at = { summary_index: 0 };
  const body = [
    { type: 'response.reasoning_summary_part.added', ...at, part: part('') },
    ...pieces(reasoning).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...at, delta })),
    { type: 'response.reasoning_summary_text.done', ...at, text: text ?? '' },
    { type: 'response.reasoning_summary_part.done', ...at, part: part(text ?? '') },
  ];
  const item = { id, type: 'reasoning' };
  return [
    {
      id,
      // Only the blob of the end is valid.
      added: { ...item, summary: [], encrypted_content: 'bm90IHlldA==' },
      body: text === undefined ? [] : body,
      done: {
        ...item,
        summary: text === undefined ? [] : [part(text)],
        encrypted_content: signature ?? 'c2NyaXB0ZWQ=',
      },
    },
  ];
}

function messageItem(turn: Turn, id: string, { phase, status }: { phase: string; status: string }): ResponsesItem[] {
  const text = whole(turn.text);
  if (text === undefined) return [];
  const part = (said: string) => ({ type: 'output_text', text: said, annotations: [], logprobs: [] });
  const at = { content_index: 0 };
  const item = { id, type: 'message', role: 'assistant', phase };
  return [
    {
      id,
      added: { ...item, status: 'in_progress', content: [] },
      body: [
        { type: 'response.content_part.added', ...at, part: part('') },
        ...pieces(turn.text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
        { type: 'response.output_text.done', ...at, text, logprobs: [] },
        { type: 'response.content_part.done', ...at, part: part(text) },
      ],
      done: { ...item, status, content: [part(text)] },
    },
  ];
}

function callItem(call: TurnToolCall, id: string, status: string): ResponsesItem {
  const args = argumentText(call);
  const item = { id, type: 'function_call', call_id: call.id, name: call.name };
  return {
    id,
    added: { ...item, status: 'in_progress', arguments: '' },
    body: [
      ...pieces(args).map((delta) => ({ type: 'response.function_call_arguments.delta', delta })),
      { type: 'response.function_call_arguments.done', arguments: args },
    ],
    done: { ...item, status, arguments: args },
  };
}
