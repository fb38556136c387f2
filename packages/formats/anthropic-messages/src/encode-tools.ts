import {
  type ChatRequest,
  type FunctionTool,
  type JsonObject,
  type OpaqueTool,
  ownFieldsOf,
  type ToolChoice,
  wordOf,
} from '@signalbox/kit';
import { encodeCacheControl } from './cache-control.ts';
import { type EncodeContext, encodeExtras } from './encode-context.ts';
import { encodeInputSchema } from './input-schema.ts';
import { encodeWebSearch, WEB_SEARCH } from './web-search.ts';
import { FORMAT_ID } from './wire.ts';

const HANDLED: ReadonlySet<string> = new Set(['cacheControl']);
/** No arguments, strictly. */
const CLOSED: JsonObject = { type: 'object', properties: {}, additionalProperties: false };

export interface EncodedTools {
  readonly tools?: JsonObject[];
  readonly toolChoice?: JsonObject;
}

/** @param forced whether this model takes a forced choice, with the thinking that this request asks for. */
export function encodeTools(request: ChatRequest, forced: boolean, context: EncodeContext): EncodedTools {
  const { toolChoice } = request;
  const allowed = toolChoice?.type === 'allowed' ? new Set(toolChoice.names) : undefined;
  const tools: JsonObject[] = [];
  /** What is sent, by the client's names, under the names of the wire. */
  const names = new Map<string, string>();
  for (const [index, tool] of request.tools.entries()) {
    const path = `tools[${index}]`;
    if (tool.type === 'opaque') {
      const wire = encodeOpaque(tool, path, request, tools, context);
      if (wire === undefined) continue;
      tools.push(wire);
      if (tool.name !== undefined) names.set(tool.name, wordOf(wire.name));
    } else if (allowed === undefined || allowed.has(tool.name)) {
      tools.push(encodeFunction(tool, path, context));
      names.set(tool.name, context.target.toolNames.alias(tool.name));
    }
  }
  if (allowed !== undefined) {
    context.notes.add('toolChoice', 'mapped', 'only the allowed tools are sent');
  }
  if (tools.length === 0) return withoutTools(request, context);
  const wireChoice = encodeToolChoice(request, names, forced, context);
  return { tools, ...(wireChoice === undefined ? {} : { toolChoice: wireChoice }) };
}

/** Of other formats' tools only the web search, once, where no function has its name. */
function encodeOpaque(
  { format, webSearch, value }: OpaqueTool,
  path: string,
  request: ChatRequest,
  sent: readonly JsonObject[],
  context: EncodeContext,
): JsonObject | undefined {
  if (format === FORMAT_ID) return value;
  if (webSearch === undefined || !context.capabilities.webSearch) {
    context.notes.add(path, 'dropped', `a tool that only ${format} has`);
    return undefined;
  }
  const taken = request.tools.some(({ type, name }) => type === 'function' && name === WEB_SEARCH);
  if (taken || sent.some(({ name }) => name === WEB_SEARCH)) {
    context.notes.add(path, 'dropped', `there is another tool of the name ${WEB_SEARCH}`);
    return undefined;
  }
  return encodeWebSearch(webSearch, path, context);
}

function encodeFunction(tool: FunctionTool, path: string, context: EncodeContext): JsonObject {
  const { schema, strict } = encodeSchema(tool, path, context);
  const wire: JsonObject = { name: context.target.toolNames.alias(tool.name) };
  if (tool.description !== undefined) wire.description = tool.description;
  wire.input_schema = schema;
  if (strict !== undefined) wire.strict = strict;
  encodeCacheControl(wire, tool, path, context);
  encodeExtras(wire, tool.extensions, HANDLED, path, context);
  return wire;
}

/** Where a strict schema cannot be said, the tool is not strict. What a client of this format wrote is strict as it is. */
function encodeSchema(
  { name, inputSchema, strict }: FunctionTool,
  path: string,
  context: EncodeContext,
): { readonly schema: JsonObject; readonly strict: boolean | undefined } {
  let sent = strict;
  if (strict === true && !context.ownClient) {
    if (inputSchema === undefined) return { schema: CLOSED, strict };
    const said = context.strict.encode(inputSchema, `${path}.inputSchema`, 'object', name);
    if (typeof said !== 'string') return { schema: said, strict };
    context.notes.add(`${path}.strict`, 'dropped', `the schema cannot be strict: ${said}`);
    sent = undefined;
  }
  const { schema, change } = encodeInputSchema(inputSchema);
  if (change !== undefined) context.notes.add(`${path}.inputSchema`, 'approximated', change);
  return { schema, strict: sent };
}

/** Without tools a choice means nothing, but calls in the history still need their definitions on older servers. */
function withoutTools(request: ChatRequest, context: EncodeContext): EncodedTools {
  if (request.toolChoice !== undefined) context.notes.add('toolChoice', 'dropped', 'there are no tools to choose from');
  if (context.ownClient) return request.tools.length === 0 ? {} : { tools: [] };
  const called = new Set<string>();
  for (const { content } of request.messages) {
    for (const block of content) if (block.type === 'tool-call') called.add(block.name);
  }
  if (called.size === 0) return {};
  context.notes.add('tools', 'approximated', 'the calls in the history get minimal definitions');
  const tools = [...called].map((name) => encodeFunction({ type: 'function', name }, 'tools', context));
  return { tools, toolChoice: { type: 'none' } };
}

function encodeToolChoice(
  { toolChoice, parallelToolCalls, extensions }: ChatRequest,
  names: ReadonlyMap<string, string>,
  forced: boolean,
  context: EncodeContext,
): JsonObject | undefined {
  const wire = choiceOf(toolChoice, names, forced, context);
  if (wire === undefined) {
    return parallelToolCalls === false ? { type: 'auto', disable_parallel_tool_use: true } : undefined;
  }
  if (parallelToolCalls !== undefined && wire.type !== 'none') wire.disable_parallel_tool_use = !parallelToolCalls;
  return { ...wire, ...ownFieldsOf(extensions, FORMAT_ID, 'tool_choice') };
}

function choiceOf(
  choice: ToolChoice | undefined,
  names: ReadonlyMap<string, string>,
  forced: boolean,
  { notes }: EncodeContext,
): JsonObject | undefined {
  if (choice === undefined) return undefined;
  const type = choice.type === 'allowed' ? choice.mode : choice.type;
  if (type === 'auto' || type === 'none') return { type };
  const name = choice.type === 'tool' ? names.get(choice.name) : undefined;
  if (choice.type === 'tool' && name === undefined) {
    notes.add('toolChoice', 'dropped', `the tool "${choice.name}" is not sent`);
    return undefined;
  }
  if (!forced) {
    notes.add('toolChoice', 'approximated', 'this model cannot be made to call a tool: left to decide');
    return { type: 'auto' };
  }
  return name === undefined ? { type: 'any' } : { type: 'tool', name };
}
