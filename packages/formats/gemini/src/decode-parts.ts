import {
  addAll,
  type Block,
  type JsonObject,
  type JsonValue,
  type ReasoningBlock,
  type ToolCallBlock,
  type ToolResultBlock,
} from '@signalbox/kit';
import { decodeFileData, decodeInlineData } from './decode-media.ts';
import { camel, extrasOf, ID, isAbsent, isObject, needArray, needObject, needString, tagged, text } from './fields.ts';
import { rememberOriginal } from './originals.ts';
import { GEMINI_ORIGIN, NO_SIGNATURE, signedState, unpackBlock } from './thought-signature.ts';

/** Begins the ids that this package makes where the wire has none. They never go out to Google. */
export const MADE_ID = 'call_gm_';

const TEXT: ReadonlySet<string> = new Set(['text', 'thought', 'thoughtSignature']);
const CALL: ReadonlySet<string> = new Set(['id', 'name', 'args']);
const CALL_PART: ReadonlySet<string> = new Set(['functionCall', 'thoughtSignature']);
const RESPONSE_PART: ReadonlySet<string> = new Set(['functionResponse']);
const RESPONSE: ReadonlySet<string> = new Set(['id', 'name', 'response', 'parts']);

/** A result as it stands: which call it answers is known only beside that call. */
export interface NamedResult {
  readonly name: string;
  readonly hasId: boolean;
  readonly block: ToolResultBlock;
}

/**
 * The blocks of one part of a client's history. A signature becomes a reasoning block beside the part it stands on, which
 * says where that was; a whole block of another origin, packed in its place, comes back as that block.
 * @throws {SignalboxError} INVALID_REQUEST that names the field.
 */
export function decodePart(value: JsonValue, path: string, madeId: string): Block[] {
  const part = needObject(value, path);
  const signature = text(part.thoughtSignature);
  const packed = signature === undefined ? undefined : unpackBlock(signature);
  const genuine = packed === undefined ? signature : undefined;
  const before: ReasoningBlock[] = packed === undefined ? [] : [packed];
  if (!isAbsent(part.text)) return [...before, ...decodeText(part, genuine, path)];
  if (!isAbsent(part.functionCall)) {
    const call = decodeCall(part, path, madeId);
    if (genuine === undefined || genuine === NO_SIGNATURE) return [...before, call];
    const state = signedState(GEMINI_ORIGIN, genuine, 'call', call.id);
    return [{ type: 'reasoning', text: '', state }, call];
  }
  if (genuine === undefined && !isAbsent(part.inlineData)) return [...before, decodeInlineData(part, path)];
  if (genuine === undefined && !isAbsent(part.fileData)) return [...before, decodeFileData(part, path)];
  // What only this format has stays whole, its signature included.
  return Object.keys(part).length === 0 ? before : [...before, { type: 'opaque', format: ID, value: part }];
}

function decodeText(part: JsonObject, signature: string | undefined, path: string): Block[] {
  const said = needString(part.text, `${path}.text`);
  if (part.thought === true) {
    if (said === '' && signature === undefined) return [];
    return [{ type: 'reasoning', text: said, state: signedState(GEMINI_ORIGIN, signature) }];
  }
  const blocks: Block[] = [];
  if (said !== '') blocks.push({ type: 'text', text: said, ...tagged(extrasOf(part, TEXT)) });
  if (signature !== undefined) {
    const state = signedState(GEMINI_ORIGIN, signature, said === '' ? 'empty' : 'text');
    blocks.push({ type: 'reasoning', text: '', state });
  }
  return blocks;
}

function decodeCall(part: JsonObject, partPath: string, madeId: string): ToolCallBlock {
  const path = `${partPath}.functionCall`;
  const call = needObject(part.functionCall, path);
  return {
    type: 'tool-call',
    id: text(call.id) ?? madeId,
    name: needString(call.name, `${path}.name`),
    input: isAbsent(call.args) ? {} : call.args,
    ...tagged(withMark(withPart(extrasOf(call, CALL), extrasOf(part, CALL_PART)), part)),
  };
}

/** A call whose client has no signature for it, and says so, is one without: that word is no reasoning. */
function withMark(inner: JsonObject | undefined, { thoughtSignature }: JsonObject): JsonObject | undefined {
  return thoughtSignature === NO_SIGNATURE ? { ...inner, $unsigned: true } : inner;
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function decodeResponse(part: JsonObject, partPath: string): NamedResult {
  const path = `${partPath}.functionResponse`;
  const wire = needObject(part.functionResponse, path);
  const response = isAbsent(wire.response) ? {} : needObject(wire.response, `${path}.response`);
  const name = needString(wire.name, `${path}.name`);
  const { said, isError } = spoken(wire.response, name);
  const content: Block[] = said === '' ? [] : [{ type: 'text', text: said }];
  if (!isAbsent(wire.parts)) {
    needArray(wire.parts, `${path}.parts`).forEach((inner, index) => {
      addAll(content, decodePart(inner, `${path}.parts[${index}]`, ''));
    });
  }
  const id = text(wire.id);
  return {
    name,
    hasId: id !== undefined,
    block: {
      type: 'tool-result',
      callId: id ?? '',
      content: rememberOriginal(content, isObject(wire.response) ? wire.response : response),
      ...(isError ? { isError } : {}),
      ...tagged(withPart(extrasOf(wire, RESPONSE), extrasOf(part, RESPONSE_PART))),
    },
  };
}

/** The fields under which clients put what a function said. */
const SAID: ReadonlySet<string> = new Set(['output', 'result', 'content', 'error']);

/**
 * What a response says as text: all there is under one such name where that is text, else all of it as JSON. The AI SDK
 * names the function once more beside it.
 */
function spoken(value: JsonValue | undefined, name: string): { said: string; isError: boolean } {
  if (!isObject(value)) return { said: '', isError: false };
  const keys = Object.keys(value);
  if (keys.length === 0) return { said: '', isError: false };
  const own = keys.length === 2 && value.name === name ? keys.filter((key) => key !== 'name') : keys;
  const key = own.length === 1 ? own[0] : undefined;
  const isError = key === 'error';
  const only = key === undefined ? undefined : value[key];
  if (key !== undefined && SAID.has(key) && typeof only === 'string') return { said: only, isError };
  return { said: JSON.stringify(value), isError };
}

/** What stands beside a call or result in its part, under one key of its extensions. */
function withPart(inner: JsonObject | undefined, part: JsonObject | undefined): JsonObject | undefined {
  return part === undefined ? inner : { ...inner, part };
}

/** The part, if it is a tool's result, in either spelling. */
export function responsePart(value: JsonValue): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  const part = camel(value);
  return isAbsent(part.functionResponse) ? undefined : part;
}
