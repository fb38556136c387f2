import {
  type ChatRequest,
  type Effort,
  errors,
  type JsonObject,
  type JsonValue,
  keepOwn,
  type Message,
  type ReasoningOptions,
  type ResponseFormat,
} from '@signalbox/kit';
import { decodeContent, decodeSystem } from './decode-blocks.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { fateOf } from './own-fields.ts';
import {
  extrasOf,
  FORMAT_ID,
  isAbsent,
  isObject,
  optionalBoolean,
  optionalNumber,
  optionalString,
  requireArray,
  requireObject,
  requireString,
} from './wire.ts';

const BODY = new Set([
  'model',
  'max_tokens',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'stop_sequences',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
]);
const MESSAGE = new Set(['role', 'content']);
const EFFORTS: ReadonlySet<JsonValue | undefined> = new Set(['low', 'medium', 'high', 'xhigh', 'max']);

export interface DecodeOptions {
  /** A `count_tokens` body has no `max_tokens`. */
  readonly needsMaxTokens: boolean;
}

/**
 * Decodes the body of `/v1/messages` or `/v1/messages/count_tokens`. What the canonical model does not know goes to
 * `extensions['anthropic-messages']`; that entry is always there, empty or not, and says that an Anthropic client wrote
 * the request, so that encoding changes nothing of it that Anthropic would take.
 * @throws {SignalboxError} INVALID_REQUEST that names the field.
 */
export function decodeRequest(body: JsonObject, { needsMaxTokens }: DecodeOptions): ChatRequest {
  if (!isObject(body)) throw errors.invalidRequest('The request body should be a JSON object');
  const model = requireString(body.model, 'model');
  if (model === '') throw errors.invalidRequest('model: String should have at least 1 character');
  const maxOutputTokens = decodeMaxTokens(body.max_tokens, needsMaxTokens);
  const messages = requireArray(body.messages, 'messages');
  if (messages.length === 0) throw errors.invalidRequest('messages: at least one message is required');
  const { toolChoice, parallelToolCalls, extras: toolChoiceExtras } = decodeToolChoice(body.tool_choice);
  const { reasoning, responseFormat, thinkingExtras, outputExtras } = decodeOutput(body);
  const { user_id, ...metadata } = isAbsent(body.metadata) ? {} : requireObject(body.metadata, 'metadata');
  const userId = optionalString(user_id, 'metadata.user_id');
  const own: JsonObject = {};
  keepExtras(own, '', extrasOf(body, BODY));
  keepExtras(own, 'metadata.', metadata);
  keepExtras(own, 'tool_choice.', toolChoiceExtras);
  keepExtras(own, 'thinking.', thinkingExtras);
  keepExtras(own, 'output_config.', outputExtras);
  const stopSequences = decodeStopSequences(body.stop_sequences);
  const temperature = optionalNumber(body.temperature, 'temperature');
  const topP = optionalNumber(body.top_p, 'top_p');
  const topK = optionalNumber(body.top_k, 'top_k');
  return {
    model,
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    system: decodeSystem(body.system),
    messages: messages.map((message, index) => decodeMessage(message, `messages[${index}]`)),
    tools: decodeTools(body.tools),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelToolCalls === undefined ? {} : { parallelToolCalls }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    ...(userId === undefined ? {} : { userId }),
    extensions: { [FORMAT_ID]: own },
  };
}

function keepExtras(own: JsonObject, under: string, extras: JsonObject | undefined): void {
  for (const key in extras) {
    const value = extras[key];
    if (!isAbsent(value) && !key.startsWith('$')) keepOwn(own, under + key, value, fateOf(under + key, value));
  }
}

function decodeMaxTokens(value: JsonValue | undefined, required: boolean): number | undefined {
  const maxTokens = optionalNumber(value, 'max_tokens');
  if (maxTokens === undefined) {
    if (required) throw errors.invalidRequest('max_tokens: Field required');
    return undefined;
  }
  if (!Number.isInteger(maxTokens)) throw errors.invalidRequest('max_tokens: Input should be a valid integer');
  if (maxTokens < 0) throw errors.invalidRequest('max_tokens: Input should be greater than or equal to 0');
  return maxTokens;
}

