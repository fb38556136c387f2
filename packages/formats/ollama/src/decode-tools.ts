import { errors, type JsonObject, type JsonValue, type ResponseFormat, type Tool } from '@signalbox/kit';
import { ID, isObject, isUnsaid, needObject, optionalArray, restOf, text } from './fields.ts';

const TOOL: ReadonlySet<string> = new Set(['type', 'function']);

export function decodeTools(value: JsonValue | undefined): Tool[] {
  return optionalArray(value, 'tools').map((entry, index) => decodeTool(needObject(entry, `tools[${index}]`), index));
}

function decodeTool(tool: JsonObject, index: number): Tool {
  if (!isObject(tool.function)) return { type: 'opaque', format: ID, value: tool };
  const { name, description, parameters, strict } = tool.function;
  if (text(name) === undefined) throw errors.invalidRequest(`tools[${index}].function.name: must be a string.`);
  const about = text(description);
  const rest = restOf(tool, TOOL);
  return {
    type: 'function',
    name: String(name),
    ...(about === undefined ? {} : { description: about }),
    ...(isObject(parameters) ? { inputSchema: parameters } : {}),
    ...(typeof strict === 'boolean' ? { strict } : {}),
    ...(rest === undefined ? {} : { extensions: { [ID]: rest } }),
  };
}

/** `format`: `"json"`, or a JSON Schema, which the answer is held to while it is written. */
export function decodeResponseFormat(value: JsonValue | undefined): ResponseFormat | undefined {
  if (isUnsaid(value)) return undefined;
  if (value === 'json') return { type: 'json-object' };
  if (isObject(value)) return { type: 'json-schema', schema: value };
  throw errors.invalidRequest('format: must be "json" or a JSON Schema.');
}
