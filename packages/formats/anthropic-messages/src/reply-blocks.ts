import {
  type Block,
  type ClientContext,
  errors,
  foreignCitations,
  type JsonObject,
  type JsonValue,
  type Notes,
  newId,
  packReasoningState,
  type ReasoningState,
  type ReplyCallIds,
  type TargetContext,
  type TextBlock,
  toolCall,
} from '@signalbox/kit';
import { callerOf } from './decode-blocks.ts';
import { wireToolId } from './tool-id.ts';
import { unparsedInput } from './tool-input.ts';
import { citationDelta, encodeWebCitation, type FoundOnTheWeb, WEB_SEARCH, WHOLE_TEXT } from './web-search.ts';
import { ANTHROPIC_ORIGIN, extrasOf, FORMAT_ID, isObject, wireCitations } from './wire.ts';

const TOOL_USE = new Set(['type', 'id', 'name', 'input', 'caller', 'cache_control']);

/** One block of a reply; `undefined` for what is no block at all. Unknown types stay whole. */
export function decodeReplyBlock(wire: JsonValue, target: TargetContext): Block | undefined {
  if (!isObject(wire)) return undefined;
  switch (wire.type) {
    case 'text': {
      const list = Array.isArray(wire.citations) ? wire.citations : [];
      const deltas = list.map((citation) => citationDelta({ type: 'citations_delta', citation }));
      return { type: 'text', text: stringOf(wire.text), ...tagged(deltas.length === 0 ? undefined : { deltas }) };
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
      return { type: 'opaque', format: FORMAT_ID, value: wire, ...searchIn(wire) };
  }
}

/** @throws {SignalboxError} MALFORMED_REPLY for a call without a name. */
export function toolIdentity(wire: JsonObject, target: TargetContext): { id: string; name: string } {
  const id = stringOf(wire.id);
  if (stringOf(wire.name) === '') throw errors.malformedReply('The provider sent a tool call without a name.');
  return { id: id === '' ? newId('toolu_') : id, name: target.toolNames.original(stringOf(wire.name)) };
}

/** Whether a block of the reply tells of a web search, and for what. */
export function searchIn({ type, name, input }: JsonObject): { webSearch?: { query?: string } } {
  if (type !== 'server_tool_use' || name !== WEB_SEARCH) return {};
  return { webSearch: isObject(input) && typeof input.query === 'string' ? { query: input.query } : {} };
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
  web: FoundOnTheWeb | undefined,
): JsonObject | undefined {
  if (block.type === 'opaque') {
    if (block.format === FORMAT_ID) return block.value;
    if (web !== undefined && block.webSearch !== undefined) web.search(block.webSearch.query);
    else notes.opaqueBlock(block, path);
    return undefined;
  }
  if (block.type === 'text') return encodeReplyText(block, path, notes, web);
  notes.foreignExtensions(block.extensions, FORMAT_ID, path);
  switch (block.type) {
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

function encodeReplyText(
  { text, extensions }: TextBlock,
  path: string,
  notes: Notes,
  web: FoundOnTheWeb | undefined,
): JsonObject {
  const own = wireCitations(extensions);
  const { citations, untold } = foreignCitations(extensions, FORMAT_ID);
  for (const reason of untold) notes.add(path, 'dropped', reason);
  if (citations.length === 0) return { type: 'text', text, citations: own ?? null };
  for (const citation of citations) web?.cite(citation);
  notes.add(path, 'approximated', WHOLE_TEXT);
  return { type: 'text', text, citations: [...(own ?? []), ...citations.map(encodeWebCitation)] };
}

function stringOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
