import {
  addAll,
  type Block,
  type ChatRequest,
  type JsonObject,
  type Message,
  type ReasoningBlock,
  setField,
  type TextBlock,
} from '@signalbox/kit';
import { contentOf, encodeParts, type Part, textPart } from './encode-parts.ts';
import { encodeReasoning } from './encode-reasoning.ts';
import { encodeResults } from './encode-results.ts';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

/** Claude Code's first system block: it differs in each conversation and would spoil every prefix cache. One line, and no more. */
const BILLING_HEADER = /^x-anthropic-billing-header:[^\n]*\n*$/;

/** A call of the open assistant turn: the client's id, and the one on the wire. */
export interface OpenCall {
  readonly id: string;
  readonly wireId: string;
  readonly name: string;
  /** Where it stands, for a note. */
  readonly path: string;
}

/**
 * The messages of the wire: one system message, then turn by turn. `tool` messages come in the order of the calls and
 * directly after them, whatever else the client put in between; the rest of the turn follows.
 * @param instructions what the request asks for in other fields and this dialect can only say in words.
 */
export function encodeMessages(
  request: ChatRequest,
  instructions: readonly string[],
  encoding: Encoding,
): JsonObject[] {
  const out: JsonObject[] = [];
  const system = encodeSystem(request.system, instructions, encoding);
  if (system !== undefined) out.push({ role: encoding.dialect.systemRole, content: system });
  const { messages } = request;
  let index = 0;
  while (index < messages.length) {
    let calls: readonly OpenCall[] = [];
    if (messages[index]?.role === 'assistant') {
      const message = messages[index] as Message;
      const encoded = encodeAssistant(message, index, encoding);
      calls = encoded.calls;
      if (encoded.message !== undefined) out.push(encoded.message);
      else encoding.noteOnce(`messages[${index}]`, 'dropped', 'an assistant message without content');
      index++;
    }
    const first = index;
    while (index < messages.length && messages[index]?.role !== 'assistant') index++;
    encodeTurn(messages, first, index, calls, out, encoding);
  }
  encodePrefill(messages, out, encoding);
  if (encoding.dialect.needsUserMessage) ensureUserMessage(out, encoding);
  return out;
}

/** A conversation of system messages alone: the last of them is what the model is to answer. */
function ensureUserMessage(out: JsonObject[], { dialect, target }: Encoding): void {
  const last = out.at(-1);
  if (last?.role !== dialect.systemRole || out.some(({ role }) => role === 'user')) return;
  target.notes.add(
    'messages',
    'approximated',
    'the provider needs a user message: the last system message is sent as one',
  );
  last.role = 'user';
}

/** Everything between two assistant messages: results, then the rest in its order. */
function encodeTurn(
  messages: readonly Message[],
  first: number,
  end: number,
  calls: readonly OpenCall[],
  out: JsonObject[],
  encoding: Encoding,
): void {
  const results = encodeResults(messages, first, end, calls, encoding);
  addAll(out, results.messages);
  for (let index = first; index < end; index++) {
    const message = messages[index] as Message;
    const path = `messages[${index}].content`;
    const { notes } = encoding.target;
    notes.foreignExtensions(message.extensions, ID, `messages[${index}]`);
    if (message.role === 'system') {
      encodeMidSystem(message, `messages[${index}]`, out, encoding);
      continue;
    }
    const hoisted = results.hoisted.get(index) ?? [];
    const rest = message.content.flatMap((block, at) =>
      block.type === 'tool-result' ? [] : encodeParts([block], path, encoding, at),
    );
    const parts = [...hoisted, ...rest];
    if (parts.length > 0) pushUser(parts, message, out, encoding);
    else if (message.content.length === 0)
      encoding.noteOnce(`messages[${index}]`, 'dropped', 'a message without content');
  }
}

