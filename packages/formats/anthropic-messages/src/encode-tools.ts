import type { ChatRequest, FunctionTool, JsonObject, ToolChoice } from '@signalbox/kit';
import { encodeCacheControl } from './cache-control.ts';
import { type EncodeContext, encodeExtras, ownExtra } from './encode-context.ts';
import { encodeInputSchema } from './input-schema.ts';
import { FORMAT_ID, isObject } from './wire.ts';

const HANDLED: ReadonlySet<string> = new Set(['cache_control']);

export interface EncodedTools {
  readonly tools?: JsonObject[];
  readonly toolChoice?: JsonObject;
}

/** @param forced whether this model takes a forced choice, with the thinking that this request asks for. */
export function encodeTools(request: ChatRequest, forced: boolean, context: EncodeContext): EncodedTools {
  const { toolChoice } = request;
  const allowed = toolChoice?.type === 'allowed' ? new Set(toolChoice.names) : undefined;
  const tools: JsonObject[] = [];
  const names = new Set<string>();
  for (const [index, tool] of request.tools.entries()) {
    const path = `tools[${index}]`;
    if (tool.type === 'opaque') {
      if (tool.format === FORMAT_ID) tools.push(tool.value);
      else context.notes.add(path, 'dropped', `a tool that only ${tool.format} has`);
      if (tool.format === FORMAT_ID && tool.name !== undefined) names.add(tool.name);
    } else if (allowed === undefined || allowed.has(tool.name)) {
      tools.push(encodeFunction(tool, path, context));
      names.add(tool.name);
    }
  }
  if (allowed !== undefined) {
    context.notes.add('toolChoice.names', 'mapped', 'only the allowed tools are sent');
  }
  if (tools.length === 0) return withoutTools(request, context);
  const wireChoice = encodeToolChoice(request, names, forced, context);
  return { tools, ...(wireChoice === undefined ? {} : { toolChoice: wireChoice }) };
}

function encodeFunction(tool: FunctionTool, path: string, context: EncodeContext): JsonObject {
  const { schema, change } = encodeInputSchema(tool.inputSchema);
  if (change !== undefined) context.notes.add(`${path}.inputSchema`, 'approximated', change);
  const wire: JsonObject = { name: context.target.toolNames.alias(tool.name) };
  if (tool.description !== undefined) wire.description = tool.description;
  wire.input_schema = schema;
  if (tool.strict !== undefined) wire.strict = tool.strict;
  encodeCacheControl(wire, tool, path, context);
  encodeExtras(wire, tool.extensions, HANDLED, path, context);
  return wire;
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
  names: ReadonlySet<string>,
  forced: boolean,
  context: EncodeContext,
): JsonObject | undefined {
  const wire = choiceOf(toolChoice, names, forced, context);
  if (wire === undefined) {
    return parallelToolCalls === false ? { type: 'auto', disable_parallel_tool_use: true } : undefined;
  }
  if (parallelToolCalls !== undefined && wire.type !== 'none') wire.disable_parallel_tool_use = !parallelToolCalls;
  const extras = ownExtra(extensions, 'tool_choice');
  return isObject(extras) ? { ...wire, ...extras } : wire;
}

function choiceOf(
  choice: ToolChoice | undefined,
  names: ReadonlySet<string>,
  forced: boolean,
  { notes, target }: EncodeContext,
): JsonObject | undefined {
  if (choice === undefined) return undefined;
  const type = choice.type === 'allowed' ? choice.mode : choice.type;
  if (type === 'auto' || type === 'none') return { type };
  if (choice.type === 'tool' && !names.has(choice.name)) {
    notes.add('toolChoice', 'dropped', `the tool "${choice.name}" is not sent`);
    return undefined;
  }
  if (!forced) {
    notes.add('toolChoice', 'approximated', 'this model cannot be made to call a tool: left to decide');
    return { type: 'auto' };
  }
  return choice.type === 'tool' ? { type: 'tool', name: target.toolNames.alias(choice.name) } : { type: 'any' };
}
