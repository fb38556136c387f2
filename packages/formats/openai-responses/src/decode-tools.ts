import {
  errors,
  type FunctionTool,
  type JsonObject,
  type JsonValue,
  type Notes,
  type ResponseFormat,
  type Tool,
  type ToolChoice,
  wordOf,
} from '@signalbox/kit';
import { type ClientTool, flatName, type ToolKind } from './client-tools.ts';
import { ID, isAbsent, isObject, needArray, needObject, needString, restOf, text } from './fields.ts';
import { isWebSearch, webSearchOf } from './web-search.ts';

/** The arguments of a custom tool, for models that only know functions. */
const CUSTOM_SCHEMA: JsonObject = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

const STRINGS: JsonObject = { type: 'array', items: { type: 'string' } };

/** Tools without a schema on the wire that the client runs: what their calls hold, as OpenAI documents it. */
const BUILT_IN: Readonly<Record<string, { kind: ToolKind; description: string; inputSchema: JsonObject }>> = {
  local_shell: {
    kind: 'local_shell',
    description: 'Runs a command on the user’s machine.',
    inputSchema: {
      type: 'object',
      properties: {
        command: { ...STRINGS, description: 'The program and its arguments.' },
        env: { type: 'object', additionalProperties: { type: 'string' } },
        timeout_ms: { type: 'integer' },
        user: { type: 'string' },
        working_directory: { type: 'string' },
      },
      required: ['command'],
    },
  },
  shell: {
    kind: 'shell',
    description: 'Runs shell commands on the user’s machine.',
    inputSchema: {
      type: 'object',
      properties: { commands: STRINGS, timeout_ms: { type: 'integer' }, max_output_length: { type: 'integer' } },
      required: ['commands'],
    },
  },
  apply_patch: {
    kind: 'apply_patch',
    description:
      'Creates, updates or deletes one file. `diff` is a V4A diff: lines that begin with +, - or a space, under @@ headings.',
    inputSchema: {
      type: 'object',
      properties: {
        type: { type: 'string', enum: ['create_file', 'update_file', 'delete_file'] },
        path: { type: 'string' },
        diff: { type: 'string' },
      },
      required: ['type', 'path'],
    },
  },
};

const FUNCTION: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters', 'strict']);

/** Tools as they stand in `tools`, in an `additional_tools` item, or in what a tool search found. */
export function decodeTools(value: JsonValue | undefined, path: string, notes: Notes): Tool[] {
  if (isAbsent(value)) return [];
  return needArray(value, path).flatMap((tool, index) => decodeTool(tool, `${path}[${index}]`, notes));
}

function decodeTool(value: JsonValue, path: string, notes: Notes): Tool[] {
  const tool = needObject(value, path);
  switch (tool.type) {
    case 'function':
      return [decodeFunction(tool, path)];
    case 'custom':
      notes.add(path, 'mapped', 'a custom tool is a function with the one string "input" here');
      return [customTool(tool, needString(tool.name, `${path}.name`), path)];
    case 'namespace':
      return decodeNamespace(tool, path, notes);
    case 'tool_search':
      if (tool.execution !== 'client') break;
      return [clientSearch(tool)];
    case 'local_shell':
    case 'shell':
    case 'apply_patch':
      // A shell in a container of the provider's is not the client's.
      if (isObject(tool.environment) && tool.environment.type !== 'local') break;
      return [builtIn(tool)];
  }
  const type = needString(tool.type, `${path}.type`);
  const webSearch = webSearchOf(tool);
  return [
    {
      type: 'opaque',
      format: ID,
      name: text(tool.server_label) ?? type,
      value: tool,
      ...(webSearch === undefined ? {} : { webSearch }),
    },
  ];
}

