import {
  type ChatRequest,
  type FunctionTool,
  type JsonObject,
  noteWebSearch,
  type OpaqueTool,
  wordOf,
} from '@signalbox/kit';
import { encodeSchema } from './encode-schema.ts';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';
import { originalOf, wasJsonSchema } from './originals.ts';
import { encodeToolConfig } from './tool-config.ts';

export interface EncodedTools {
  readonly tools?: JsonObject[];
  readonly toolConfig?: JsonObject;
}

/** Tools and how they may be called, which belong together. */
export function encodeTools(request: ChatRequest, encoding: Encoding): EncodedTools {
  const declarations: JsonObject[] = [];
  const own: JsonObject[] = [];
  const sent = new Set<string>();
  const addOnce = (tool: JsonObject | undefined): void => {
    const searches = tool?.googleSearch !== undefined && own.some(({ googleSearch }) => googleSearch !== undefined);
    if (tool !== undefined && !searches) own.push(tool);
  };
  request.tools.forEach((tool, index) => {
    const path = `tools[${index}]`;
    if (tool.type === 'function') {
      declarations.push(encodeDeclaration(tool, path, encoding));
      sent.add(tool.name);
      return;
    }
    addOnce(encodeOpaqueTool(tool, path, encoding));
  });
  const mixed = declarations.length > 0 && own.length > 0;
  if (mixed && !encoding.ownClient && !encoding.traits.mixes) {
    encoding.target.notes.add('tools', 'dropped', 'this model takes no tools of Google’s beside functions');
    own.length = 0;
  }
  const tools = [...(declarations.length === 0 ? [] : [{ functionDeclarations: declarations }]), ...own];
  const toolConfig = encodeToolConfig(request, sent, own.length > 0, encoding);
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
  };
}

function encodeDeclaration(tool: FunctionTool, path: string, encoding: Encoding): JsonObject {
  encoding.target.notes.foreignExtensions(tool.extensions, ID, path);
  encoding.noteCache(tool, path);
  return {
    name: encoding.target.toolNames.alias(tool.name),
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...encodeParameters(tool.inputSchema, path, encoding),
    ...tool.extensions?.[ID],
  };
}

/** As a client of this format wrote them, else in Google's words. A function without arguments has none. */
function encodeParameters(schema: JsonObject | undefined, path: string, encoding: Encoding): JsonObject {
  const original = originalOf(schema);
  if (original !== undefined)
    return wasJsonSchema(schema) ? { parametersJsonSchema: original } : { parameters: original };
  if (schema === undefined || !hasArguments(schema)) return {};
  const { kind, schema: wire, losses } = encodeSchema(schema);
  losses.note(`${path}.inputSchema`, encoding);
  return kind === 'schema' ? { parameters: wire } : { parametersJsonSchema: wire };
}

function hasArguments({ properties, additionalProperties, type, ...rest }: JsonObject): boolean {
  if (isObject(properties) && Object.keys(properties).length > 0) return true;
  if (isObject(additionalProperties)) return true;
  return ['anyOf', 'oneOf', 'allOf', '$ref'].some((key) => rest[key] !== undefined);
}

/** Web search of other formats is Google's; whatever else they define has no counterpart. */
function encodeOpaqueTool(tool: OpaqueTool, path: string, encoding: Encoding): JsonObject | undefined {
  if (tool.format === ID) return tool.value;
  const { notes } = encoding.target;
  if (tool.webSearch === undefined) {
    notes.add(path, 'dropped', `only ${tool.format} has the tool ${tool.name ?? wordOf(tool.value.type)}`);
    return undefined;
  }
  noteWebSearch(tool.webSearch, [], path, notes);
  return { googleSearch: {} };
}
