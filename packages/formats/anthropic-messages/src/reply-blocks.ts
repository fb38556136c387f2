import {
  type Block,
  type ClientContext,
  type JsonObject,
  type JsonValue,
  newId,
  packReasoningState,
  type ReasoningState,
  type ReplyCallIds,
  type TargetContext,
  toolCall,
} from '@signalbox/kit';
import { callerOf, citationsOf } from './decode-blocks.ts';
import { wireToolId } from './tool-id.ts';
import { unparsedInput } from './tool-input.ts';
import { ANTHROPIC_ORIGIN, extrasOf, FORMAT_ID, isObject, wireCitations } from './wire.ts';

const TOOL_USE = new Set(['type', 'id', 'name', 'input', 'caller', 'cache_control']);

/** One block of a reply; `undefined` for what is no block at all. Unknown types stay whole. */
export function decodeReplyBlock(wire: JsonValue, target: TargetContext): Block | undefined {
  if (!isObject(wire)) return undefined;
  switch (wire.type) {
    case 'text': {
      const citations = Array.isArray(wire.citations) && wire.citations.length > 0 ? citationsOf(wire) : undefined;
      return { type: 'text', text: stringOf(wire.text), ...tagged(citations) };
    }
    case 'thinking': {
      const state = signatureState(stringOf(wire.signature), target);
      return { type: 'reasoning', text: stringOf(wire.thinking), ...(state === undefined ? {} : { state }) };
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', state: stateOf(stringOf(wire.data), target), redacted: true };
    case 'tool_use': {
      const call = { ...toolIdentity(wire, target), ...tagged(toolExtras(wire)) };
      const { input = {} } = wire;
      // Some servers send the arguments as text.
      return typeof input === 'string' ? toolCall(call, input) : { type: 'tool-call', ...call, input: input ?? {} };
    }
    default:
      return { type: 'opaque', format: FORMAT_ID, value: wire };
  }
}

export function toolIdentity(wire: JsonObject, target: TargetContext): { id: string; name: string } {
  const id = stringOf(wire.id);
  return { id: id === '' ? newId('toolu_') : id, name: target.toolNames.original(stringOf(wire.name)) };
}

/** Who called, where it is not the model directly, and whatever else a call carries. */
export function toolExtras(wire: JsonObject): JsonObject | undefined {
  const caller = callerOf(wire);
  const extras = extrasOf(wire, TOOL_USE);
  return caller === undefined && extras === undefined ? undefined : { ...caller, ...extras };
}

export function tagged(extras: JsonObject | undefined): { extensions?: Record<string, JsonObject> } {
  return extras === undefined ? {} : { extensions: { [FORMAT_ID]: extras } };
}

/** Servers that sign nothing still get their reasoning back, so its origin is kept; Anthropic takes none unsigned. */
export function signatureState(signature: string, target: TargetContext): ReasoningState | undefined {
  if (signature === '' && target.reasoningOrigin === ANTHROPIC_ORIGIN) return undefined;
  return stateOf(signature, target);
}

export function stateOf(data: string, { reasoningOrigin }: TargetContext): ReasoningState {
  return { origin: reasoningOrigin, data };
}

/** A signature as the client keeps it: Anthropic's own, or the state of another origin, packed. */
export function encodeSignature(state: ReasoningState | undefined): string {
  if (state === undefined) return '';
  return state.origin === ANTHROPIC_ORIGIN && typeof state.data === 'string' ? state.data : packReasoningState(state);
}

/** One block of a reply; `undefined` for what an Anthropic client cannot be told. */
export function encodeReplyBlock(
  block: Block,
  path: string,
  { notes }: ClientContext,
  ids: ReplyCallIds,
): JsonObject | undefined {
  if (block.type === 'opaque') {
    if (block.format === FORMAT_ID) return block.value;
    notes.opaqueBlock(block, path);
    return undefined;
  }
  notes.foreignExtensions(block.extensions, FORMAT_ID, path);
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text, citations: wireCitations(block.extensions) ?? null };
    case 'reasoning': {
      const signature = encodeSignature(block.state);
      if (block.redacted !== true) return { type: 'thinking', thinking: block.text, signature };
      return { type: 'redacted_thinking', data: signature };
    }
    case 'tool-call': {
      const unparsed = unparsedInput(block);
      if (unparsed !== undefined)
        notes.add(`${path}.input`, 'approximated', 'not valid JSON: given as text under "_raw"');
      return {
        type: 'tool_use',
        id: ids.claim(wireToolId(block.id)),
        name: block.name,
        input: unparsed ?? block.input,
        caller: { type: 'direct' },
        ...block.extensions?.[FORMAT_ID],
      };
    }
    default:
      notes.add(path, 'dropped', `a reply cannot hold a ${block.type} block`);
      return undefined;
  }
}

function stringOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