function decodeFunction(tool: JsonObject, path: string): FunctionTool {
  const description = text(tool.description);
  const rest = restOf(tool, FUNCTION);
  return {
    type: 'function',
    name: needString(tool.name, `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(isObject(tool.parameters) ? { inputSchema: tool.parameters } : {}),
    ...(typeof tool.strict === 'boolean' ? { strict: tool.strict } : {}),
    ...(rest === undefined ? {} : { extensions: { [ID]: rest } }),
  };
}

/** A custom tool takes free text: everywhere else it is a function with the one string `input`. */
function customTool(tool: JsonObject, name: string, path: string, namespace?: string): FunctionTool {
  needString(tool.name, `${path}.name`);
  const format = isObject(tool.format) && tool.format.type === 'grammar' ? tool.format : undefined;
  const description = [
    text(tool.description),
    format === undefined
      ? undefined
      : `\`input\` must follow this ${wordOf(format.syntax)} grammar:\n${text(format.definition) ?? ''}`,
  ].filter((part) => part !== undefined);
  return {
    type: 'function',
    name,
    ...(description.length === 0 ? {} : { description: description.join('\n\n') }),
    inputSchema: CUSTOM_SCHEMA,
    ...marked(named('custom', String(tool.name), namespace), tool),
  };
}

/** The tools of a namespace under flat names. What is said about all of them stands with the first. */
function decodeNamespace(space: JsonObject, path: string, notes: Notes): Tool[] {
  const namespace = needString(space.name, `${path}.name`);
  notes.add(path, 'mapped', `its tools are called ${flatName(namespace, '…')} here`);
  const about = text(space.description);
  return needArray(space.tools, `${path}.tools`).map((value, index): Tool => {
    const at = `${path}.tools[${index}]`;
    const tool = needObject(value, at);
    const name = needString(tool.name, `${at}.name`);
    const flat = flatName(namespace, name);
    const own = named(tool.type === 'custom' ? 'custom' : 'function', name, namespace);
    const decoded = tool.type === 'custom' ? customTool(tool, flat, at, namespace) : decodeFunction(tool, at);
    const description = [index === 0 ? about : undefined, decoded.description].filter((part) => part !== undefined);
    return {
      ...decoded,
      name: flat,
      ...(description.length === 0 ? {} : { description: description.join('\n\n') }),
      ...marked(own, space),
    };
  });
}

/** The client searches among tools that it has not sent: a function whose parameters it gives. */
function clientSearch(tool: JsonObject): FunctionTool {
  const description = text(tool.description);
  return {
    type: 'function',
    name: 'tool_search',
    ...(description === undefined ? {} : { description }),
    ...(isObject(tool.parameters) ? { inputSchema: tool.parameters } : {}),
    ...marked(named('tool_search', 'tool_search'), tool),
  };
}

function builtIn(tool: JsonObject): FunctionTool {
  const type = String(tool.type);
  const { kind, description, inputSchema } = BUILT_IN[type] as (typeof BUILT_IN)[string];
  return { type: 'function', name: type, description, inputSchema, ...marked(named(kind, type), tool) };
}

function named(kind: ToolKind, name: string, namespace?: string): ClientTool {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function marked($tool: ClientTool, $wire: JsonObject): Pick<FunctionTool, 'extensions'> {
  return { extensions: { [ID]: { $tool, $wire } } };
}

/** The canonical choice; `undefined` for a tool that only this format has, which travels in the extensions. */
export function decodeToolChoice(value: JsonValue | undefined): ToolChoice | undefined {
  if (isAbsent(value)) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  const choice = needObject(value, 'tool_choice');
  switch (choice.type) {
    case 'function':
    case 'custom': {
      // Some clients nest the name, as Chat Completions does.
      const nested = isObject(choice.function) ? choice.function : choice;
      return {
        type: 'tool',
        name: flatName(text(choice.namespace), needString(nested.name, 'tool_choice.name')),
      };
    }
    case 'apply_patch':
    case 'shell':
    case 'local_shell':
      return { type: 'tool', name: choice.type };
    case 'allowed_tools': {
      const names = needArray(choice.tools, 'tool_choice.tools').map((tool, index) => {
        const path = `tool_choice.tools[${index}]`;
        const { type, name, namespace, server_label: server } = needObject(tool, path);
        return flatName(text(namespace), text(name) ?? text(server) ?? needString(type, `${path}.name`));
      });
      return { type: 'allowed', mode: choice.mode === 'required' ? 'required' : 'auto', names };
    }
  }
  needString(choice.type, 'tool_choice.type');
  // Other formats have it, too.
  return isWebSearch(choice.type) ? { type: 'tool', name: choice.type } : undefined;
}

export function decodeResponseFormat(value: JsonValue | undefined): ResponseFormat | undefined {
  if (isAbsent(value)) return undefined;
  const format = needObject(value, 'text.format');
  if (format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json-object' };
  if (format.type !== 'json_schema') {
    throw errors.invalidRequest('text.format.type: must be "text", "json_object" or "json_schema".');
  }
  const name = text(format.name);
  const description = text(format.description);
  return {
    type: 'json-schema',
    schema: needObject(format.schema ?? {}, 'text.format.schema'),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    // Not strict unless said: here that is a meaning, in other formats it may be the other way round.
    strict: format.strict === true,
  };
}
