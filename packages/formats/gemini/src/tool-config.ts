import { type ChatRequest, type JsonObject, ownFieldsOf, type ToolChoice } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

/** How the tools may be called. Without functions there is nothing to choose. */
export function encodeToolConfig(
  request: ChatRequest,
  sent: ReadonlySet<string>,
  ownTools: boolean,
  encoding: Encoding,
): JsonObject | undefined {
  const { notes } = encoding.target;
  const more = ownFieldsOf(request.extensions, ID, 'toolConfig.functionCallingConfig');
  const calling = encodeCalling(request, sent, ownTools, encoding);
  const { streamFunctionCallArguments, ...rest } = more;
  if (streamFunctionCallArguments === true) {
    notes.add('toolConfig.functionCallingConfig.streamFunctionCallArguments', 'mapped', 'arguments come whole here');
  }
  if (request.parallelToolCalls === false) {
    notes.add('parallelToolCalls', 'dropped', 'Gemini cannot be kept from calling several tools at once');
  }
  const mixes = ownTools && sent.size > 0 && !encoding.ownClient && encoding.dialect.serverToolInvocations;
  const config: JsonObject = {
    ...(calling === undefined && Object.keys(rest).length === 0
      ? {}
      : { functionCallingConfig: { ...calling, ...rest } }),
    ...(mixes ? { includeServerSideToolInvocations: true } : {}),
    ...extrasOf(request),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

/** What stands beside `functionCallingConfig`. */
function extrasOf({ extensions }: ChatRequest): JsonObject {
  const config = ownFieldsOf(extensions, ID, 'toolConfig');
  for (const key in config) if (key.startsWith('functionCallingConfig.')) delete config[key];
  return config;
}

function encodeCalling(
  { toolChoice, tools }: ChatRequest,
  sent: ReadonlySet<string>,
  ownTools: boolean,
  encoding: Encoding,
): JsonObject | undefined {
  const { notes, toolNames } = encoding.target;
  if (sent.size === 0) {
    if (toolChoice !== undefined && toolChoice.type !== 'auto' && toolChoice.type !== 'none' && !encoding.ownClient) {
      notes.add('toolChoice', 'dropped', 'no function is left to choose');
    } else if (encoding.ownClient && toolChoice !== undefined) return modeOf(toolChoice, [], false);
    return undefined;
  }
  // Beside its own tools Google wants the mode in which functions are checked and left to the model.
  const checked =
    !encoding.ownClient && (ownTools || tools.some((tool) => tool.type === 'function' && tool.strict === true));
  if (toolChoice === undefined) return checked ? { mode: 'VALIDATED' } : undefined;
  const names = toolChoice.type === 'tool' ? [toolChoice.name] : toolChoice.type === 'allowed' ? toolChoice.names : [];
  const known = names.filter((name) => sent.has(name));
  if (names.length > 0 && known.length === 0) {
    notes.add('toolChoice', 'dropped', `the tool ${names.join(', ')} is not sent`);
    return checked ? { mode: 'VALIDATED' } : undefined;
  }
  return modeOf(
    toolChoice,
    known.map((name) => toolNames.alias(name)),
    checked,
  );
}

function modeOf(choice: ToolChoice, names: readonly string[], checked: boolean): JsonObject {
  const auto = checked ? 'VALIDATED' : 'AUTO';
  const wanted = choice.type === 'allowed' ? choice.mode : choice.type;
  const mode = wanted === 'none' ? 'NONE' : wanted === 'auto' ? auto : 'ANY';
  // Only these modes take a list.
  const listed = names.length === 0 ? {} : { allowedFunctionNames: [...names] };
  return { mode: mode === 'AUTO' && names.length > 0 ? 'VALIDATED' : mode, ...listed };
}
