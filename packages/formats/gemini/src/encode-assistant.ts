import {
  addAll,
  type Block,
  type JsonObject,
  type Message,
  type ReasoningBlock,
  type ToolCallBlock,
} from '@signalbox/kit';
import { MADE_ID } from './decode-parts.ts';
import { encodeParts } from './encode-parts.ts';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';
import { NO_SIGNATURE, signatureOf } from './thought-signature.ts';

/** A call of the open model turn: the client's id, and the name on the wire. */
export interface OpenCall {
  readonly id: string;
  readonly name: string;
  /** Where it stands, for a note. */
  readonly path: string;
}

export interface EncodedTurn {
  readonly parts: JsonObject[];
  readonly calls: readonly OpenCall[];
}

/**
 * The parts of one model turn. Signatures go back to the very part they came on: to a call by its id, to a text where it
 * still stands right before, else nowhere.
 */
export function encodeAssistant(message: Message, index: number, encoding: Encoding): EncodedTurn {
  const path = `messages[${index}].content`;
  encoding.target.notes.foreignExtensions(message.extensions, ID, `messages[${index}]`);
  const signatures = new CallSignatures(message.content, encoding);
  const parts: JsonObject[] = [];
  const calls: OpenCall[] = [];
  let before: Block['type'] | undefined;
  message.content.forEach((block, position) => {
    const at = `${path}[${position}]`;
    if (block.type === 'reasoning') {
      addReasoning(block, before === 'text' ? parts.at(-1) : undefined, parts, at, encoding);
    } else if (block.type === 'tool-call') {
      const { part, $unsigned, ...own } = block.extensions?.[ID] ?? {};
      const call = { ...encodeCall(block, at, encoding), ...own };
      const signature = signatures.of(block.id) ?? ($unsigned === true ? NO_SIGNATURE : undefined);
      parts.push({
        functionCall: call,
        ...(signature === undefined ? {} : { thoughtSignature: signature }),
        ...(isObject(part) ? part : {}),
      });
      calls.push({ id: block.id, name: encoding.target.toolNames.alias(block.name), path: at });
    } else if (block.type === 'opaque' && block.format !== ID) {
      encoding.target.notes.opaqueBlock(block, at);
    } else {
      addAll(parts, encodeParts([block], path, encoding, position));
    }
    before = block.type;
  });
  return { parts, calls };
}

/** The signatures of one turn's calls: what the history carries, by id and else in order, then what the store remembers. */
class CallSignatures {
  readonly #encoding: Encoding;
  readonly #byId = new Map<string, string>();
  readonly #unplaced: string[] = [];

  constructor(content: readonly Block[], encoding: Encoding) {
    this.#encoding = encoding;
    const ids = new Set<string>();
    for (const block of content) if (block.type === 'tool-call') ids.add(block.id);
    for (const block of content) {
      if (block.type !== 'reasoning') continue;
      const own = signatureOf(block.state, encoding.target.reasoningOrigin);
      if (own?.part !== 'call' || own.signature === undefined) continue;
      if (own.callId !== undefined && ids.has(own.callId)) this.#byId.set(own.callId, own.signature);
      else this.#unplaced.push(own.signature);
    }
  }

  of(id: string): string | undefined {
    return this.#byId.get(id) ?? this.#unplaced.shift() ?? this.#encoding.dialect.signatures?.get(id);
  }
}

function addReasoning(
  block: ReasoningBlock,
  textBefore: JsonObject | undefined,
  parts: JsonObject[],
  path: string,
  encoding: Encoding,
): void {
  const own = signatureOf(block.state, encoding.target.reasoningOrigin);
  if (own === undefined) {
    const whose = block.state === undefined ? 'reasoning of unknown origin' : `reasoning of ${block.state.origin}`;
    encoding.noteOnce(path, 'dropped', `${whose} is of no use to Gemini`);
    return;
  }
  const { signature, part } = own;
  const signed = signature === undefined ? {} : { thoughtSignature: signature };
  if (part === undefined) {
    if (block.text !== '' || signature !== undefined) parts.push({ text: block.text, thought: true, ...signed });
    return;
  }
  if (block.text !== '') parts.push({ text: block.text, thought: true });
  if (part === 'empty' && signature !== undefined) {
    parts.push({ text: '', ...signed });
  } else if (part === 'text' && signature !== undefined) {
    if (textBefore !== undefined && textBefore.thoughtSignature === undefined) textBefore.thoughtSignature = signature;
    else encoding.noteOnce(path, 'dropped', 'a signature whose text is no longer before it');
  }
}

/** Arguments are an object here. An id that was made here, for lack of one, does not go out. */
function encodeCall(block: ToolCallBlock, path: string, encoding: Encoding): JsonObject {
  encoding.target.notes.foreignExtensions(block.extensions, ID, path);
  encoding.noteCache(block, path);
  return {
    ...(takesId(block.id, encoding) ? { id: block.id } : {}),
    name: encoding.target.toolNames.alias(block.name),
    args: argumentsOf(block, path, encoding),
  };
}

export function takesId(id: string, { dialect }: Encoding): boolean {
  return dialect.callIds && id !== '' && !id.startsWith(MADE_ID);
}

function argumentsOf({ input, rawInput }: ToolCallBlock, path: string, { target }: Encoding): JsonObject {
  if (isObject(input)) {
    if (rawInput === undefined || Object.keys(input).length > 0 || isBlank(rawInput)) return input;
    target.notes.add(`${path}.input`, 'approximated', 'the arguments are not valid JSON: sent as text under "_raw"');
    return { _raw: rawInput };
  }
  if (input === null) return {};
  target.notes.add(`${path}.input`, 'approximated', 'the arguments are not an object: wrapped as {"value": …}');
  return { value: input };
}

/** Text of arguments that says nothing: `''`, `{}`. */
function isBlank(rawInput: string): boolean {
  return /^\s*(?:\{\s*\})?\s*$/.test(rawInput);
}
