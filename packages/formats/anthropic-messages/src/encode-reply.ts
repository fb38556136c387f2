import {
  addAll,
  type ChatReply,
  type ClientContext,
  type JsonObject,
  newId,
  ReplyCallIds,
  type StopReason,
} from '@signalbox/kit';
import { encodeReplyBlock } from './reply-blocks.ts';
import { encodeStopReason } from './stop-reason.ts';
import { encodeUsage } from './usage.ts';
import { webFor } from './web-search.ts';
import { FORMAT_ID } from './wire.ts';

/** Encodes a whole reply under a fresh id and the name by which the client asked for the model. Unreported prompt tokens are estimated. */
export function encodeReply(reply: ChatReply, client: ClientContext): JsonObject {
  const { content, stopReason, stopSequence, usage, extensions } = reply;
  client.notes.foreignExtensions(extensions, FORMAT_ID, '');
  client.notes.foreignExtensions(usage?.extensions, FORMAT_ID, 'usage');
  const ids = new ReplyCallIds(() => client.request, 'toolu_');
  const web = webFor(client.request);
  const blocks: JsonObject[] = [];
  for (const [index, block] of content.entries()) {
    const wire = encodeReplyBlock(block, `content[${index}]`, client, ids, web);
    if (wire !== undefined) blocks.push(wire);
  }
  if (web !== undefined) addAll(blocks, web.blocks());
  return {
    id: newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: client.model,
    content: blocks,
    stop_reason: encodeStopReason(reply),
    stop_sequence: stopSequence ?? null,
    stop_details: defaultStopDetails(stopReason),
    container: null,
    diagnostics: null,
    ...extensions?.[FORMAT_ID],
    usage: encodeUsage({ ...usage, promptTokens: usage?.promptTokens ?? client.estimatePromptTokens() }),
  };
}

/** Clients read a refusal's details, also where the provider gave none. */
export function defaultStopDetails(stopReason: StopReason): JsonObject | null {
  return stopReason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null;
}
