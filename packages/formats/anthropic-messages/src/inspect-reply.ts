import { errors, type JsonObject, type ReplyInspection } from '@signalbox/kit';
import { decodeWireError } from './decode-error.ts';
import { decodeUsage } from './usage.ts';
import { isObject } from './wire.ts';

/** Usage and failure of a whole reply that passes through. */
export function inspectReply(body: JsonObject): ReplyInspection {
  const usage = decodeUsage(body.usage);
  if (body.type === 'error' || isObject(body.error)) return { usage, error: decodeWireError(body) };
  if (Array.isArray(body.content)) return { usage, error: undefined };
  const message = 'The provider answered with something that is not an Anthropic message.';
  return { usage, error: errors.malformedReply(message) };
}