function pushUser(parts: readonly Part[], message: Message | undefined, out: JsonObject[], encoding: Encoding): void {
  if (!encoding.dialect.userAfterTool && out.at(-1)?.role === 'tool') {
    encoding.noteOnce('messages', 'mapped', 'a short assistant message stands between tool and user messages');
    out.push({ role: 'assistant', content: 'OK.' });
  }
  out.push({
    role: 'user',
    content: contentOf(parts, encoding.dialect.flattenText),
    ...(message === undefined ? {} : messageExtras(message, encoding)),
  });
}

function encodeSystem(
  blocks: readonly TextBlock[],
  instructions: readonly string[],
  encoding: Encoding,
): string | Part[] | undefined {
  const parts: Part[] = [];
  blocks.forEach((block, index) => {
    encoding.target.notes.foreignExtensions(block.extensions, ID, `system[${index}]`);
    if (BILLING_HEADER.test(block.text)) {
      encoding.target.notes.add(`system[${index}]`, 'mapped', 'left out: a billing header, which only Anthropic reads');
    } else if (block.text.trim() !== '') {
      parts.push(textPart(block.text, block, `system[${index}]`, encoding));
    }
  });
  for (const text of instructions) parts.push({ type: 'text', text });
  return parts.length === 0 ? undefined : contentOf(parts, true);
}

function encodeMidSystem(message: Message, path: string, out: JsonObject[], encoding: Encoding): void {
  const parts = encodeParts(message.content, `${path}.content`, encoding);
  if (parts.length === 0) return;
  if (encoding.dialect.midSystem === 'keep') {
    out.push({
      role: encoding.dialect.systemRole,
      content: contentOf(parts, true),
      ...messageExtras(message, encoding),
    });
    return;
  }
  encoding.noteOnce(path, 'approximated', 'a system message inside the conversation is user text in <system-reminder>');
  const text = `<system-reminder>\n${parts.map((part) => String(part.text ?? '')).join('\n\n')}\n</system-reminder>`;
  pushUser([{ type: 'text', text }], undefined, out, encoding);
}

function encodeAssistant(
  message: Message,
  index: number,
  encoding: Encoding,
): { readonly message: JsonObject | undefined; readonly calls: readonly OpenCall[] } {
  const { dialect, target } = encoding;
  const path = `messages[${index}].content`;
  target.notes.foreignExtensions(message.extensions, ID, `messages[${index}]`);
  const runs: PlacedBlock[][] = [];
  const reasoning: (PlacedBlock & { readonly block: ReasoningBlock })[] = [];
  const calls: OpenCall[] = [];
  const wireCalls: JsonObject[] = [];
  let last: Block['type'] | undefined;
  message.content.forEach((block, position) => {
    const at = `${path}[${position}]`;
    if (block.type === 'reasoning') {
      reasoning.push({ block, position });
      target.notes.foreignExtensions(block.extensions, ID, at);
    } else if (block.type === 'tool-call') {
      const wireId = encoding.callId(block.id === '' ? `${index}.${position}` : block.id);
      calls.push({ id: block.id, wireId, name: block.name, path: at });
      wireCalls.push(encodeCall(block, wireId, encoding));
      if (block.cacheControl !== undefined)
        encoding.noteOnce(`${at}.cacheControl`, 'mapped', 'a tool call has no cache breakpoint here');
      target.notes.foreignExtensions(block.extensions, ID, at);
    } else if (block.type === 'opaque' && block.format !== ID) {
      target.notes.opaqueBlock(block, at);
      return;
    } else {
      if (wireCalls.length > 0) encoding.noteOnce(at, 'approximated', 'text after a tool call stands before it');
      const run = last === 'reasoning' || last === 'tool-call' ? undefined : runs.at(-1);
      if (run === undefined) runs.push([{ block, position }]);
      else run.push({ block, position });
    }
    last = block.type;
  });
  const replay = encodeReasoning(reasoning, path, encoding);
  const content = encodeAssistantContent(runs, path, replay, encoding);
  if (content === undefined && wireCalls.length === 0) return { message: undefined, calls };
  const { thinking: _, ...fields } = replay;
  return {
    calls,
    message: {
      role: 'assistant',
      ...(content !== undefined
        ? { content }
        : dialect.emptyAssistantContent === 'omit'
          ? {}
          : { content: dialect.emptyAssistantContent === 'null' ? null : '' }),
      ...fields,
      ...(wireCalls.length === 0 ? {} : { tool_calls: wireCalls }),
      ...messageExtras(message, encoding),
    },
  };
}

