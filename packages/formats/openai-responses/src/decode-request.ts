import {
  type ChatRequest,
  type Effort,
  errors,
  type HeaderMap,
  type JsonObject,
  type JsonValue,
  type Notes,
  type ReasoningOptions,
  type TextBlock,
  type Tool,
} from '@signalbox/kit';
import { decodeInput } from './decode-input.ts';
import { decodeResponseFormat, decodeToolChoice, decodeTools } from './decode-tools.ts';
import { ID, isAbsent, isObject, needObject, needString, optionalBoolean, optionalNumber, text } from './fields.ts';

const EFFORTS: ReadonlySet<JsonValue | undefined> = new Set([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
]);

/** Fields with a place in the canonical model; any other travels in the extensions. */
const KNOWN: ReadonlySet<string> = new Set(
  `model input instructions stream tools tool_choice parallel_tool_calls max_output_tokens temperature top_p reasoning
  text safety_identifier include`.split(/\s+/),
);

/** What says no more than a translated route does anyway: it goes back to this format, and is no loss elsewhere. */
const HARMLESS: Readonly<Record<string, JsonValue>> = {
  store: false,
  background: false,
  truncation: 'disabled',
  service_tier: 'auto',
};
const ENCRYPTED = 'reasoning.encrypted_content';

/** What the response object tells the client again. */
const ECHOED: readonly string[] = [
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
];

/**
 * The canonical request of a Responses body. Its extensions always have an entry of this format, which says that a
 * client of this format wrote the request.
 * @throws {SignalboxError} INVALID_REQUEST that names the field, or UNSUPPORTED for what needs the pass-through lane.
 */
export function decodeRequest(
  body: JsonObject,
  { notes }: { readonly headers: HeaderMap; readonly notes: Notes },
): ChatRequest {
  if (!isObject(body)) throw errors.invalidRequest('The request body must be a JSON object.');
  const model = needString(body.model, 'model');
  if (model === '') throw errors.invalidRequest('model: must not be empty.');
  const remembered = ['previous_response_id', 'conversation', 'prompt'].some((key) => !isAbsent(body[key]));
  if (isAbsent(body.input) && !remembered) throw errors.invalidRequest('input: must be a string or an array of items.');
  const { system, messages, tools: inside, toolItems } = decodeInput(body.input, notes);
  const own: JsonObject = {};
  const tools = withInside(decodeTools(body.tools, 'tools', notes), inside);
  const toolChoice = decodeToolChoice(body.tool_choice);
  if (toolChoice === undefined && !isAbsent(body.tool_choice)) own.tool_choice = body.tool_choice;
  const reasoning = decodeReasoningOptions(body.reasoning, own);
  const { format, ...textRest } = isAbsent(body.text) ? {} : needObject(body.text, 'text');
  const responseFormat = decodeResponseFormat(format);
  const { user, ...others } = body;
  const safetyIdentifier = text(body.safety_identifier);
  const userId = safetyIdentifier ?? text(user);
  if (safetyIdentifier === undefined && userId !== undefined) own.$userField = 'user';
  else if (!isAbsent(user)) own.user = user;
  keepOthers(others, own);
  if (Object.keys(textRest).length > 0) own.text = textRest;
  decodeInclude(body.include, own);
  if (toolItems.length > 0) own.$toolItems = toolItems;
  own.$echo = echoOf(body);
  const parallelToolCalls = optionalBoolean(body, 'parallel_tool_calls');
  const maxOutputTokens = optionalNumber(body, 'max_output_tokens');
  const temperature = optionalNumber(body, 'temperature');
  const topP = optionalNumber(body, 'top_p');
  return {
    model,
    stream: optionalBoolean(body, 'stream') ?? false,
    system: [...decodeInstructions(body.instructions), ...system],
    messages,
    tools,
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelToolCalls === undefined ? {} : { parallelToolCalls }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    ...(userId === undefined ? {} : { userId }),
    extensions: { [ID]: own },
  };
}

/** A search finds the same tools again and again, and providers refuse two of one name: the first one counts. */
function withInside(tools: readonly Tool[], inside: readonly Tool[]): Tool[] {
  const all = [...tools];
  const names = new Set(tools.map(({ name }) => name));
  for (const tool of inside) {
    if (tool.name !== undefined && names.has(tool.name)) continue;
    names.add(tool.name);
    all.push(tool);
  }
  return all;
}

function decodeInstructions(value: JsonValue | undefined): TextBlock[] {
  const said = isAbsent(value) ? '' : needString(value, 'instructions');
  return said === '' ? [] : [{ type: 'text', text: said, extensions: { [ID]: { $instructions: true } } }];
}

/** `effort` and the wish for a summary are canonical; what else is said stays under `reasoning`. */
function decodeReasoningOptions(value: JsonValue | undefined, own: JsonObject): ReasoningOptions | undefined {
  if (isAbsent(value)) return undefined;
  const { effort, summary, ...rest } = needObject(value, 'reasoning');
  const known = EFFORTS.has(effort);
  if (!known && !isAbsent(effort)) rest.effort = effort;
  if (!isAbsent(summary)) own.$summary = summary;
  if (Object.keys(rest).length > 0) own.reasoning = rest;
  if (!known && isAbsent(summary)) return undefined;
  return {
    ...(known ? { effort: effort as Effort } : {}),
    ...(isAbsent(summary) ? {} : { display: 'summarized' as const }),
  };
}

function keepOthers(body: JsonObject, own: JsonObject): void {
  let harmless: JsonObject | undefined;
  for (const key in body) {
    const value = body[key];
    if (KNOWN.has(key) || isAbsent(value)) continue;
    if (HARMLESS[key] === value) {
      harmless ??= {};
      harmless[key] = value;
    } else own[key] = value;
  }
  if (harmless !== undefined) own.$harmless = harmless;
}

/** Reasoning state goes along on every route; whatever else is asked for only this format has. */
function decodeInclude(value: JsonValue | undefined, own: JsonObject): void {
  if (!Array.isArray(value)) return;
  own.$include = value;
  const others = value.filter((name) => name !== ENCRYPTED);
  if (others.length > 0) own.include = others;
}

/** Only references: nothing of the body is copied. */
function echoOf(body: JsonObject): JsonObject {
  const echo: JsonObject = {};
  for (const key of ECHOED) if (body[key] !== undefined) echo[key] = body[key];
  return echo;
}
