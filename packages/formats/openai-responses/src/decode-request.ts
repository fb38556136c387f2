import {
  type ChatRequest,
  type Effort,
  errors,
  type HeaderMap,
  type JsonObject,
  type JsonValue,
  keepOwn,
  type Notes,
  type ReasoningOptions,
  type StateKey,
  type TextBlock,
  type Tool,
  wordOf,
} from '@signalbox/kit';
import { decodeInput } from './decode-input.ts';
import { decodeResponseFormat, decodeToolChoice, decodeTools } from './decode-tools.ts';
import { ID, isAbsent, isObject, needObject, needString, optionalBoolean, optionalNumber, text } from './fields.ts';
import { fateOf } from './own-fields.ts';
import { keeperOf } from './response-keeper.ts';

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
  text safety_identifier include max_tool_calls`.split(/\s+/),
);

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
  client: { readonly headers: HeaderMap; readonly notes: Notes; state?<T>(key: StateKey<T>): T },
): ChatRequest {
  const { notes } = client;
  if (!isObject(body)) throw errors.invalidRequest('The request body must be a JSON object.');
  const model = needString(body.model, 'model');
  if (model === '') throw errors.invalidRequest('model: must not be empty.');
  const remembered = ['previous_response_id', 'conversation', 'prompt'].some((key) => !isAbsent(body[key]));
  if (isAbsent(body.input) && !remembered) throw errors.invalidRequest('input: must be a string or an array of items.');
  const { previous_response_id: previous } = body;
  if (!isAbsent(previous)) needString(previous, 'previous_response_id');
  const { system, messages, tools: inside, toolItems } = decodeInput(body.input, notes, keeperOf(client)?.placeOf);
  const own: JsonObject = {};
  const tools = withLimit(body, withInside(decodeTools(body.tools, 'tools', notes), inside), own);
  const toolChoice = decodeToolChoice(body.tool_choice);
  if (toolChoice === undefined && !isAbsent(body.tool_choice)) own.tool_choice = body.tool_choice;
  const reasoning = decodeReasoningOptions(body.reasoning, own);
  const { format, ...textRest } = isAbsent(body.text) ? {} : needObject(body.text, 'text');
  keepUnder('text', textRest, own);
  const responseFormat = decodeResponseFormat(format);
  const { user, ...others } = body;
  const safetyIdentifier = text(body.safety_identifier);
  const userId = safetyIdentifier ?? text(user);
  if (safetyIdentifier === undefined && userId !== undefined) own.$userField = 'user';
  else if (!isAbsent(user)) keepOwn(own, 'user', user, fateOf('user', user));
  keepOthers(others, own, keeperOf(client) !== undefined);
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

/** `effort` and the wish for a summary are canonical; what else is said stays this format's own. */
function decodeReasoningOptions(value: JsonValue | undefined, own: JsonObject): ReasoningOptions | undefined {
  if (isAbsent(value)) return undefined;
  const { effort, summary: said, generate_summary: older, ...rest } = needObject(value, 'reasoning');
  const summary = isAbsent(said) ? older : said;
  const known = EFFORTS.has(effort);
  if (!known && !isAbsent(effort)) rest.effort = effort;
  if (!isAbsent(summary)) own.$summary = summary;
  keepUnder('reasoning', rest, own);
  if (!known && isAbsent(summary)) return undefined;
  return {
    ...(known ? { effort: effort as Effort } : {}),
    ...(isAbsent(summary) ? {} : { display: 'summarized' as const }),
  };
}

/** @param kept whether somebody keeps the response here: then any `store` is done. */
function keepOthers(body: JsonObject, own: JsonObject, kept: boolean): void {
  for (const key in body) {
    const value = body[key];
    if (KNOWN.has(key) || key.startsWith('$') || isAbsent(value)) continue;
    if (kept && key === 'store') keepOwn(own, key, value, 'harmless');
    // They are told only where `include` asks for them.
    else if (key === 'top_logprobs' && value !== 0 && !asksForLogprobs(body)) keepOwn(own, key, value, 'advice');
    else keepOwn(own, key, value, fateOf(key, value));
  }
}

function asksForLogprobs({ include }: JsonObject): boolean {
  return Array.isArray(include) && include.includes('message.output_text.logprobs');
}

function keepUnder(field: string, rest: JsonObject, own: JsonObject): void {
  for (const key in rest) {
    const value = rest[key];
    const path = `${field}.${key}`;
    if (!isAbsent(value)) keepOwn(own, path, value, fateOf(path, value));
  }
}

/** `max_tool_calls` counts calls of built-in tools: of searches, where there is no other such tool. */
function withLimit(body: JsonObject, tools: readonly Tool[], own: JsonObject): readonly Tool[] {
  const limit = optionalNumber(body, 'max_tool_calls');
  if (limit === undefined) return tools;
  const [builtIn, ...others] = tools.filter((tool) => tool.type === 'opaque');
  const search = others.length === 0 && builtIn?.webSearch !== undefined ? builtIn : undefined;
  // Without one there is nothing to count.
  keepOwn(own, 'max_tool_calls', limit, search !== undefined ? 'harmless' : builtIn === undefined ? 'advice' : 'loss');
  if (search === undefined) return tools;
  return tools.map((tool) =>
    tool === search ? { ...search, webSearch: { ...search.webSearch, maxUses: limit } } : tool,
  );
}

/** Reasoning state goes along on every route; whatever else is asked for only this format has. */
function decodeInclude(value: JsonValue | undefined, own: JsonObject): void {
  if (!Array.isArray(value)) return;
  own.$include = value;
  for (const name of value) if (name !== ENCRYPTED) own[`include[${wordOf(name)}]`] = true;
}

/** Only references: nothing of the body is copied. */
function echoOf(body: JsonObject): JsonObject {
  const echo: JsonObject = {};
  for (const key of ECHOED) if (body[key] !== undefined) echo[key] = body[key];
  return echo;
}
