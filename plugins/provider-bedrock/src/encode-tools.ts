import { addAll, type ChatRequest, type FunctionTool, type JsonObject, type ToolChoice, wordOf } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

/** `toolConfig`, which a history with calls needs even where no tool may be called. */
export function encodeTools(request: ChatRequest, thinking: boolean, encoding: Encoding): JsonObject | undefined {
  const { notes, usesTools } = encoding;
  let { toolChoice: choice } = request;
  let wanted = request.tools;
  if (choice?.type === 'allowed') {
    const { names, mode } = choice;
    wanted = wanted.filter(({ name }) => name !== undefined && names.includes(name));
    choice = { type: mode };
    notes.add('toolChoice', 'mapped', 'only the allowed tools are sent');
  }
  const tools: JsonObject[] = [];
  const sent = new Set<string>();
  wanted.forEach((tool, index) => {
    const path = `tools[${request.tools.indexOf(tool, index)}]`;
    if (tool.type === 'opaque') {
      notes.add(path, 'dropped', `only ${tool.format} has the tool ${tool.name ?? wordOf(tool.value.type)}`);
      return;
    }
    notes.foreignExtensions(tool.extensions, ID, path);
    sent.add(tool.name);
    tools.push(encodeTool(tool, path, encoding), ...encoding.cachePoint(tool.cacheControl));
  });
  if (choice?.type === 'none' && !usesTools) {
    if (tools.length > 0)
      notes.add('toolChoice', 'mapped', 'the tools are left out, because Converse cannot be told to call none');
    return undefined;
  }
  if (tools.length === 0 && usesTools) addAll(tools, toolsOfHistory(request, encoding));
  if (tools.length === 0) {
    if (choice?.type === 'required' || choice?.type === 'tool')
      notes.add('toolChoice', 'dropped', 'no tool is left to choose');
    return undefined;
  }
  if (request.parallelToolCalls === false) notes.add('parallelToolCalls', 'dropped', 'Converse has no such switch');
  const toolChoice = encodeChoice(choice, sent, thinking, encoding);
  return { tools, ...(toolChoice === undefined ? {} : { toolChoice }) };
}

function encodeTool(tool: FunctionTool, path: string, encoding: Encoding): JsonObject {
  const { name, description, inputSchema, strict } = tool;
  if (strict === true) encoding.noteOnce(`${path}.strict`, 'dropped', 'not every model knows strict tools');
  return {
    toolSpec: {
      name: encoding.target.toolNames.alias(name),
      ...(description === undefined || description.trim() === '' ? {} : { description }),
      inputSchema: { json: { type: 'object', ...inputSchema } },
    },
  };
}

/** The least that makes a history with calls legal. */
function toolsOfHistory({ messages }: ChatRequest, { notes, target }: Encoding): JsonObject[] {
  const names = new Set(
    messages.flatMap(({ content }) => content.flatMap((block) => (block.type === 'tool-call' ? [block.name] : []))),
  );
  notes.add(
    'tools',
    'approximated',
    'Converse wants the tools that the history has called: they go without their schemas',
  );
  return [...names].map((name) => ({
    toolSpec: { name: target.toolNames.alias(name), inputSchema: { json: { type: 'object' } } },
  }));
}

function encodeChoice(
  choice: ToolChoice | undefined,
  sent: ReadonlySet<string>,
  thinking: boolean,
  { notes, target, traits }: Encoding,
): JsonObject | undefined {
  if (choice === undefined) return undefined;
  const kinds = thinking ? [] : traits.toolChoices;
  switch (choice.type) {
    case 'required':
      if (kinds.includes('any')) return { any: {} };
      break;
    case 'tool':
      if (!sent.has(choice.name)) {
        notes.add('toolChoice', 'dropped', `the tool ${choice.name} is not sent`);
        return undefined;
      }
      if (kinds.includes('tool')) return { tool: { name: target.toolNames.alias(choice.name) } };
      if (kinds.includes('any') && sent.size === 1) return { any: {} };
      break;
    case 'none':
      notes.add(
        'toolChoice',
        'approximated',
        'the history has calls, so the tools stay; Converse cannot be told to call none',
      );
      return undefined;
    default:
      return undefined;
  }
  notes.add('toolChoice', 'approximated', `"${choice.type}" is left to the model${thinking ? ' while it thinks' : ''}`);
  return undefined;
}
