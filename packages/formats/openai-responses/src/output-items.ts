import { type JsonObject, type JsonValue, MADE_UP, newId, type OpaqueBlock } from '@signalbox/kit';
import { type ClientTool, callFields, type ToolKind } from './client-tools.ts';
import { ID } from './fields.ts';

/** What `refusal` says where the provider gave no words. */
export const REFUSAL = 'The model declined to answer.';

const PREFIXES: Readonly<Record<ToolKind, string>> = {
  function: 'fc',
  custom: 'ctc',
  local_shell: 'lsh',
  shell: 'sh',
  apply_patch: 'apc',
  tool_search: 'tsc',
};

/** A fresh id of an item, which shows that no server knows it. */
export function newItemId(prefix: string): string {
  return newId(`${prefix}_${MADE_UP}`);
}

export function newCallItemId(kind: ToolKind): string {
  return newItemId(PREFIXES[kind]);
}

export function textPart(
  said: string,
  annotations: readonly JsonValue[],
  logProbs: readonly JsonValue[] = [],
): JsonObject {
  return { type: 'output_text', text: said, annotations: [...annotations], logprobs: [...logProbs] };
}

export function refusalPart(refusal: string): JsonObject {
  return { type: 'refusal', refusal };
}

export function messageItem(
  id: string,
  status: string,
  content: readonly JsonObject[],
  phase: JsonValue | undefined,
): JsonObject {
  return {
    id,
    type: 'message',
    status,
    role: 'assistant',
    content: [...content],
    ...(phase === undefined ? {} : { phase }),
  };
}

/**
 * A call as the client asked for it. A function's empty arguments are `{}`, because clients parse them; arguments that
 * were cut off stay as they are, and make the call incomplete.
 */
export function callItem(id: string, callId: string, tool: ClientTool, rawInput: string): JsonObject {
  const given = rawInput.trim() === '' ? '{}' : rawInput;
  const status = isJson(given) ? 'completed' : 'incomplete';
  return { id, ...callFields(tool, given), status, call_id: callId };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The same before its arguments are known. */
export function emptyCallItem(id: string, callId: string, tool: ClientTool): JsonObject {
  const fields = callFields(tool, '{}');
  if (tool.kind === 'function') fields.arguments = '';
  if (tool.kind === 'custom') fields.input = '';
  return { id, ...fields, status: 'in_progress', call_id: callId };
}

/** The item of a block that has no canonical form: this format's own, or a web search. `undefined`: it cannot be told. */
export function opaqueItem({ format, value, webSearch }: OpaqueBlock): JsonObject | undefined {
  if (format === ID) return typeof value.id === 'string' ? value : { ...value, id: newItemId('item') };
  if (webSearch === undefined) return undefined;
  const { query = '' } = webSearch;
  return { id: newItemId('ws'), type: 'web_search_call', status: 'completed', action: { type: 'search', query } };
}
