import { type ChatRequest, type Extensions, type JsonObject, type JsonValue, parseJson } from '@signalbox/kit';
import { ID, isObject, text } from './fields.ts';

/** Tools that the client runs and that only this format has. Everywhere else each is a function. */
export type ToolKind = 'function' | 'custom' | 'local_shell' | 'shell' | 'apply_patch' | 'tool_search';

/** What the client calls a tool that other formats know as a function of another name or kind. */
export interface ClientTool extends JsonObject {
  kind: ToolKind;
  /** Inside its namespace, if it has one. */
  name: string;
  namespace?: string;
}

interface KindShape {
  readonly call: string;
  readonly output: string;
  /** The field of the call that holds its arguments; `undefined`: `arguments` as JSON text. */
  readonly field?: string;
}

const SHAPES: Readonly<Record<ToolKind, KindShape>> = {
  function: { call: 'function_call', output: 'function_call_output' },
  custom: { call: 'custom_tool_call', output: 'custom_tool_call_output', field: 'input' },
  local_shell: { call: 'local_shell_call', output: 'local_shell_call_output', field: 'action' },
  shell: { call: 'shell_call', output: 'shell_call_output', field: 'action' },
  apply_patch: { call: 'apply_patch_call', output: 'apply_patch_call_output', field: 'operation' },
  tool_search: { call: 'tool_search_call', output: 'tool_search_output', field: 'arguments' },
};

const BY_CALL = new Map(Object.entries(SHAPES).map(([kind, { call }]) => [call, kind as ToolKind]));
const BY_OUTPUT = new Map(Object.entries(SHAPES).map(([kind, { output }]) => [output, kind as ToolKind]));

/** The kind of a call that the client runs, by the type of its item. Searches on the server are none. */
export function kindOfCall({ type, execution, call_id: callId }: JsonObject): ToolKind | undefined {
  if (type === 'tool_search_call' && (execution === 'server' || callId === null)) return undefined;
  return typeof type === 'string' ? BY_CALL.get(type) : undefined;
}

export function kindOfOutput({ type, execution, call_id: callId }: JsonObject): ToolKind | undefined {
  if (type === 'tool_search_output' && (execution === 'server' || callId === null)) return undefined;
  return typeof type === 'string' ? BY_OUTPUT.get(type) : undefined;
}

export function outputType(kind: ToolKind): string {
  return SHAPES[kind].output;
}

/** The name of a tool where there are no namespaces. */
export function flatName(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

/** The name of the tool that a call of this kind is for. */
export function calledName(item: JsonObject, kind: ToolKind): string {
  if (kind !== 'function' && kind !== 'custom') return kind;
  const name = text(item.name);
  return name === undefined ? '' : flatName(text(item.namespace), name);
}

/** The arguments of a call as JSON text. */
export function argumentsOf(item: JsonObject, kind: ToolKind): string {
  if (kind === 'custom') return JSON.stringify({ input: typeof item.input === 'string' ? item.input : '' });
  const value = item[SHAPES[kind].field ?? 'arguments'];
  if (kind === 'local_shell' && isObject(value)) {
    const { type: _type, ...action } = value;
    return JSON.stringify(action);
  }
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** The fields of a call's item that say what is called with what. */
export function callFields({ kind, name, namespace }: ClientTool, rawInput: string): JsonObject {
  const { call: type, field } = SHAPES[kind];
  const named = { name, ...(namespace === undefined ? {} : { namespace }) };
  if (kind === 'function') return { type, ...named, arguments: rawInput };
  if (kind === 'custom') return { type, ...named, input: customInput(rawInput) };
  const input = parsed(rawInput);
  if (kind === 'local_shell') return { type, action: { type: 'exec', env: {}, ...(isObject(input) ? input : {}) } };
  if (kind === 'tool_search') return { type, execution: 'client', arguments: input };
  return { type, [field ?? 'arguments']: input };
}

/** The free text of a custom tool's call, wherever the model kept to its one argument, even where it was cut off. */
export function customInput(rawInput: string): string {
  for (const whole of [rawInput, `${rawInput}"}`]) {
    const input = parsed(whole);
    if (isObject(input) && typeof input.input === 'string') return input.input;
  }
  return rawInput;
}

function parsed(rawInput: string): JsonValue {
  try {
    return parseJson(rawInput);
  } catch {
    return {};
  }
}

/** What a canonical tool, or a call of it, was for the client; `undefined` for a plain function. */
export function clientToolOf(extensions: Extensions | undefined): ClientTool | undefined {
  const tool = extensions?.[ID]?.$tool;
  return isObject(tool) ? (tool as ClientTool) : undefined;
}

/** The tools of a request that are more than plain functions, by their canonical names. */
export function clientTools({ tools }: Pick<ChatRequest, 'tools'>): ReadonlyMap<string, ClientTool> {
  const known = new Map<string, ClientTool>();
  for (const tool of tools) {
    if (tool.type !== 'function') continue;
    const own = clientToolOf(tool.extensions);
    if (own !== undefined) known.set(tool.name, own);
  }
  return known;
}

/** What a call in a reply is for the client: by its tools, else as the provider sent it. */
export function toolOfCall(
  { name, extensions }: { readonly name: string; readonly extensions?: Extensions },
  known: ReadonlyMap<string, ClientTool>,
): ClientTool {
  return known.get(name) ?? clientToolOf(extensions) ?? { kind: 'function', name };
}
