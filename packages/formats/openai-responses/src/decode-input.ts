import {
  addAll,
  type Block,
  errors,
  isMadeUpId,
  type JsonObject,
  type JsonValue,
  type Message,
  type Notes,
  type TextBlock,
  type Tool,
  type ToolCallBlock,
  type ToolResultBlock,
  toolCall,
} from '@signalbox/kit';
import { argumentsOf, type ClientTool, calledName, kindOfCall, kindOfOutput, type ToolKind } from './client-tools.ts';
import { decodeContent, decodeText } from './decode-parts.ts';
import { decodeTools } from './decode-tools.ts';
import { ID, isAbsent, needArray, needObject, needString, restOf, text } from './fields.ts';
import { hinted, opening } from './item-hint.ts';
import { referredId } from './item-reference.ts';
import { decodeHistoryReasoning } from './reasoning-items.ts';
import { outputContent } from './tool-outputs.ts';

/** Tool definitions that stand inside the input. */
export interface ToolItem extends JsonObject {
  /** How many system messages stand before it; only what precedes the first turn can be so. */
  after: number;
  item: JsonObject;
}

export interface Conversation {
  readonly system: readonly TextBlock[];
  readonly messages: readonly Message[];
  /** From items that bring tools along. */
  readonly tools: readonly Tool[];
  readonly toolItems: ToolItem[];
}

const MESSAGE: ReadonlySet<string> = new Set(['type', 'role', 'content', 'phase']);
const FUNCTION_CALL: ReadonlySet<string> = new Set(['type', 'call_id', 'name', 'namespace', 'arguments']);
const CUSTOM_CALL: ReadonlySet<string> = new Set(['type', 'call_id', 'name', 'namespace', 'input']);
const OTHER_CALL: ReadonlySet<string> = new Set(['type', 'call_id', 'action', 'operation', 'arguments', 'execution']);
const OUTPUT: ReadonlySet<string> = new Set(['type', 'call_id', 'output']);
/** Built-in items that stand on the user's side. */
const USER_SIDE: ReadonlySet<string> = new Set(['computer_call_output', 'mcp_approval_response', 'item_reference']);

/**
 * Items become turns: what the model said and called in a row is one assistant message; outputs and the user messages
 * right after them are one user message. Order is never changed, so that a history that grows keeps its beginning.
 * System and developer messages before the first turn are the system prompt, later ones stay in place.
 * @param placeOf how errors and notes call an item.
 * @throws {SignalboxError} INVALID_REQUEST that names the item and field, UNSUPPORTED for audio.
 */
export function decodeInput(
  input: JsonValue | undefined,
  notes: Notes,
  placeOf = (index: number): string => `input[${index}]`,
): Conversation {
  const decoder = new InputDecoder(notes);
  if (typeof input === 'string') decoder.add({ role: 'user', content: input }, 'input');
  else if (!isAbsent(input)) {
    needArray(input, 'input').forEach((item, index) => {
      const path = placeOf(index);
      decoder.add(needObject(item, path), path);
    });
  }
  return decoder;
}

