import {
  addAll,
  type Block,
  type ChatRequest,
  type JsonObject,
  type Message,
  type ReasoningBlock,
  wordOf,
} from '@signalbox/kit';
import type { ToolItem } from './decode-input.ts';
import { encodeCall, encodeOutput, orphanParts } from './encode-calls.ts';
import { encodePart, encodeParts, type Part } from './encode-parts.ts';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';
import { hintOf } from './item-hint.ts';
import { isItemState, restoreReasoningItem } from './reasoning-items.ts';

/** Claude Code's first system block: it differs in each conversation and would spoil every prefix cache. One line, and no more. */
const BILLING_HEADER = /^x-anthropic-billing-header:[^\n]*\n*$/;
const GO_ON =
  'Continue your last message from exactly where it ends. Do not repeat any of it and do not comment on it.';

export interface EncodedInput {
  readonly instructions: string | undefined;
  readonly input: JsonObject[];
}

/** The items of the wire in the order of the blocks. */
export function encodeInput(request: ChatRequest, encoding: Encoding): EncodedInput {
  const { messages } = request;
  const items: JsonObject[] = [];
  const instructions = encodeSystem(request, items, encoding);
  const pairs = encoding.ownClient ? undefined : pairsOf(messages);
  messages.forEach((message, index) => {
    const path = `messages[${index}].content`;
    encoding.target.notes.foreignExtensions(message.extensions, ID, `messages[${index}]`);
    if (message.role === 'assistant') addAll(items, encodeAssistant(message, path, pairs, encoding));
    else if (message.role === 'user') addAll(items, encodeUser(message, path, pairs, encoding));
    else addAll(items, encodeMidSystem(message, path, encoding));
  });
  const last = messages.at(-1);
  if (last?.role === 'assistant' && pairs !== undefined && !last.content.some(({ type }) => type === 'tool-call')) {
    const path = `messages[${messages.length - 1}]`;
    encoding.target.notes.add(path, 'approximated', 'a last assistant message is continued by asking for it');
    items.push({ type: 'message', role: 'user', content: [{ type: 'input_text', text: GO_ON }] });
  }
  return { instructions, input: items };
}

/** Calls and results by id: one without the other is refused by OpenAI, and left to the client that speaks this format. */
interface Pairs {
  readonly calls: ReadonlySet<string>;
  readonly results: ReadonlySet<string>;
}

function pairsOf(messages: readonly Message[]): Pairs {
  const calls = new Set<string>();
  const results = new Set<string>();
  for (const { content } of messages) {
    for (const block of content) {
      if (block.type === 'tool-call') calls.add(block.id);
      else if (block.type === 'tool-result') results.add(block.callId);
    }
  }
  return { calls, results };
}

/** @returns the instructions; what cannot be part of one string becomes leading items. */
function encodeSystem(request: ChatRequest, items: JsonObject[], encoding: Encoding): string | undefined {
  const { dialect, target, ownClient } = encoding;
  const toolItems = ownClient && dialect.clientTools ? toolItemsOf(request) : [];
  const instructions: string[] = [];
  const cached = !ownClient && request.system.some(({ cacheControl }) => cacheControl !== undefined);
  const asItems = cached && dialect.cacheBreakpoints;
  let open: { role: string; content: Part[] } | undefined;
  let count = 0;
  const placeTools = (): void => {
    while (toolItems[0] !== undefined && toolItems[0].after <= count) items.push(toolItems.shift()?.item ?? {});
  };
  request.system.forEach((block, index) => {
    const path = `system[${index}]`;
    if (BILLING_HEADER.test(block.text)) {
      target.notes.add(path, 'mapped', 'left out: a billing header, which only Anthropic reads');
      return;
    }
    const hint = hintOf(block);
    const parts = encodePart(block, 'input', path, encoding);
    if (hint === undefined && open === undefined && !asItems) {
      for (const { text } of parts) instructions.push(String(text));
      return;
    }
    if (hint !== undefined || open === undefined) {
      placeTools();
      const role = hint?.role ?? dialect.systemRole;
      const item = { role, content: [] as Part[] };
      open = item;
      items.push({ type: 'message', ...item, ...hint?.rest });
      count++;
    }
    addAll(open.content, parts);
  });
  count = Number.POSITIVE_INFINITY;
  placeTools();
  return instructions.length === 0 ? undefined : instructions.join('\n\n');
}

function toolItemsOf({ extensions }: ChatRequest): ToolItem[] {
  const kept = extensions?.[ID]?.$toolItems;
  return Array.isArray(kept) ? (kept as ToolItem[]).slice() : [];
}

function encodeMidSystem(message: Message, path: string, encoding: Encoding): JsonObject[] {
  const toolItem = message.extensions?.[ID]?.$toolItem;
  if (isObject(toolItem) && encoding.dialect.clientTools) return [toolItem];
  const content = encodeParts(message.content, 'input', path, encoding);
  if (content.length === 0) return [];
  const [first] = message.content;
  const hint = first === undefined || first.type === 'opaque' ? undefined : hintOf(first);
  return [{ type: 'message', role: hint?.role ?? encoding.dialect.systemRole, content, ...hint?.rest }];
}

