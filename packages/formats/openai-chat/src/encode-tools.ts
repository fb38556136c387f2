import {
  addAll,
  type ChatRequest,
  describedSchema,
  type FunctionTool,
  type JsonObject,
  type ResponseFormat,
  type Tool,
  type ToolChoice,
  wordOf,
} from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';
import { type EncodedSearch, encodeWebSearch } from './web-search.ts';

/** `tools`, `tool_choice` and `parallel_tool_calls`, which belong together: none goes without tools. And web search. */
export function encodeTools(request: ChatRequest, encoding: Encoding): JsonObject {
  const search = encodeWebSearch(request, encoding);
  return { ...encodeCallables(request, search, encoding), ...search.fields };
}

function encodeCallables(request: ChatRequest, search: EncodedSearch, encoding: Encoding): JsonObject {
  const { dialect, target } = encoding;
  const kinds = (encoding.thinking ? dialect.toolChoicesThinking : undefined) ?? dialect.toolChoices;
  let choice = search.chosen ? undefined : request.toolChoice;
  if (search.chosen && request.toolChoice !== undefined) {
    target.notes.add('toolChoice', 'mapped', 'what is sent for the search always searches');
  }
  let tools = request.tools;
  if (choice?.type === 'allowed' && !kinds.includes('allowed')) {
    const { names, mode } = choice;
    tools = tools.filter(({ name }) => name !== undefined && names.includes(name));
    choice = { type: mode };
    target.notes.add('toolChoice', 'mapped', 'only the allowed tools are sent');
  }
  const encoded: JsonObject[] = [];
  const sent = new Set<string>();
  tools.forEach((tool, index) => {
    if (tool.type === 'opaque' && tool.webSearch !== undefined) return;
    const wire = encodeTool(tool, `tools[${request.tools.indexOf(tool, index)}]`, encoding);
    if (wire === undefined) return;
    encoded.push(wire);
    if (tool.name !== undefined) sent.add(tool.name);
  });
  addAll(encoded, search.tools);
  if (encoded.length === 0) {
    if (choice !== undefined && choice.type !== 'none' && choice.type !== 'auto') {
      target.notes.add('toolChoice', 'dropped', 'no tool is left to choose');
    }
    return {};
  }
  const toolChoice = encodeToolChoice(choice, kinds, sent, encoding);
  if (toolChoice === 'omit-tools') return {};
  const parallel = request.parallelToolCalls;
  // Several at once is what there is without a switch.
  if (parallel === false && !dialect.parallelToolCalls) {
    target.notes.add('parallelToolCalls', 'dropped', 'the provider has no such switch');
  }
  return {
    ...dialect.extraBodyWithTools,
    tools: encoded,
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(parallel === undefined || !dialect.parallelToolCalls ? {} : { parallel_tool_calls: parallel }),
  };
}

function encodeTool(tool: Tool, path: string, encoding: Encoding): JsonObject | undefined {
  const { dialect, target } = encoding;
  if (tool.type === 'opaque') {
    if (tool.format === ID) return tool.value;
    target.notes.add(path, 'dropped', `only ${tool.format} has the tool ${tool.name ?? wordOf(tool.value.type)}`);
    return undefined;
  }
  target.notes.foreignExtensions(tool.extensions, ID, path);
  const name = target.toolNames.alias(tool.name);
  const custom = tool.extensions?.[ID]?.custom;
  if (dialect.customTools && isObject(custom)) return { type: 'custom', custom: { ...custom, name } };
  const control = encoding.cacheControl(tool, path);
  const { schema, strict } = encodeSchema(tool, path, encoding);
  return {
    type: 'function',
    function: {
      name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters: dialect.encodeSchema === undefined ? schema : dialect.encodeSchema(schema),
      ...(strict === undefined ? {} : { strict }),
    },
    ...(control === undefined ? {} : { cache_control: control }),
  };
}

/** A strict tool's schema in the words of strict mode, where there are any; otherwise the tool is not strict. */
function encodeSchema(
  { name, strict, inputSchema }: FunctionTool,
  path: string,
  encoding: Encoding,
): { readonly schema: JsonObject; readonly strict?: boolean } {
  const schema = objectSchema(inputSchema);
  if (strict === undefined) return { schema };
  if (!encoding.dialect.strictTools) {
    if (strict) encoding.noteOnce(`${path}.strict`, 'dropped', 'the provider has no strict tools');
    return { schema };
  }
  if (!strict) return { schema, strict };
  const said = encoding.strict.encode(schema, `${path}.inputSchema`, 'object', name);
  if (typeof said !== 'string') return { schema: said, strict };
  encoding.target.notes.add(`${path}.strict`, 'dropped', `the schema cannot be strict: ${said}`);
  return { schema, strict: false };
}

