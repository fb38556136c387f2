import { type Block, type ChatReply, errors, type JsonObject, type TargetContext } from '@signalbox/kit';
import { decodeWireError } from './decode-error.ts';
import { decodeReplyBlock, tagged } from './reply-blocks.ts';
import { decodeStop } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';
import { extrasOf, isObject } from './wire.ts';

const BODY = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage']);

/**
 * Decodes a whole reply. An empty `content` is legal: the model had nothing to say.
 * @throws {SignalboxError} MALFORMED_REPLY, or what an error inside a 200 says.
 */
export function decodeReply(body: JsonObject, target: TargetContext): ChatReply {
  if (isObject(body) && (body.type === 'error' || isObject(body.error))) throw decodeWireError(body);
  if (!isObject(body) || !Array.isArray(body.content)) {
    throw errors.malformedReply('The provider answered with something that is not an Anthropic message.');
  }
  const content: Block[] = [];
  for (const wire of body.content) {
    const block = decodeReplyBlock(wire, target);
    if (block !== undefined) content.push(block);
  }
  const usage = decodeUsage(body.usage);
  const hasToolCalls = content.some(({ type }) => type === 'tool-call');
  return {
    ...(typeof body.id === 'string' ? { id: body.id } : {}),
    ...(typeof body.model === 'string' ? { model: body.model } : {}),
    content,
    ...decodeStop(body.stop_reason, body.stop_sequence, hasToolCalls),
    ...(usage === undefined ? {} : { usage }),
    ...tagged(extrasOf(body, BODY)),
  };
}
