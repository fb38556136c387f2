import {
  addAll,
  type Block,
  errors,
  type JsonObject,
  type JsonValue,
  type Message,
  setField,
  type TextBlock,
  type ToolCallBlock,
  type ToolResultBlock,
  toolCall,
} from '@signalbox/kit';
import { decodeContent, decodeText } from './decode-parts.ts';
import { decodeReasoning } from './decode-reasoning.ts';
import { ID, isObject, needArray, needObject, needString, text } from './fields.ts';

interface Conversation {
  readonly system: readonly TextBlock[];
  readonly messages: readonly Message[];
}

/** Fields of a message that the canonical model has a place for; any other goes to its extensions. */
const KNOWN: ReadonlySet<string> = new Set([
  'role',
  'content',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'refusal',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
]);

/**
 * System messages before the first turn are the system prompt, later ones stay in place. A run of `tool` messages and
 * the user messages right after it are one user message: results first, in the order of the calls.
 * @throws {SignalboxError} INVALID_REQUEST that names the message and field, UNSUPPORTED for audio.
 */
export function decodeMessages(value: JsonValue | undefined): Conversation {
  const list = needArray(value, 'messages');
  if (list.length === 0) throw errors.invalidRequest('messages: must hold at least one message.');
  const system: TextBlock[] = [];
  const messages: Message[] = [];
  let calls: readonly string[] = [];
  let results: ToolResultBlock[] | undefined;
  let rest: Block[] = [];
  const closeRun = (): void => {
    if (results === undefined) return;
    const order = new Map(calls.map((id, index) => [id, index]));
    const position = ({ callId }: ToolResultBlock): number => order.get(callId) ?? order.size;
    results.sort((a, b) => position(a) - position(b));
    messages.push({ role: 'user', content: [...results, ...rest] });
    results = undefined;
    rest = [];
  };
  list.forEach((entry, index) => {
    const path = `messages[${index}]`;
    const message = needObject(entry, path);
    switch (message.role) {
      case 'system':
      case 'developer': {
        const content = decodeText(message.content, `${path}.content`);
        if (messages.length === 0 && results === undefined) {
          addAll(system, content);
        } else {
          closeRun();
          messages.push({ role: 'system', content, ...extras(message) });
        }
        return;
      }
      case 'tool':
      case 'function':
        results ??= [];
        results.push(decodeResult(message, path, calls));
        return;
      case 'user': {
        const content = decodeContent(message.content, `${path}.content`);
        const extra = extras(message);
        if (results !== undefined && extra.extensions === undefined) {
          addAll(rest, content);
          return;
        }
        closeRun();
        messages.push({ role: 'user', content, ...extra });
        return;
      }
      case 'assistant': {
        closeRun();
        const decoded = decodeAssistant(message, path, index);
        calls = decoded.content.flatMap((block) => (block.type === 'tool-call' ? [block.id] : []));
        messages.push(decoded);
        return;
      }
      default:
        throw errors.invalidRequest(
          `${path}.role: must be "system", "developer", "user", "assistant" or "tool", not ${JSON.stringify(message.role)}.`,
        );
    }
  });
  closeRun();
  return { system, messages };
}

function decodeResult(message: JsonObject, path: string, calls: readonly string[]): ToolResultBlock {
  // The deprecated role `function` has a name only; it answers the one call before it.
  const callId =
    message.role === 'function' ? (calls[0] ?? '') : needString(message.tool_call_id, `${path}.tool_call_id`);
  const { name: _, ...unnamed } = message;
  return {
    type: 'tool-result',
    callId,
    content: decodeContent(message.content, `${path}.content`),
    ...extras(message.role === 'function' ? unnamed : message),
  };
}

function decodeAssistant(message: JsonObject, path: string, index: number): Message {
  const content: Block[] = [...decodeReasoning(message), ...decodeAssistantContent(message, `${path}.content`)];
  const refusal = text(message.refusal);
  if (refusal !== undefined) content.push({ type: 'text', text: refusal });
  if (message.tool_calls !== undefined && message.tool_calls !== null) {
    needArray(message.tool_calls, `${path}.tool_calls`).forEach((call, position) => {
      content.push(decodeCall(call, `${path}.tool_calls[${position}]`));
    });
  }
  if (isObject(message.function_call)) {
    const name = needString(message.function_call.name, `${path}.function_call.name`);
    // The deprecated form has no ids. Made of the position, the same history always gives the same one.
    content.push(toolCall({ id: `call_legacy_${index}`, name }, rawArguments(message.function_call.arguments)));
  }
  return { role: 'assistant', content, ...extras(message) };
}

/** Mistral keeps reasoning among the content parts. */
function decodeAssistantContent(message: JsonObject, path: string): Block[] {
  return decodeContent(message.content, path).map((block) => {
    if (block.type !== 'opaque' || block.value.type !== 'thinking') return block;
    return { type: 'reasoning', text: thinkingText(block.value.thinking) };
  });
}

/** The text of Mistral's `thinking` part. */
export function thinkingText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (isObject(part) ? (text(part.text) ?? '') : '')).join('');
}

function decodeCall(value: JsonValue, path: string): ToolCallBlock {
  const call = needObject(value, path);
  const id = needString(call.id, `${path}.id`);
  if (call.type === 'custom') {
    const custom = needObject(call.custom, `${path}.custom`);
    return customCall(
      id,
      needString(custom.name, `${path}.custom.name`),
      needString(custom.input, `${path}.custom.input`),
    );
  }
  const fn = needObject(call.function, `${path}.function`);
  return toolCall({ id, name: needString(fn.name, `${path}.function.name`) }, rawArguments(fn.arguments));
}

/** A call of a custom tool: its text as the one argument `input`, marked so that it can be unwrapped again. */
export function customCall(id: string, name: string, input: string): ToolCallBlock {
  return { type: 'tool-call', id, name, input: { input }, extensions: { [ID]: { custom: true } } };
}

/** Arguments are text on this wire; some servers and clients send the object itself. */
export function rawArguments(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function extras(message: JsonObject): Pick<Message, 'extensions'> {
  let own: JsonObject | undefined;
  for (const key in message) {
    if (KNOWN.has(key) || message[key] === undefined || message[key] === null) continue;
    own ??= {};
    setField(own, key, message[key]);
  }
  return own === undefined ? {} : { extensions: { [ID]: own } };
}