/** Some servers fail on an object schema without `properties`, and on none at all. */
function objectSchema(schema: JsonObject | undefined): JsonObject {
  if (schema === undefined) return { type: 'object', properties: {} };
  if (schema.type !== undefined && schema.properties !== undefined) return schema;
  return { type: 'object', properties: {}, ...schema };
}

function encodeToolChoice(
  choice: ToolChoice | undefined,
  kinds: readonly ToolChoice['type'][],
  sent: ReadonlySet<string>,
  { target, dialect }: Encoding,
): JsonObject | string | undefined {
  if (choice === undefined) return undefined;
  const { notes, toolNames } = target;
  switch (choice.type) {
    case 'auto':
      return 'auto';
    case 'none':
      if (kinds.includes('none')) return 'none';
      notes.add('toolChoice', 'mapped', 'the tools are left out, because the provider cannot be told to call none');
      return 'omit-tools';
    case 'required':
      if (kinds.includes('required')) return 'required';
      break;
    case 'tool':
      if (!sent.has(choice.name)) {
        notes.add('toolChoice', 'dropped', `the tool ${choice.name} is not sent`);
        return undefined;
      }
      if (kinds.includes('tool')) return { type: 'function', function: { name: toolNames.alias(choice.name) } };
      if (kinds.includes('required') && sent.size === 1) return 'required';
      break;
    case 'allowed': {
      const tools = choice.names
        .filter((name) => sent.has(name))
        .map((name) => ({ type: 'function', function: { name: toolNames.alias(name) } }));
      return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } };
    }
  }
  notes.add(
    'toolChoice',
    'approximated',
    `"${choice.type}" is sent as "auto"${dialect.toolChoices === kinds ? '' : ' while the model thinks'}`,
  );
  return 'auto';
}

/** `response_format`, or the words that ask for the same where the dialect lacks it. */
export function encodeResponseFormat(
  format: ResponseFormat | undefined,
  encoding: Encoding,
): { readonly fields: JsonObject; readonly instruction: string | undefined } {
  if (format === undefined) return { fields: {}, instruction: undefined };
  const { dialect, target } = encoding;
  if (format.type === 'json-object' && dialect.responseFormat === 'json_schema_only') {
    target.notes.add('responseFormat', 'mapped', 'any JSON object is asked for by a schema');
    const schema = { name: 'response', schema: { type: 'object' } };
    return { fields: { response_format: { type: 'json_schema', json_schema: schema } }, instruction: undefined };
  }
  const jsonObject = dialect.responseFormat === 'none' ? {} : { response_format: { type: 'json_object' } };
  if (format.type === 'json-object') {
    if (dialect.responseFormat !== 'none') return { fields: jsonObject, instruction: undefined };
    target.notes.add('responseFormat', 'approximated', 'asked for in the system prompt');
    return { fields: {}, instruction: 'Answer with one JSON object and nothing else.' };
  }
  if (dialect.responseFormat === 'json_object' || dialect.responseFormat === 'none') {
    target.notes.add('responseFormat', 'approximated', 'the schema stands in the system prompt');
    const instruction = `Answer with JSON and nothing else. It must be valid against this JSON Schema:\n${JSON.stringify(describedSchema(format))}`;
    return { fields: jsonObject, instruction };
  }
  const { name = 'response', description, schema, strict = true } = format;
  const legalName = /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
  const wanted = strict && dialect.strictTools;
  const said = wanted ? encoding.strict.encode(schema, 'responseFormat.schema', 'object') : undefined;
  if (typeof said === 'string') {
    target.notes.add('responseFormat.strict', 'dropped', `the schema cannot be strict: ${said}`);
  } else if (strict && !wanted) {
    target.notes.add('responseFormat.strict', 'dropped', 'the provider has no strict schemas');
  }
  const wire = {
    name: legalName,
    ...(description === undefined ? {} : { description }),
    schema: typeof said === 'object' ? said : schema,
    ...(dialect.strictTools ? { strict: typeof said === 'object' } : {}),
  };
  return { fields: { response_format: { type: 'json_schema', json_schema: wire } }, instruction: undefined };
}
