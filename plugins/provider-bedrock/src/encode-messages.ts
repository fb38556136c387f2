import {
  addAll,
  type Block,
  type ChatRequest,
  type JsonObject,
  type Message,
  type ReasoningBlock,
  type ToolCallBlock,
  type ToolResultBlock,
} from '@signalbox/kit';
import { encodePart, encodeParts } from './encode-media.ts';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';

/** Claude Code's first system block: it differs in each conversation and would spoil every prefix cache. */
const BILLING_HEADER = 'x-anthropic-billing-header:';
const CONTINUE =
  'Continue your last message from exactly where it ends. Do not repeat any of it and do not comment on it.';

type WireMessage = JsonObject & { role: string; content: JsonObject[] };

export function encodeSystem(request: ChatRequest, instruction: string | undefined, encoding: Encoding): JsonObject[] {
  const out: JsonObject[] = [];
  request.system.forEach((block, index) => {
    const path = `system[${index}]`;
    if (block.text.startsWith(BILLING_HEADER)) {
      encoding.notes.add(path, 'mapped', 'a billing header that only Anthropic reads');
    } else {
      addAll(out, encodePart(block, path, encoding));
    }
  });
  if (instruction !== undefined) out.push({ text: instruction });
  return out;
}

/**
 * The conversation as Converse wants it: user first, then in turns, and the results of all calls of a turn at the start
 * of the next one.
 */
export function encodeMessages(request: ChatRequest, encoding: Encoding): JsonObject[] {
  const out: WireMessage[] = [];
  let open: readonly ToolCallBlock[] = [];
  const { messages } = request;
  for (let index = 0; index < messages.length; ) {
    const message = messages[index] as Message;
    encoding.notes.foreignExtensions(message.extensions, ID, `messages[${index}]`);
    if (message.role === 'assistant') {
      add(out, 'assistant', encodeAssistant(message, `messages[${index}].content`, encoding));
      open = [...open, ...message.content.filter((block) => block.type === 'tool-call')];
      index++;
      continue;
    }
    const first = index;
    while (index < messages.length && messages[index]?.role !== 'assistant') index++;
    add(out, 'user', encodeTurn(messages, first, index, open, encoding));
    open = [];
  }
  if (open.length > 0) add(out, 'user', encodeTurn(messages, 0, 0, open, encoding));
  if (out[0]?.role === 'assistant') {
    encoding.notes.add('messages', 'approximated', 'Converse wants a user message first: one was added');
    out.unshift({ role: 'user', content: [{ text: '(The conversation begins.)' }] });
  }
  if (out.at(-1)?.role === 'assistant') {
    encoding.notes.add(
      `messages[${messages.length - 1}]`,
      'approximated',
      'a last assistant message is continued by asking for it',
    );
    out.push({ role: 'user', content: [{ text: CONTINUE }] });
  }
  return out;
}

function add(out: WireMessage[], role: string, content: JsonObject[]): void {
  if (content.length === 0) return;
  const last = out.at(-1);
  if (last?.role === role) addAll(last.content, content);
  else out.push({ role, content });
}

/** Everything between two assistant messages: results in the order of the calls, then the rest. */
function encodeTurn(
  messages: readonly Message[],
  from: number,
  to: number,
  calls: readonly ToolCallBlock[],
  encoding: Encoding,
): JsonObject[] {
  const found = new Map<string, { block: ToolResultBlock; path: string }>();
  const rest: JsonObject[] = [];
  const known = new Set(calls.map(({ id }) => id));
  for (let index = from; index < to; index++) {
    const { role, content } = messages[index] as Message;
    content.forEach((block, at) => {
      const path = `messages[${index}].content[${at}]`;
      if (role === 'system') {
        encoding.noteOnce(
          path,
          'approximated',
          'a system message inside the conversation is user text in <system-reminder>',
        );
        for (const part of encodePart(block, path, encoding)) {
          rest.push(
            typeof part.text === 'string' ? { text: `<system-reminder>\n${part.text}\n</system-reminder>` } : part,
          );
        }
      } else if (block.type !== 'tool-result') {
        addAll(rest, encodePart(block, path, encoding));
      } else if (known.has(block.callId) && !found.has(block.callId)) {
        found.set(block.callId, { block, path });
      } else {
        encoding.notes.add(path, 'approximated', 'a tool result without its call is sent as user text');
        rest.push({ text: `[Result of tool call ${block.callId}]` }, ...encodeParts(block.content, path, encoding));
      }
    });
  }
  const results = calls.flatMap((call) => {
    const result = found.get(call.id);
    if (result !== undefined) return encodeResult(result.block, result.path, encoding);
    encoding.notes.add('messages', 'approximated', `tool call ${call.id} has no result: one that says so was added`);
    return [toolResult(call.id, [{ text: 'Error: no result' }], true, encoding)];
  });
  // A document needs a text beside it.
  if (rest.some((part) => part.document !== undefined) && !rest.some((part) => part.text !== undefined)) {
    encoding.noteOnce('messages', 'mapped', 'a document stands beside a text that says so');
    rest.push({ text: '(See the document.)' });
  }
  return [...results, ...rest];
}

