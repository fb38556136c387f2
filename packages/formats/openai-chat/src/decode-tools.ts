import {
  errors,
  type FunctionTool,
  type JsonObject,
  type JsonValue,
  type ResponseFormat,
  type Tool,
  type ToolChoice,
  wordOf,
} from '@signalbox/kit';
import { decodeCacheControl } from './decode-parts.ts';
import { ID, isObject, needArray, needObject, needString, text } from './fields.ts';
import { webSearchOf } from './web-search.ts';

/** The arguments of a custom tool, for models that only know functions. */
const CUSTOM_SCHEMA: JsonObject = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

export function decodeTools(body: JsonObject): Tool[] {
  const tools = (nullable(body.tools) ?? []).map((tool, index) => decodeTool(tool, `tools[${index}]`));
  const legacy = (nullable(body.functions, 'functions') ?? []).map((fn, index) =>
    decodeFunction(needObject(fn, `functions[${index}]`), `functions[${index}]`),
  );
  return [...tools, ...legacy];
}

function nullable(value: JsonValue | undefined, path = 'tools'): readonly JsonValue[] | undefined {
  return value === undefined || value === null ? undefined : needArray(value, path);
}

function decodeTool(value: JsonValue, path: string): Tool {
  const tool = needObject(value, path);
  if (tool.type === 'custom') return decodeCustomTool(needObject(tool.custom, `${path}.custom`), `${path}.custom`);
  // Some clients leave the type out.
  if (tool.type === 'function' || (tool.type === undefined && tool.function !== undefined)) {
    const decoded = decodeFunction(needObject(tool.function, `${path}.function`), `${path}.function`);
    return { ...decoded, ...decodeCacheControl(tool) };
  }
  needString(tool.type, `${path}.type`);
  const name = text(tool.name);
  const webSearch = webSearchOf(tool);
  return {
    type: 'opaque',
    format: ID,
    ...(name === undefined ? {} : { name }),
    value: tool,
    ...(webSearch === undefined ? {} : { webSearch }),
  };
}

function decodeFunction(fn: JsonObject, path: string): FunctionTool {
  const description = text(fn.description);
  return {
    type: 'function',
    name: needString(fn.name, `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(isObject(fn.parameters) ? { inputSchema: fn.parameters } : {}),
    ...(typeof fn.strict === 'boolean' ? { strict: fn.strict } : {}),
  };
}

/** A custom tool takes free text: everywhere else it is a function with the one string `input`. */
function decodeCustomTool(custom: JsonObject, path: string): FunctionTool {
  const grammar = isObject(custom.format) && isObject(custom.format.grammar) ? custom.format.grammar : undefined;
  const description = [
    text(custom.description),
    grammar === undefined
      ? undefined
      : `\`input\` must follow this ${wordOf(grammar.syntax)} grammar:\n${text(grammar.definition) ?? ''}`,
  ].filter((part) => part !== undefined);
  return {
    type: 'function',
    name: needString(custom.name, `${path}.name`),
    ...(description.length === 0 ? {} : { description: description.join('\n\n') }),
    inputSchema: CUSTOM_SCHEMA,
    extensions: { [ID]: { custom } },
  };
}

export function decodeToolChoice(body: JsonObject): ToolChoice | undefined {
  const choice = body.tool_choice ?? body.function_call;
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (choice === 'any') return { type: 'required' };
  if (isObject(choice)) {
    if (choice.type === 'allowed_tools') return decodeAllowed(choice.allowed_tools);
    const named = isObject(choice.function) ? choice.function : isObject(choice.custom) ? choice.custom : choice;
    if (typeof named.name === 'string') return { type: 'tool', name: named.name };
  }
  throw errors.invalidRequest(
    'tool_choice: must be "none", "auto", "required", a named function or custom tool, or allowed_tools.',
  );
}

function decodeAllowed(value: JsonValue | undefined): ToolChoice {
  const allowed = needObject(value, 'tool_choice.allowed_tools');
  const names = needArray(allowed.tools, 'tool_choice.allowed_tools.tools').map((value, index) => {
    const path = `tool_choice.allowed_tools.tools[${index}]`;
    const tool = needObject(value, path);
    const named = isObject(tool.function) ? tool.function : isObject(tool.custom) ? tool.custom : tool;
    return needString(named.name, `${path}.name`);
  });
  return { type: 'allowed', mode: allowed.mode === 'required' ? 'required' : 'auto', names };
}

export function decodeResponseFormat(value: JsonValue | undefined): ResponseFormat | undefined {
  if (value === undefined || value === null) return undefined;
  const format = needObject(value, 'response_format');
  if (format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json-object' };
  if (format.type !== 'json_schema') {
    throw errors.invalidRequest('response_format.type: must be "text", "json_object" or "json_schema".');
  }
  const wanted = needObject(format.json_schema, 'response_format.json_schema');
  const name = text(wanted.name);
  const description = text(wanted.description);
  return {
    type: 'json-schema',
    schema: needObject(wanted.schema ?? {}, 'response_format.json_schema.schema'),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    // Not strict unless said: here that is a meaning, in other formats it may be the other way round.
    strict: wanted.strict === true,
  };
}
