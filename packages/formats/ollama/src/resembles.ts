import type { JsonObject, JsonValue } from '@signalbox/kit';
import { isObject } from './fields.ts';

const OPTIONS = ['options', 'keep_alive', 'format', 'think', 'truncate', 'shift'] as const;

/**
 * How much a body looks like one for `/api/chat` or `/api/generate`. A chat has the messages, the roles and the tools of
 * OpenAI's: without a thing that only this wire has it is taken for one of those.
 */
export function resembles(body: JsonObject): number {
  const own = OPTIONS.filter((key) => body[key] !== undefined).length;
  if (isPrompt(body)) return 2 + 2 * own;
  const { messages, tools } = body;
  if (!Array.isArray(messages)) return 0;
  const ownMessages = messages.filter((message) => isObject(message) && isOwn(message)).length;
  if (own + ownMessages === 0) return 0;
  const [tool] = Array.isArray(tools) ? tools : [];
  const shared = (isObject(tool) && 'function' in tool ? 3 : 0) + (messages.some(hasSharedRole) ? 1 : 0);
  return 1.5 + shared + 2 * Math.min(2, own + ownMessages);
}

/** A single prompt goes elsewhere than a chat. */
export function isPrompt({ prompt, messages, input, contents }: JsonObject): boolean {
  return typeof prompt === 'string' && messages === undefined && input === undefined && contents === undefined;
}

/** Images and thoughts beside the text, the name of the tool beside a result, arguments that are an object. */
function isOwn({ images, thinking, tool_name: toolName, tool_calls: calls }: JsonObject): boolean {
  if (Array.isArray(images) || typeof thinking === 'string' || typeof toolName === 'string') return true;
  return (
    Array.isArray(calls) &&
    calls.some((call) => isObject(call) && isObject(call.function) && isObject(call.function.arguments))
  );
}

function hasSharedRole(message: JsonValue): boolean {
  return isObject(message) && (message.role === 'system' || message.role === 'tool');
}
