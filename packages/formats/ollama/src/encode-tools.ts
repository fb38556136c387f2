import { type ChatRequest, type JsonObject, type Tool, wordOf } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';
import { narrowSchema } from './tool-schema.ts';

interface EncodedTools {
  readonly fields: { readonly tools?: JsonObject[] };
  /** A choice of tools is not on this wire: the model is asked for it. */
  readonly instructions: readonly string[];
}

export function encodeTools(request: ChatRequest, encoding: Encoding): EncodedTools {
  const { notes, toolNames } = encoding.target;
  const { toolChoice: choice, tools } = request;
  const names = namesOf(choice);
  if (choice?.type === 'none' && tools.length > 0) {
    notes.add('toolChoice', 'mapped', 'the tools are left out, because the provider cannot be told to call none');
    return { fields: {}, instructions: [] };
  }
  const sent: JsonObject[] = [];
  tools.forEach((tool, index) => {
    if (names !== undefined && (tool.name === undefined || !names.includes(tool.name))) return;
    const wire = encodeTool(tool, `tools[${index}]`, encoding);
    if (wire !== undefined) sent.push(wire);
  });
  if (names !== undefined) notes.add('toolChoice', 'mapped', 'only the tools of the choice are sent');
  const forced =
    choice?.type === 'required' ||
    choice?.type === 'tool' ||
    (choice?.type === 'allowed' && choice.mode === 'required');
  if (sent.length === 0) {
    if (forced) notes.add('toolChoice', 'dropped', 'no tool is left to choose');
    return { fields: {}, instructions: [] };
  }
  if (request.parallelToolCalls === false) {
    notes.add('parallelToolCalls', 'dropped', 'the provider has no such switch');
  }
  if (request.responseFormat !== undefined) {
    encoding.noteOnce('responseFormat', 'approximated', 'what the provider holds to a format calls no tools');
  }
  if (!forced) return { fields: { tools: sent }, instructions: [] };
  notes.add('toolChoice', 'approximated', 'the provider cannot force a call: the model is asked for it');
  const named = choice?.type === 'tool' ? `the tool ${toolNames.alias(choice.name)}` : 'one of the tools';
  return { fields: { tools: sent }, instructions: [`Answer by calling ${named}, not with text.`] };
}

function namesOf(choice: ChatRequest['toolChoice']): readonly string[] | undefined {
  if (choice?.type === 'tool') return [choice.name];
  return choice?.type === 'allowed' ? choice.names : undefined;
}

function encodeTool(tool: Tool, path: string, encoding: Encoding): JsonObject | undefined {
  const { notes, toolNames } = encoding.target;
  if (tool.type === 'opaque') {
    if (tool.format === ID) return tool.value;
    notes.add(path, 'dropped', `only ${tool.format} has the tool ${tool.name ?? wordOf(tool.value.type)}`);
    return undefined;
  }
  notes.foreignExtensions(tool.extensions, ID, path);
  encoding.dropCacheControl(tool, path);
  if (tool.strict === true) notes.add(`${path}.strict`, 'dropped', 'the provider has no strict tools');
  const schema = tool.inputSchema ?? { type: 'object', properties: {} };
  const { schema: parameters, loosened } = narrowSchema(schema);
  if (loosened.size > 0) {
    const keywords = [...loosened].sort().join(', ');
    notes.add(
      `${path}.inputSchema`,
      'approximated',
      `the provider reads no ${keywords} in this schema: descriptions say what they can of it`,
    );
  } else if (parameters !== schema) {
    encoding.noteOnce(`${path}.inputSchema`, 'mapped', 'schemas are said in the few words that the provider reads');
  }
  return {
    type: 'function',
    function: {
      name: toolNames.alias(tool.name),
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters,
    },
    ...tool.extensions?.[ID],
  };
}
