import { errors, type JsonObject, type JsonValue, type Tool, type ToolChoice } from '@signalbox/kit';
import { baseOf } from './decode-blocks.ts';
import { webSearchOf } from './web-search.ts';
import {
  FORMAT_ID,
  isAbsent,
  optionalBoolean,
  optionalString,
  requireArray,
  requireObject,
  requireString,
} from './wire.ts';

const TOOL = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);

/** Tools with a schema become functions; those that Anthropic defines stay whole. */
export function decodeTools(value: JsonValue | undefined): Tool[] {
  return isAbsent(value) ? [] : requireArray(value, 'tools').map((tool, index) => decodeTool(tool, `tools[${index}]`));
}

function decodeTool(value: JsonValue, path: string): Tool {
  const wire = requireObject(value, path);
  const type = optionalString(wire.type, `${path}.type`);
  if (type !== undefined && type !== 'custom') {
    const name = optionalString(wire.name, `${path}.name`);
    const webSearch = webSearchOf(wire);
    return {
      type: 'opaque',
      format: FORMAT_ID,
      ...(name === undefined ? {} : { name }),
      value: wire,
      ...(webSearch === undefined ? {} : { webSearch }),
    };
  }
  const description = optionalString(wire.description, `${path}.description`);
  const strict = optionalBoolean(wire.strict, `${path}.strict`);
  return {
    type: 'function',
    name: requireString(wire.name, `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(isAbsent(wire.input_schema) ? {} : { inputSchema: requireObject(wire.input_schema, `${path}.input_schema`) }),
    ...(strict === undefined ? {} : { strict }),
    ...baseOf(wire, TOOL),
  };
}

export interface DecodedToolChoice {
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly extras?: JsonObject;
}

export function decodeToolChoice(value: JsonValue | undefined): DecodedToolChoice {
  if (isAbsent(value)) return {};
  const { type, name, disable_parallel_tool_use, ...rest } = requireObject(value, 'tool_choice');
  const single = optionalBoolean(disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use');
  return {
    toolChoice: choiceOf(type, name),
    ...(single === undefined ? {} : { parallelToolCalls: !single }),
    ...(Object.keys(rest).length === 0 ? {} : { extras: rest }),
  };
}

function choiceOf(type: JsonValue | undefined, name: JsonValue | undefined): ToolChoice {
  if (type === 'auto' || type === 'none') return { type };
  if (type === 'any') return { type: 'required' };
  if (type === 'tool') return { type: 'tool', name: requireString(name, 'tool_choice.name') };
  throw errors.invalidRequest("tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'");
}