function decodeMessage(value: JsonValue, path: string): Message {
  const wire = requireObject(value, path);
  const role = requireString(wire.role, `${path}.role`);
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    throw errors.invalidRequest(`${path}.role: Input should be 'user', 'assistant' or 'system'`);
  }
  const extras = extrasOf(wire, MESSAGE);
  const content = decodeContent(wire.content, `${path}.content`);
  return { role, content, ...(extras === undefined ? {} : { extensions: { [FORMAT_ID]: extras } }) };
}

function decodeStopSequences(value: JsonValue | undefined): string[] | undefined {
  if (isAbsent(value)) return undefined;
  return requireArray(value, 'stop_sequences').map((item, index) => requireString(item, `stop_sequences[${index}]`));
}

interface DecodedOutput {
  readonly reasoning?: ReasoningOptions;
  readonly responseFormat?: ResponseFormat;
  readonly thinkingExtras?: JsonObject;
  readonly outputExtras?: JsonObject;
}

/** `thinking`, `output_config` and the older `output_format` describe reasoning and the shape of the answer together. */
function decodeOutput(body: JsonObject): DecodedOutput {
  const thinking = isAbsent(body.thinking) ? undefined : requireObject(body.thinking, 'thinking');
  const output = isAbsent(body.output_config) ? {} : requireObject(body.output_config, 'output_config');
  const { effort, format = body.output_format, ...outputRest } = output;
  const outputExtras: JsonObject = outputRest;
  if (!isAbsent(effort) && !EFFORTS.has(effort)) outputExtras.effort = effort;
  let responseFormat: ResponseFormat | undefined;
  if (isObject(format) && format.type === 'json_schema') {
    const { type, schema, ...rest } = format;
    responseFormat = { type: 'json-schema', schema: requireObject(schema, 'output_config.format.schema') };
    if (Object.keys(rest).length > 0) outputExtras.format = rest;
  } else if (!isAbsent(format)) {
    outputExtras.format = format;
  }
  const { extras, ...mode } = decodeThinking(thinking);
  const reasoning: ReasoningOptions = { ...mode, ...(EFFORTS.has(effort) ? { effort: effort as Effort } : {}) };
  return {
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    ...(extras === undefined ? {} : { thinkingExtras: extras }),
    ...(Object.keys(outputExtras).length === 0 ? {} : { outputExtras }),
  };
}

/** A type that the canonical model lacks (`between_tools`) counts as disabled elsewhere and comes back here as it was. */
function decodeThinking(thinking: JsonObject | undefined): Omit<ReasoningOptions, 'effort'> & { extras?: JsonObject } {
  if (thinking === undefined) return {};
  const { type, budget_tokens, display, ...extras } = thinking;
  const options: { -readonly [Key in keyof ReasoningOptions]?: ReasoningOptions[Key] } = {};
  switch (requireString(type, 'thinking.type')) {
    case 'adaptive':
      options.mode = 'adaptive';
      break;
    case 'enabled': {
      const budgetTokens = optionalNumber(budget_tokens, 'thinking.budget_tokens');
      if (budgetTokens === undefined) throw errors.invalidRequest('thinking.budget_tokens: Field required');
      options.mode = 'budget';
      options.budgetTokens = budgetTokens;
      break;
    }
    case 'disabled':
      options.mode = 'disabled';
      break;
    default:
      options.mode = 'disabled';
      extras.type = type;
  }
  if (display === 'summarized' || display === 'omitted') options.display = display;
  else if (!isAbsent(display)) extras.display = display;
  if (type !== 'enabled' && !isAbsent(budget_tokens)) extras.budget_tokens = budget_tokens;
  return Object.keys(extras).length === 0 ? options : { ...options, extras };
}
