import { errors, type JsonObject, type JsonValue, type Notes } from '@signalbox/kit';
import { isObject, isUnsaid, text } from './fields.ts';

/** What one object of a reply says, a chat's or a single prompt's, in the order in which it is said. */
export interface ReplyParts {
  readonly thinking: string;
  readonly content: string;
  readonly calls: readonly JsonValue[];
}

/** `undefined` for an object that is no part of a reply. */
export function partsOf(body: JsonObject): ReplyParts | undefined {
  const { message } = body;
  if (isObject(message)) {
    return {
      thinking: text(message.thinking) ?? '',
      content: text(message.content) ?? '',
      calls: Array.isArray(message.tool_calls) ? message.tool_calls : [],
    };
  }
  if (typeof body.response !== 'string' && body.done === undefined) return undefined;
  return { thinking: text(body.thinking) ?? '', content: text(body.response) ?? '', calls: [] };
}

export interface ReplyCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly input: JsonObject;
}

/** @throws {SignalboxError} MALFORMED_REPLY for a call without a name. */
export function readCall(value: JsonValue): ReplyCall {
  const fn = isObject(value) && isObject(value.function) ? value.function : {};
  const name = text(fn.name);
  if (name === undefined) throw errors.malformedReply('The provider sent a tool call without a name.');
  return { id: isObject(value) ? text(value.id) : undefined, name, input: isObject(fn.arguments) ? fn.arguments : {} };
}

/** Fields of a reply that have no place elsewhere. */
export function noteLosses(body: JsonObject, note: Pick<Notes, 'add'>): void {
  if (Array.isArray(body.logprobs) && body.logprobs.length > 0) {
    note.add('logprobs', 'dropped', 'log probabilities are not translated');
  }
  const { image, message } = body;
  const images = isObject(message) ? message.images : undefined;
  if (!isUnsaid(image) || (Array.isArray(images) && images.length > 0)) {
    note.add('images', 'dropped', 'images in replies are not translated');
  }
  if (Array.isArray(body.context) && body.context.length > 0) {
    note.add('context', 'dropped', 'a conversation as tokens is not translated');
  }
}
