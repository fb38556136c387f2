import {
  type ChatRequest,
  type FunctionTool,
  type JsonObject,
  type OpaqueTool,
  setField,
  type Tool,
  type ToolChoice,
  wordOf,
} from '@signalbox/kit';
import { chatCustomTool, withoutChatCustom } from './chat-custom.ts';
import { clientToolOf, flatName } from './client-tools.ts';
import type { Encoding } from './encoding.ts';
import { ID, isObject, text } from './fields.ts';
import { encodeWebSearch, isWebSearch, WEB_SEARCH } from './web-search.ts';

const MAX_CALLS = 'max_tool_calls';

/** `tools`, `tool_choice` and `parallel_tool_calls`. For clients of other formats none goes without tools. */
export function encodeTools(request: ChatRequest, encoding: Encoding): JsonObject {
  const { target, ownClient } = encoding;
  const { toolChoice: choice, parallelToolCalls: parallel } = request;
  const tools: JsonObject[] = [];
  const sent = new Map<string, Tool>();
  const spaces = new Set<string>();
  request.tools.forEach((tool, index) => {
    const wire = encodeTool(tool, `tools[${index}]`, request, spaces, encoding);
    if (wire === undefined) return;
    // One search is enough, whoever names it.
    const again = !ownClient && wire !== 'elsewhere' && wire.type === WEB_SEARCH && tools.some(isSearch);
    if (again) target.notes.add(`tools[${index}]`, 'dropped', 'one web search is enough');
    else if (wire !== 'elsewhere') tools.push(wire);
    if (tool.name !== undefined) sent.set(tool.name, tool);
  });
  if (tools.length === 0 && sent.size === 0 && !ownClient) {
    if (choice !== undefined && choice.type !== 'none' && choice.type !== 'auto') {
      target.notes.add('toolChoice', 'dropped', 'no tool is left to choose');
    }
    return {};
  }
  const toolChoice = encodeToolChoice(choice, sent, encoding) ?? hostedChoice(request, encoding);
  const limited = !ownClient && tools.some(isSearch) && encoding.takes(MAX_CALLS);
  const limit = limited ? searchLimit(request) : undefined;
  return {
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
    ...(limit === undefined ? {} : { [MAX_CALLS]: limit }),
  };
}

/** Clients of other formats have no other tools that count. */
function searchLimit({ tools }: ChatRequest): number | undefined {
  for (const tool of tools) if (tool.type === 'opaque' && tool.webSearch !== undefined) return tool.webSearch.maxUses;
  return undefined;
}

function isSearch({ type }: JsonObject): boolean {
  return type === WEB_SEARCH;
}

/** `elsewhere`: it stands in the input, or with the other tools of its namespace. */
function encodeTool(
  tool: Tool,
  path: string,
  request: ChatRequest,
  spaces: Set<string>,
  encoding: Encoding,
): JsonObject | 'elsewhere' | undefined {
  const { dialect, target } = encoding;
  if (tool.type === 'opaque') return encodeOpaque(tool, path, encoding);
  const own = tool.extensions?.[ID];
  const custom = dialect.clientTools ? chatCustomTool(tool, target.toolNames.alias(tool.name)) : undefined;
  target.notes.foreignExtensions(custom === undefined ? tool.extensions : withoutChatCustom(tool.extensions), ID, path);
  if (custom !== undefined) return custom;
  if (!dialect.clientTools) return encodeFunction(tool, path, encoding);
  if (own?.$inside === true) return 'elsewhere';
  const client = clientToolOf(tool.extensions);
  if (client === undefined || !isObject(own?.$wire)) return encodeFunction(tool, path, encoding);
  const { namespace } = client;
  if (namespace === undefined) return own.$wire;
  if (spaces.has(namespace)) return 'elsewhere';
  spaces.add(namespace);
  return withPresentTools(own.$wire, namespace, request);
}

/** A namespace as the client sent it, but for tools that are no longer in the request. */
function withPresentTools(space: JsonObject, namespace: string, { tools }: ChatRequest): JsonObject {
  const present = new Set(tools.map(({ name }) => name));
  const members = Array.isArray(space.tools) ? space.tools : [];
  const kept = members.filter((tool) => isObject(tool) && present.has(flatName(namespace, String(tool.name))));
  return kept.length === members.length ? space : { ...space, tools: kept };
}