function encodeUser(message: Message, path: string, pairs: Pairs | undefined, encoding: Encoding): JsonObject[] {
  const items = new MessageItems('user', encoding);
  message.content.forEach((block, index) => {
    const at = `${path}[${index}]`;
    if (block.type === 'tool-result') {
      if (pairs === undefined || pairs.calls.has(block.callId)) items.add(encodeOutput(block, at, encoding));
      else items.say(block, orphanParts(block, at, encoding));
    } else if (isItem(block)) {
      items.addOpaque(block, at);
    } else {
      items.say(block, encodePart(block, 'input', at, encoding));
    }
  });
  return items.list;
}

function encodeAssistant(message: Message, path: string, pairs: Pairs | undefined, encoding: Encoding): JsonObject[] {
  const items = new MessageItems('assistant', encoding);
  const unanswered: { readonly id: string; readonly at: string }[] = [];
  const tellsPhases = pairs !== undefined && encoding.dialect.phases;
  const lastCall = message.content.findLastIndex(({ type }) => type === 'tool-call');
  const lastReasoning = message.content.findLastIndex(({ type }) => type === 'reasoning');
  message.content.forEach((block, index) => {
    const at = `${path}[${index}]`;
    if (block.type === 'reasoning') {
      const item = encodeReasoning(block, at, encoding);
      if (item !== undefined) items.add(item);
    } else if (block.type === 'tool-call') {
      items.add(encodeCall(block, at, encoding));
      if (pairs !== undefined && !pairs.results.has(block.id)) unanswered.push({ id: block.id, at });
    } else if (isItem(block)) {
      items.addOpaque(block, at);
    } else {
      const parts = encodePart(block, 'output', at, encoding);
      // Other formats have no word for it: what is said before a call is a comment on the way.
      const phase = index < lastCall ? 'commentary' : 'final_answer';
      items.say(block, parts, tellsPhases ? phase : undefined);
    }
  });
  // A reasoning item must be followed by what it led to.
  while (pairs !== undefined && items.list.at(-1)?.type === 'reasoning') {
    items.list.pop();
    encoding.noteOnce(`${path}[${lastReasoning}]`, 'dropped', 'reasoning of which nothing came');
  }
  for (const { id, at } of unanswered) {
    encoding.target.notes.add(at, 'approximated', 'the call has no result: one that says so was added');
    items.add({ type: 'function_call_output', call_id: encoding.callId(id), output: 'Error: no result' });
  }
  return items.list;
}

/** Reasoning goes back to its own origin only, as the item that it was. */
function encodeReasoning(block: ReasoningBlock, path: string, encoding: Encoding): JsonObject | undefined {
  const { text, state } = block;
  encoding.target.notes.foreignExtensions(block.extensions, ID, path);
  if (state !== undefined && state.origin === encoding.target.reasoningOrigin && isItemState(state.data)) {
    return { ...restoreReasoningItem(text, state.data), ...hintOf(block)?.rest };
  }
  const whose = state === undefined ? 'reasoning of unknown origin' : `reasoning of ${state.origin}`;
  encoding.noteOnce(path, 'dropped', `${whose}, which is not valid here`);
  return undefined;
}

/** An opaque block that was an item of its own, or one of another format; parts of messages are neither. */
function isItem(block: Block): block is Extract<Block, { type: 'opaque' }> {
  return block.type === 'opaque' && block.format === ID && block.value.$part !== true;
}

/** Items of one turn; neighbouring texts are one message. */
class MessageItems {
  readonly list: JsonObject[] = [];
  readonly #role: 'user' | 'assistant';
  readonly #encoding: Encoding;
  #open: Part[] | undefined;

  constructor(role: 'user' | 'assistant', encoding: Encoding) {
    this.#role = role;
    this.#encoding = encoding;
  }

  add(item: JsonObject): void {
    this.#open = undefined;
    this.list.push(item);
  }

  addOpaque(block: Extract<Block, { type: 'opaque' }>, path: string): void {
    if (this.#encoding.dialect.builtInTools) this.add(block.value);
    else this.#encoding.noteOnce(path, 'dropped', `the provider knows no ${wordOf(block.value.type)} items`);
  }

  /**
   * Adds to the open message; a block that began an item begins one again.
   * @param untold the phase of a text whose client has no word for it
   */
  say(block: Block, parts: readonly Part[], untold?: 'commentary' | 'final_answer'): void {
    if (parts.length === 0) return;
    const hint = block.type === 'opaque' ? undefined : hintOf(block);
    if (this.#open === undefined || hint !== undefined) {
      const phase = block.type === 'opaque' ? untold : (block.extensions?.[ID]?.$phase ?? untold);
      this.#open = [];
      this.list.push({
        type: 'message',
        role: this.#role,
        content: this.#open,
        ...(phase === undefined ? {} : { phase }),
        ...hint?.rest,
      });
    }
    addAll(this.#open, parts);
  }
}
