import { errors, type JsonObject, type JsonValue, type ReplyInspection, type SignalboxError } from '@signalbox/kit';
import { decodeWireError } from './decode-error.ts';
import { decodeUsage } from './usage.ts';
import { isObject } from './wire.ts';

/** Usage and failure of a whole reply that passes through. */
export function inspectReply(body: JsonObject): ReplyInspection {
  const inspection = inspectBody(body);
  const { content, stop_reason: reason } = body;
  const empty = Array.isArray(content) && !content.some(saysSomething) && isEmptyEnd(reason);
  return empty && inspection.error === undefined ? { ...inspection, error: emptyReply() } : inspection;
}

/** Whether a turn that ends so has no right to be empty. */
export function isEmptyEnd(reason: JsonValue | undefined): boolean {
  return reason === 'end_turn' || reason === 'tool_use';
}

/** Whether a block is more than the start of one: a client shows it, or acts on it. */
export function saysSomething(block: JsonValue | undefined): boolean {
  if (!isObject(block)) return block !== undefined && block !== null;
  if (block.type === 'text') return isString(block.text) && block.text.trim() !== '';
  if (block.type !== 'thinking') return true;
  return [block.thinking, block.signature].some((said) => isString(said) && said !== '');
}

function isString(value: JsonValue | undefined): value is string {
  return typeof value === 'string';
}

/** The same, where a reply without any content is left to others. */
export function inspectBody(body: JsonObject): ReplyInspection {
  const usage = decodeUsage(body.usage);
  if (body.type === 'error' || isObject(body.error)) return { usage, error: decodeWireError(body) };
  if (Array.isArray(body.content)) return { usage, error: undefined };
  const message = 'The provider answered with something that is not an Anthropic message.';
  return { usage, error: errors.malformedReply(message) };
}

/** A turn that ends before it said anything is a failure, not an answer. */
export function emptyReply(): SignalboxError {
  return errors.emptyReply('The provider answered without any content.');
}
