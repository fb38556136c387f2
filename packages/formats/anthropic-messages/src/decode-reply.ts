import type { Block, ChatReply, JsonObject, JsonValue, TargetContext } from '@signalbox/kit';
import { inspectBody } from './inspect-reply.ts';
import { decodeReplyBlock, tagged } from './reply-blocks.ts';
import { decodeStop } from './stop-reason.ts';
import { extrasOf } from './wire.ts';

const BODY = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage']);

/**
 * Decodes a whole reply. An empty `content` is legal: the model had nothing to say.
 * @throws {SignalboxError} MALFORMED_REPLY, or what an error inside a 200 says.
 */
export function decodeReply(body: JsonObject, target: TargetContext): ChatReply {
  const { usage, error } = inspectBody(body);
  if (error !== undefined) throw error;
  const content: Block[] = [];
  for (const wire of body.content as JsonValue[]) {
    const block = decodeReplyBlock(wire, target);
    if (block !== undefined) content.push(block);
  }
  const hasToolCalls = content.some(({ type }) => type === 'tool-call');
  return {
    ...(typeof body.id === 'string' ? { id: body.id } : {}),
    ...(typeof body.model === 'string' ? { model: body.model } : {}),
    content,
    ...decodeStop(body.stop_reason, body.stop_sequence, hasToolCalls, target.notes),
    ...(usage === undefined ? {} : { usage }),
    ...tagged(extrasOf(body, BODY)),
  };
}