function encodeResult(block: ToolResultBlock, path: string, encoding: Encoding): JsonObject[] {
  encoding.notes.foreignExtensions(block.extensions, ID, path);
  // A cache point stands behind the result, not inside it.
  const parts = encodeParts(block.content, `${path}.content`, encoding);
  const content = parts.filter((part) => part.cachePoint === undefined);
  const points = parts.filter((part) => part.cachePoint !== undefined).slice(0, 1);
  const behind = block.cacheControl === undefined ? points : encoding.cachePoint(block.cacheControl);
  return [toolResult(block.callId, content, block.isError === true, encoding), ...behind];
}

function toolResult(callId: string, content: readonly JsonObject[], isError: boolean, encoding: Encoding): JsonObject {
  const said = content.length === 0 ? [{ text: '(no output)' }] : [...content];
  const { resultStatus } = encoding.traits;
  return {
    toolResult: {
      toolUseId: encoding.callId(callId),
      content: isError && !resultStatus ? [{ text: 'Error:' }, ...said] : said,
      ...(isError && resultStatus ? { status: 'error' } : {}),
    },
  };
}

function encodeAssistant({ content }: Message, path: string, encoding: Encoding): JsonObject[] {
  return content.flatMap((block: Block, index): JsonObject[] => {
    const at = `${path}[${index}]`;
    switch (block.type) {
      case 'reasoning':
        return encodeReasoning(block, at, encoding);
      case 'tool-call':
        encoding.notes.foreignExtensions(block.extensions, ID, at);
        return [
          {
            toolUse: {
              toolUseId: encoding.callId(block.id),
              name: encoding.target.toolNames.alias(block.name),
              input: encodeInput(block, at, encoding),
            },
          },
          ...encoding.cachePoint(block.cacheControl),
        ];
      case 'opaque':
        encoding.notes.opaqueBlock(block, at);
        return [];
      default:
        return encodePart(block, at, encoding);
    }
  });
}

/** Reasoning goes back where it came from only, with the signature that came with it. */
function encodeReasoning({ text, state, redacted }: ReasoningBlock, path: string, encoding: Encoding): JsonObject[] {
  const own = state?.origin === encoding.target.reasoningOrigin ? state.data : undefined;
  if (typeof own === 'string') {
    return [
      {
        reasoningContent: redacted === true ? { redactedContent: own } : { reasoningText: { text, signature: own } },
      },
    ];
  }
  encoding.noteOnce(path, 'dropped', 'reasoning without a signature of Bedrock');
  return [];
}

/** Input must be an object here. */
function encodeInput(block: ToolCallBlock, path: string, { notes }: Encoding): JsonObject {
  const { input, rawInput } = block;
  if (isObject(input) && (Object.keys(input).length > 0 || isBlankOrObject(rawInput))) return input;
  if (rawInput !== undefined && isObject(input)) {
    notes.add(`${path}.input`, 'approximated', 'the arguments are not valid JSON: sent as text under "_raw"');
    return { _raw: rawInput };
  }
  if (input === null) return {};
  notes.add(`${path}.input`, 'approximated', 'the arguments are not an object: wrapped as {"value": …}');
  return { value: input };
}

function isBlankOrObject(raw: string | undefined): boolean {
  return raw === undefined || raw.trim() === '' || /^\s*\{\s*\}\s*$/.test(raw);
}