function encodeOpaque(tool: OpaqueTool, path: string, encoding: Encoding): JsonObject | 'elsewhere' | undefined {
  const { dialect, target } = encoding;
  if (tool.format === ID && dialect.builtInTools) return tool.value.$inside === true ? 'elsewhere' : tool.value;
  if (tool.webSearch !== undefined && tool.format !== ID && dialect.builtInTools) {
    return encodeWebSearch(tool.webSearch, path, target.notes, encoding.takes(MAX_CALLS));
  }
  const whose = tool.format === ID ? 'the provider has not' : `only ${tool.format} has`;
  target.notes.add(path, 'dropped', `${whose} the tool ${tool.name ?? wordOf(tool.value.type)}`);
  return undefined;
}

function encodeFunction(tool: FunctionTool, path: string, encoding: Encoding): JsonObject {
  const { target, ownClient } = encoding;
  if (tool.cacheControl !== undefined) {
    encoding.noteOnce(`${path}.cacheControl`, 'mapped', 'a tool has no cache breakpoint here');
  }
  const { description } = tool;
  return {
    type: 'function',
    name: target.toolNames.alias(tool.name),
    ...(description === undefined ? {} : { description }),
    ...(ownClient ? asWritten(tool) : encodeSchema(tool, path, encoding)),
    ...ownFields(tool),
  };
}

function ownFields({ extensions }: FunctionTool): JsonObject {
  const kept: JsonObject = {};
  const own = extensions?.[ID];
  for (const key in own) if (!key.startsWith('$')) setField(kept, key, own[key]);
  return kept;
}

function asWritten({ strict, inputSchema }: FunctionTool): JsonObject {
  return { parameters: inputSchema ?? null, ...(strict === undefined ? {} : { strict }) };
}

/** What is not said means "if the schema fits" here: a client of another format must be taken at its word. */
function encodeSchema({ name, strict, inputSchema }: FunctionTool, path: string, encoding: Encoding): JsonObject {
  const schema = objectSchema(inputSchema);
  if (strict !== true) return { parameters: schema, strict: false };
  const said = encoding.strict.encode(schema, `${path}.inputSchema`, 'object', name);
  if (typeof said !== 'string') return { parameters: said, strict: true };
  encoding.target.notes.add(`${path}.strict`, 'dropped', `the schema cannot be strict: ${said}`);
  return { parameters: schema, strict: false };
}

/** Some servers fail on an object schema without `properties`, and on none at all. */
function objectSchema(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined) return { type: 'object', properties: {} };
  if (schema.type !== undefined && schema.properties !== undefined) return schema;
  return { type: 'object', properties: {}, ...schema };
}

function encodeToolChoice(
  choice: ToolChoice | undefined,
  sent: ReadonlyMap<string, Tool>,
  encoding: Encoding,
): JsonObject | string | undefined {
  if (choice === undefined) return undefined;
  const { notes } = encoding.target;
  switch (choice.type) {
    case 'tool': {
      const tool = sent.get(choice.name);
      if (tool !== undefined) return nameOf(tool, encoding);
      if (encoding.ownClient && (!isWebSearch(choice.name) || encoding.dialect.builtInTools)) {
        return isWebSearch(choice.name) ? { type: choice.name } : { type: 'function', name: choice.name };
      }
      notes.add('toolChoice', 'dropped', `the tool ${choice.name} is not sent`);
      return undefined;
    }
    case 'allowed': {
      const tools = choice.names.flatMap((name) => {
        const tool = sent.get(name);
        if (tool === undefined) notes.add('toolChoice', 'dropped', `the tool ${name} is not sent`);
        return tool === undefined ? [] : [nameOf(tool, encoding)];
      });
      return { type: 'allowed_tools', mode: choice.mode, tools };
    }
    default:
      return choice.type;
  }
}

function nameOf(tool: Tool, { dialect, target }: Encoding): JsonObject {
  if (tool.type === 'opaque') {
    // Of other formats' tools only the web search is sent, under this format's name.
    if (tool.format !== ID) return { type: WEB_SEARCH };
    const server = text(tool.value.server_label);
    return { type: tool.value.type, ...(server === undefined ? {} : { server_label: server }) };
  }
  const alias = target.toolNames.alias(tool.name);
  if (dialect.clientTools && chatCustomTool(tool, alias) !== undefined) return { type: 'custom', name: alias };
  const client = dialect.clientTools ? clientToolOf(tool.extensions) : undefined;
  if (client === undefined) return { type: 'function', name: alias };
  const { kind, name, namespace } = client;
  if (kind !== 'function' && kind !== 'custom') return { type: kind };
  return { type: kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** A choice of one of OpenAI's own tools, which only this format can say. */
function hostedChoice({ extensions }: ChatRequest, { dialect }: Encoding): JsonObject | undefined {
  const choice = extensions?.[ID]?.tool_choice;
  return dialect.builtInTools && isObject(choice) ? choice : undefined;
}