/** A block, and where it stands in its message. */
export interface PlacedBlock {
  readonly block: Block;
  readonly position: number;
}

/** Adjacent text is one text; text that calls or reasoning came between is set apart by an empty line. */
function encodeAssistantContent(
  runs: readonly (readonly PlacedBlock[])[],
  path: string,
  replay: JsonObject,
  encoding: Encoding,
): string | Part[] | undefined {
  const parts: Part[] = [];
  for (const run of runs) {
    if (run.every(({ block }) => block.type === 'text' && block.cacheControl === undefined)) {
      const text = run.map((placed) => plainText(placed, path, encoding)).join('');
      if (text.trim() !== '') parts.push({ type: 'text', text });
    } else {
      for (const { block, position } of run) addAll(parts, encodeParts([block], path, encoding, position));
    }
  }
  const thinking = replay.thinking === undefined ? [] : [{ type: 'thinking', thinking: replay.thinking }];
  if (parts.length === 0 && thinking.length === 0) return undefined;
  return contentOf([...thinking, ...parts], true);
}

function plainText({ block, position }: PlacedBlock, path: string, { target }: Encoding): string {
  if (block.type !== 'text') return '';
  target.notes.foreignExtensions(block.extensions, ID, `${path}[${position}]`);
  return block.text;
}

function encodeCall(block: Extract<Block, { type: 'tool-call' }>, id: string, encoding: Encoding): JsonObject {
  const name = encoding.target.toolNames.alias(block.name);
  const { input } = block;
  const custom = block.extensions?.[ID]?.custom === true && encoding.dialect.customTools;
  if (
    custom &&
    typeof input === 'object' &&
    input !== null &&
    !Array.isArray(input) &&
    typeof input.input === 'string'
  ) {
    return { id, type: 'custom', custom: { name, input: input.input } };
  }
  const raw = block.rawInput ?? JSON.stringify(input);
  return { id, type: 'function', function: { name, arguments: raw.trim() === '' ? '{}' : raw } };
}

/** What only this format has on a message, as far as the provider takes it. */
export function messageExtras(message: Pick<Message, 'extensions'>, encoding: Encoding): JsonObject {
  const own = message.extensions?.[ID];
  if (own === undefined) return {};
  const kept: JsonObject = {};
  for (const key in own) {
    if (key === 'name' ? encoding.dialect.messageNames : encoding.dialect.parameters === 'all') {
      setField(kept, key, own[key]);
    } else encoding.noteOnce('messages', 'dropped', `the provider takes no ${key} on messages`);
  }
  return kept;
}

/** A last assistant message asks the model to go on from there. */
function encodePrefill(messages: readonly Message[], out: JsonObject[], encoding: Encoding): void {
  const last = out.at(-1);
  if (messages.at(-1)?.role !== 'assistant' || last?.role !== 'assistant' || last.tool_calls !== undefined) return;
  const { prefill } = encoding.dialect;
  const path = `messages[${messages.length - 1}]`;
  if (prefill === 'prefix' || prefill === 'partial') {
    last[prefill] = true;
  } else if (prefill === 'none') {
    encoding.target.notes.add(path, 'approximated', 'a last assistant message is continued by asking for it');
    out.push({
      role: 'user',
      content:
        'Continue your last message from exactly where it ends. Do not repeat any of it and do not comment on it.',
    });
  }
}
