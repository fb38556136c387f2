import type { Block, JsonObject, JsonValue, ReasoningBlock, ToolCallBlock, ToolResultBlock } from '@signalbox/kit';
import { decodeFileData, decodeInlineData } from './decode-media.ts';
import { camel, extrasOf, ID, isAbsent, isObject, needArray, needObject, needString, tagged, text } from './fields.ts';
import { rememberOriginal } from './originals.ts';
import { GEMINI_ORIGIN, signedState, unpackBlock } from './thought-signature.ts';

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
    if (genuine === undefined) return [...before, call];
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
    ...tagged(withPart(extrasOf(call, CALL), extrasOf(part, CALL_PART))),
  };
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function decodeResponse(part: JsonObject, partPath: string): NamedResult {
  const path = `${partPath}.functionResponse`;
  const wire = needObject(part.functionResponse, path);
  const response = isAbsent(wire.response) ? {} : needObject(wire.response, `${path}.response`);
  const { said, isError } = spoken(wire.response);
  const content: Block[] = said === '' ? [] : [{ type: 'text', text: said }];
  if (!isAbsent(wire.parts)) {
    needArray(wire.parts, `${path}.parts`).forEach((inner, index) => {
      content.push(...decodePart(inner, `${path}.parts[${index}]`, ''));
    });
  }
  const id = text(wire.id);
  return {
    name: needString(wire.name, `${path}.name`),
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

/** What a response says as text: its only `output`, `result` or `error` where that is text, else all of it as JSON. */
function spoken(value: JsonValue | undefined): { said: string; isError: boolean } {
  if (!isObject(value)) return { said: '', isError: false };
  const keys = Object.keys(value);
  const [key] = keys;
  const isError = keys.length === 1 && key === 'error';
  if (keys.length === 0) return { said: '', isError: false };
  const only = keys.length === 1 && key !== undefined ? value[key] : undefined;
  if (typeof only === 'string' && (isError || key === 'output' || key === 'result')) return { said: only, isError };
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
