import {
  errors,
  type FunctionTool,
  type JsonObject,
  type JsonValue,
  type Tool,
  type ToolChoice,
  type WebSearch,
} from '@signalbox/kit';
import { decodeJsonSchema } from './decode-json-schema.ts';
import { decodeSchema } from './decode-schema.ts';
import { camel, extrasOf, ID, isAbsent, isObject, needArray, needObject, needString, tagged, text } from './fields.ts';

const DECLARATION: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'parametersJsonSchema']);
const CALLING: ReadonlySet<string> = new Set(['mode', 'allowedFunctionNames']);

/** Functions become tools one by one; Google's own tools stay whole. */
export function decodeTools(value: JsonValue | undefined): Tool[] {
  if (isAbsent(value)) return [];
  // One tool alone is taken without its list, as Google does.
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((entry, index) => decodeTool(needObject(entry, `tools[${index}]`), `tools[${index}]`));
}

function decodeTool(wire: JsonObject, path: string): Tool[] {
  const { functionDeclarations, ...own } = wire;
  const tools: Tool[] = [];
  if (!isAbsent(functionDeclarations)) {
    const declarations = needArray(functionDeclarations, `${path}.functionDeclarations`);
    declarations.forEach((entry, index) => {
      tools.push(decodeDeclaration(entry, `${path}.functionDeclarations[${index}]`));
    });
  }
  for (const name in own) {
    if (isAbsent(own[name])) continue;
    const webSearch = webSearchOf(name, own[name]);
    const tool = { type: 'opaque', format: ID, name, value: { [name]: own[name] } } as const;
    tools.push(webSearch === undefined ? tool : { ...tool, webSearch });
  }
  return tools;
}

/** Google’s search, under its present name and its first. */
function webSearchOf(name: string, value: JsonValue | undefined): WebSearch | undefined {
  if (!/^google_?search(?:_?retrieval)?$/i.test(name)) return undefined;
  const { excludeDomains, ...others } = isObject(value) ? camel(value) : {};
  const blocked = Array.isArray(excludeDomains) ? excludeDomains.filter((domain) => typeof domain === 'string') : [];
  const names = Object.keys(others);
  return {
    ...(blocked.length === 0 ? {} : { blockedDomains: blocked }),
    ...(names.length === 0 ? {} : { others: names }),
  };
}

function decodeDeclaration(value: JsonValue, path: string): FunctionTool {
  const wire = needObject(value, path);
  const description = text(wire.description);
  const schema = decodeParameters(wire, path);
  return {
    type: 'function',
    name: needString(wire.name, `${path}.name`),
    ...(description === undefined ? {} : { description }),
    ...(schema === undefined ? {} : { inputSchema: schema }),
    ...tagged(extrasOf(wire, DECLARATION)),
  };
}

function decodeParameters(wire: JsonObject, path: string): JsonObject | undefined {
  if (!isAbsent(wire.parameters)) return decodeSchema(needSchema(wire.parameters, `${path}.parameters`));
  if (isAbsent(wire.parametersJsonSchema)) return undefined;
  return decodeJsonSchema(needSchema(wire.parametersJsonSchema, `${path}.parametersJsonSchema`));
}

/** As it was written: the names inside belong to the client. */
export function needSchema(value: JsonValue | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw errors.invalidRequest(`${path}: must be an object.`);
}

export interface DecodedToolConfig {
  readonly toolChoice?: ToolChoice;
  /** What the canonical model has no place for. */
  readonly extras?: JsonObject;
}

/** @throws {SignalboxError} INVALID_REQUEST for a mode that does not exist. */
export function decodeToolConfig(value: JsonValue | undefined): DecodedToolConfig {
  if (isAbsent(value)) return {};
  const { functionCallingConfig, ...extras } = needObject(value, 'toolConfig');
  if (!isAbsent(functionCallingConfig)) {
    const calling = needObject(functionCallingConfig, 'toolConfig.functionCallingConfig');
    const mode = text(calling.mode)?.toUpperCase() ?? 'AUTO';
    const rest = { ...extrasOf(calling, CALLING), ...(mode === 'VALIDATED' ? { mode } : {}) };
    if (Object.keys(rest).length > 0) extras.functionCallingConfig = rest;
    const names = namesOf(calling.allowedFunctionNames);
    const says = !isAbsent(calling.mode) || names.length > 0;
    return {
      ...(says ? { toolChoice: choiceOf(mode, names) } : {}),
      ...(Object.keys(extras).length === 0 ? {} : { extras }),
    };
  }
  return Object.keys(extras).length === 0 ? {} : { extras: camel(extras) };
}

function choiceOf(mode: string, names: readonly string[]): ToolChoice {
  const [only] = names;
  switch (mode) {
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (only === undefined) return { type: 'required' };
      return names.length === 1 ? { type: 'tool', name: only } : { type: 'allowed', mode: 'required', names };
    case 'AUTO':
    case 'VALIDATED':
    case 'MODE_UNSPECIFIED':
      return only === undefined ? { type: 'auto' } : { type: 'allowed', mode: 'auto', names };
    default:
      throw errors.invalidRequest(
        'toolConfig.functionCallingConfig.mode: must be "AUTO", "ANY", "NONE" or "VALIDATED".',
      );
  }
}

function namesOf(value: JsonValue | undefined): string[] {
  if (isAbsent(value)) return [];
  const path = 'toolConfig.functionCallingConfig.allowedFunctionNames';
  return needArray(value, path).map((name, index) => needString(name, `${path}[${index}]`));
}
