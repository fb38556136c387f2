import {
  type Block,
  type Extensions,
  errors,
  type JsonObject,
  type JsonValue,
  type Message,
  OpenCalls,
  type TextBlock,
  type ToolCallBlock,
  type ToolResultBlock,
  toolCall,
} from '@signalbox/kit';
import { decodeImages } from './decode-images.ts';
import { count, ID, isObject, needObject, optionalArray, optionalString, restOf, text } from './fields.ts';

export interface Conversation {
  readonly system: readonly TextBlock[];
  readonly messages: readonly Message[];
}

/** Fields of a message that the canonical model has a place for; any other goes to its extensions. */
const KNOWN: ReadonlySet<string> = new Set([
  'role',
  'content',
  'thinking',
  'images',
  'tool_calls',
  'tool_name',
  'tool_call_id',
]);

/**
 * System messages before the first turn are the system prompt, later ones stay in place. A run of `tool` messages and
 * the user message right after it are one user message. Results belong to calls by id, else by name, else by order:
 * clients know ids since 2025 only.
 * @throws {SignalboxError} INVALID_REQUEST that names the message and field.
 */
export function decodeMessages(value: JsonValue | undefined): Conversation {
  const system: TextBlock[] = [];
  const messages: Message[] = [];
  let calls = new OpenCalls();
  let results: ToolResultBlock[] = [];
  const closeRun = (rest: readonly Block[] = [], extra: Pick<Message, 'extensions'> = {}): void => {
    if (results.length > 0) messages.push({ role: 'user', content: [...results, ...rest], ...extra });
    results = [];
  };
  optionalArray(value, 'messages').forEach((entry, index) => {
    const path = `messages[${index}]`;
    const message = needObject(entry, path);
    const role = optionalString(message.role, `${path}.role`).toLowerCase();
    const extra = extras(message);
    switch (role) {
      case 'system': {
        const said = { type: 'text', text: optionalString(message.content, `${path}.content`), ...extra } as const;
        if (messages.length === 0 && results.length === 0) {
          system.push(said);
        } else {
          closeRun();
          messages.push({ role: 'system', content: [said] });
        }
        return;
      }
      case 'tool':
        results.push(decodeResult(message, path, calls, extra.extensions?.[ID]));
        return;
      case 'user': {
        const content = decodeContent(message, path);
        if (results.length > 0) closeRun(content, extra);
        else messages.push({ role, content, ...extra });
        return;
      }
      case 'assistant': {
        closeRun();
        const content = decodeAssistant(message, path, index);
        calls = new OpenCalls(content.filter((block) => block.type === 'tool-call'));
        messages.push({ role, content, ...extra });
        return;
      }
      default:
        throw errors.invalidRequest(
          `${path}.role: must be "system", "user", "assistant" or "tool", not ${JSON.stringify(message.role)}.`,
        );
    }
  });
  closeRun();
  return { system, messages };
}

/** The text of a message, if any, then its images. */
export function decodeContent(message: JsonObject, path: string): Block[] {
  const said = optionalString(message.content, `${path}.content`);
  return [
    ...(said === '' ? [] : [{ type: 'text', text: said } as const]),
    ...decodeImages(message.images, `${path}.images`),
  ];
}

function decodeAssistant(message: JsonObject, path: string, index: number): Block[] {
  const thinking = optionalString(message.thinking, `${path}.thinking`);
  return [
    ...(thinking === '' ? [] : [{ type: 'reasoning', text: thinking } as const]),
    ...decodeContent(message, path),
    ...optionalArray(message.tool_calls, `${path}.tool_calls`).map((call, position) =>
      decodeCall(call, `${path}.tool_calls[${position}]`, `call_${index}_${position}`),
    ),
  ];
}

/** @param madeId for a call without one: made of its place, the same history always gives the same one. */
function decodeCall(value: JsonValue, path: string, madeId: string): ToolCallBlock {
  const call = needObject(value, path);
  const fn = needObject(call.function, `${path}.function`);
  const name = text(fn.name);
  if (name === undefined) throw errors.invalidRequest(`${path}.function.name: must be a string.`);
  const id = text(call.id);
  const index = count(fn.index);
  const own: JsonObject = {
    ...(id === undefined ? { $madeId: true } : {}),
    ...(index === undefined ? {} : { $index: index }),
  };
  const known = { id: id ?? madeId, name, ...(Object.keys(own).length === 0 ? {} : { extensions: { [ID]: own } }) };
  const { arguments: input } = fn;
  // Ollama takes objects only; clients of other formats send the text.
  if (typeof input === 'string') return toolCall(known, input);
  return { type: 'tool-call', ...known, input: isObject(input) ? input : {} };
}

function decodeResult(
  message: JsonObject,
  path: string,
  calls: OpenCalls,
  extra: JsonObject | undefined,
): ToolResultBlock {
  const id = text(message.tool_call_id);
  const name = text(message.tool_name);
  const call = id !== undefined ? calls.take(id) : name !== undefined ? calls.takeNamed(name) : calls.takeFirst();
  const own: JsonObject = {
    ...extra,
    ...(id === undefined ? { $noId: true } : {}),
    ...(name === undefined ? { $noName: true } : name === call?.name ? {} : { tool_name: name }),
  };
  return {
    type: 'tool-result',
    callId: id ?? call?.id ?? '',
    content: decodeContent(message, path),
    ...(Object.keys(own).length === 0 ? {} : { extensions: { [ID]: own } }),
  };
}

function extras(message: JsonObject): { readonly extensions?: Extensions } {
  const rest = restOf(message, KNOWN);
  return rest === undefined ? {} : { extensions: { [ID]: rest } };
}