class InputDecoder implements Conversation {
  readonly system: TextBlock[] = [];
  readonly messages: Message[] = [];
  readonly tools: Tool[] = [];
  readonly toolItems: ToolItem[] = [];
  readonly #notes: Notes;
  #systemItems = 0;
  /** The content of the last message, while more may join it. */
  #open: { readonly role: 'user' | 'assistant'; readonly content: Block[] } | undefined;
  /** Calls that no output has answered yet, in order. */
  readonly #unanswered = new Set<string>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  add(item: JsonObject, path: string): void {
    const type = referredId(item) === undefined ? (item.type ?? 'message') : 'item_reference';
    const call = kindOfCall(item);
    const output = call === undefined ? kindOfOutput(item) : undefined;
    if (type === 'message') this.#message(item, path);
    else if (type === 'reasoning') this.#join('assistant').push(decodeHistoryReasoning(item));
    else if (type === 'additional_tools') this.#toolItem(item, path);
    else if (call !== undefined) this.#join('assistant').push(this.#call(item, call, path));
    else if (output !== undefined) this.#join('user').push(this.#output(item, output, path));
    else {
      const word = needString(type, `${path}.type`);
      if (word === 'item_reference' && text(item.id) === undefined) {
        throw errors.invalidRequest(`${path}.id: must name the item that this refers to.`);
      }
      const side = USER_SIDE.has(word) ? 'user' : 'assistant';
      this.#join(side).push({ type: 'opaque', format: ID, value: item.type === type ? item : { ...item, type } });
    }
  }

  #join(role: 'user' | 'assistant'): Block[] {
    if (this.#open?.role !== role) {
      this.#open = { role, content: [] };
      this.messages.push(this.#open);
    }
    return this.#open.content;
  }

  #message(item: JsonObject, path: string): void {
    const rest = ownFields(item, MESSAGE);
    const hint = rest === undefined ? {} : { rest };
    switch (item.role) {
      case 'system':
      case 'developer': {
        const content = opening(decodeText(item.content, `${path}.content`), { ...hint, role: item.role });
        if (this.messages.length === 0) {
          this.#systemItems++;
          addAll(this.system, content);
          return;
        }
        this.#open = undefined;
        this.messages.push({ role: 'system', content });
        return;
      }
      case 'user': {
        const content = opening(decodeContent(item.content, `${path}.content`), hint);
        const results = this.#open?.role === 'user' && this.#open.content.some(({ type }) => type === 'tool-result');
        if (!results) this.#open = undefined;
        addAll(this.#join('user'), content);
        return;
      }
      case 'assistant': {
        // Where it stands says the same to a model that knows no phases.
        const own = isAbsent(item.phase) ? undefined : { $phase: item.phase };
        addAll(this.#join('assistant'), opening(decodeContent(item.content, `${path}.content`), hint, own));
        return;
      }
      default:
        throw errors.invalidRequest(
          `${path}.role: must be "user", "assistant", "system" or "developer", not ${JSON.stringify(item.role)}.`,
        );
    }
  }

  #call(item: JsonObject, kind: ToolKind, path: string): ToolCallBlock {
    const plain = kind === 'function' || kind === 'custom';
    const id = plain ? needString(item.call_id, `${path}.call_id`) : (text(item.call_id) ?? text(item.id) ?? '');
    if (plain) needString(item.name, `${path}.name`);
    this.#unanswered.add(id);
    const rest = ownFields(item, kind === 'function' ? FUNCTION_CALL : kind === 'custom' ? CUSTOM_CALL : OTHER_CALL);
    const own = callExtensions(item, kind);
    const extensions = hinted(rest === undefined ? undefined : { rest }, own);
    const block = { id, name: calledName(item, kind), ...extensions };
    const rawInput = argumentsOf(item, kind);
    if (kind === 'function') return toolCall(block, rawInput);
    // Made of other fields, the text is nobody's own.
    const { rawInput: _, ...call } = toolCall(block, rawInput);
    return call;
  }

  #output(item: JsonObject, kind: ToolKind, path: string): ToolResultBlock {
    const callId =
      text(item.call_id) ??
      (kind === 'local_shell' ? text(item.id) : undefined) ??
      this.#unanswered.values().next().value;
    if (callId === undefined) {
      throw errors.invalidRequest(`${path}.call_id: must name the call that this is the output of.`);
    }
    this.#unanswered.delete(callId);
    if (kind === 'tool_search') addAll(this.tools, found(item, path, this.#notes));
    if (kind !== 'function' && kind !== 'custom') {
      return {
        type: 'tool-result',
        callId,
        content: outputContent(item, kind),
        ...hinted({ kind, wire: item }),
      };
    }
    const rest = ownFields(item, OUTPUT);
    const list = Array.isArray(item.output);
    const hint = {
      ...(kind === 'function' ? {} : { kind }),
      ...(rest === undefined ? {} : { rest }),
      ...(list ? { list } : {}),
    };
    return {
      type: 'tool-result',
      callId,
      content: decodeContent(item.output, `${path}.output`),
      ...hinted(Object.keys(hint).length === 0 ? undefined : hint),
    };
  }

  #toolItem(item: JsonObject, path: string): void {
    addAll(this.tools, found(item, path, this.#notes));
    if (this.messages.length === 0) {
      this.toolItems.push({ after: this.#systemItems, item });
      return;
    }
    // A message that says nothing keeps the place.
    this.#open = undefined;
    this.messages.push({ role: 'system', content: [], extensions: { [ID]: { $toolItem: item } } });
  }
}

/** What an item has beside what is read of it. An id that the gateway made up is nothing that a server could know. */
function ownFields(item: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const rest = restOf(item, known);
  if (rest === undefined || !isMadeUpId(rest.id)) return rest;
  const { id: _, ...others } = rest;
  return Object.keys(others).length === 0 ? undefined : others;
}

/** What a call is for its client, where that is more than a plain function. */
export function callExtensions(item: JsonObject, kind: ToolKind): { $tool: ClientTool } | undefined {
  const namespace = text(item.namespace);
  if (kind === 'function' && namespace === undefined) return undefined;
  const name = kind === 'function' || kind === 'custom' ? (text(item.name) ?? '') : kind;
  return { $tool: { kind, name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** Tools that came inside the input count as the request's own, and are left out where those are sent again. */
function found(item: JsonObject, path: string, notes: Notes): Tool[] {
  return decodeTools(item.tools, `${path}.tools`, notes).map((tool) =>
    tool.type === 'opaque'
      ? { ...tool, value: { ...tool.value, $inside: true } }
      : { ...tool, extensions: { [ID]: { ...tool.extensions?.[ID], $inside: true } } },
  );
}
