import {
  type ChatRequest,
  type Effort,
  entryOf,
  errors,
  type HeaderMap,
  type JsonObject,
  type JsonValue,
  keepOwn,
  type Notes,
  type ReasoningOptions,
} from '@signalbox/kit';
import { decodeMessages } from './decode-messages.ts';
import { decodeResponseFormat, decodeToolChoice, decodeTools } from './decode-tools.ts';
import { count, ID, isObject, needArray, needString, optionalBoolean, optionalNumber, text } from './fields.ts';
import { fateOf } from './own-fields.ts';
import { takeSearchFields } from './web-search.ts';

const EFFORTS: Readonly<Record<string, Effort>> = {
  none: 'none',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
};

/** Fields with a place in the canonical model; any other travels in the extensions. */
const KNOWN = new Set(
  `model messages stream stream_options tools functions tool_choice function_call parallel_tool_calls
  max_completion_tokens max_tokens stop temperature top_p top_k response_format reasoning_effort reasoning thinking
  enable_thinking user safety_identifier n`.split(/\s+/),
);

/**
 * The canonical request of a Chat Completions body.
 * @throws {SignalboxError} INVALID_REQUEST that names the field, or UNSUPPORTED for what needs the pass-through lane.
 */
export function decodeRequest(
  body: JsonObject,
  { notes }: { readonly headers: HeaderMap; readonly notes: Notes },
): ChatRequest {
  if (!isObject(body)) throw errors.invalidRequest('The request body must be a JSON object.');
  const model = needString(body.model, 'model');
  if (model === '') throw errors.invalidRequest('model: must not be empty.');
  refuseWhatNeedsPassThrough(body);
  const { system, messages } = decodeMessages(body.messages);
  const tools = decodeTools(body);
  tools.forEach((tool, index) => {
    if (tool.type !== 'function' || tool.extensions?.[ID]?.custom === undefined) return;
    notes.add(`tools[${index}]`, 'mapped', 'a custom tool is a function with the one string "input" here');
  });
  const own: JsonObject = {};
  const reasoning = decodeReasoningOptions(body, own);
  const toolChoice = decodeToolChoice(body);
  const responseFormat = decodeResponseFormat(body.response_format);
  const parallelToolCalls = optionalBoolean(body, 'parallel_tool_calls');
  const maxOutputTokens = optionalNumber(body, 'max_completion_tokens') ?? optionalNumber(body, 'max_tokens');
  const stopSequences = decodeStop(body);
  const temperature = optionalNumber(body, 'temperature');
  const topP = optionalNumber(body, 'top_p');
  const topK = optionalNumber(body, 'top_k');
  const userId = text(body.safety_identifier) ?? text(body.user);
  if (userId !== undefined && text(body.safety_identifier) !== undefined) keepOther(own, 'user', body.user);
  for (const key in body) if (!KNOWN.has(key) && !key.startsWith('$')) keepOther(own, key, body[key]);
  tools.push(...takeSearchFields(own));
  const client = decodeClient(body);
  if (client !== undefined) own.$client = client;
  if (isObject(body.stream_options)) keepRest(own, 'stream_options', body.stream_options, ['include_usage']);
  return {
    model,
    stream: optionalBoolean(body, 'stream') ?? false,
    system,
    messages,
    tools,
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
    ...(Object.keys(own).length === 0 ? {} : { extensions: { [ID]: own } }),
  };
}

function refuseWhatNeedsPassThrough(body: JsonObject): void {
  const n = optionalNumber(body, 'n');
  if (n !== undefined && n !== 1) {
    throw errors.unsupported(
      'n: only one choice can be translated between formats. More need a target that speaks openai-chat itself, without plugins that change the request.',
    );
  }
  if ((Array.isArray(body.modalities) && body.modalities.includes('audio')) || isObject(body.audio)) {
    throw errors.unsupported(
      'modalities: audio output cannot be translated between formats. It needs a target that speaks openai-chat itself, without plugins that change the request.',
    );
  }
}

function decodeStop({ stop }: JsonObject): string[] | undefined {
  if (stop === undefined || stop === null) return undefined;
  if (typeof stop === 'string') return [stop];
  return needArray(stop, 'stop').map((sequence, index) => needString(sequence, `stop[${index}]`));
}

/** How the client wants its answer; the encoder of the reply reads it. */
function decodeClient(body: JsonObject): JsonObject | undefined {
  const includeUsage = isObject(body.stream_options) && body.stream_options.include_usage === true;
  const legacyFunctions = Array.isArray(body.functions);
  if (!includeUsage && !legacyFunctions) return undefined;
  return { ...(includeUsage ? { includeUsage } : {}), ...(legacyFunctions ? { legacyFunctions } : {}) };
}

/**
 * Reads OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, and the switches `thinking` and `enable_thinking`. What
 * they hold beyond the canonical options goes to `own`.
 */
function decodeReasoningOptions(body: JsonObject, own: JsonObject): ReasoningOptions | undefined {
  const reasoning = isObject(body.reasoning) ? body.reasoning : {};
  const thinking = isObject(body.thinking) ? body.thinking : {};
  const word = text(body.reasoning_effort) ?? text(reasoning.effort);
  const effort = entryOf(EFFORTS, word);
  if (word !== undefined && effort === undefined) own.reasoning_effort = word;
  const budgetTokens = count(reasoning.max_tokens) ?? count(thinking.budget_tokens);
  const off =
    effort === 'none' || reasoning.enabled === false || thinking.type === 'disabled' || body.enable_thinking === false;
  const on =
    reasoning.enabled === true ||
    thinking.type === 'enabled' ||
    thinking.type === 'adaptive' ||
    body.enable_thinking === true;
  const mode = off ? 'disabled' : budgetTokens !== undefined ? 'budget' : on ? 'adaptive' : undefined;
  const display = reasoning.exclude === true ? 'omitted' : undefined;
  keepRest(own, 'reasoning', reasoning, ['effort', 'max_tokens', 'enabled', 'exclude']);
  keepRest(own, 'thinking', thinking, ['type', 'budget_tokens']);
  if (effort === undefined && mode === undefined && display === undefined) return undefined;
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined || off ? {} : { budgetTokens }),
    ...(display === undefined ? {} : { display }),
  };
}

function keepRest(own: JsonObject, key: string, value: JsonObject, known: readonly string[]): void {
  for (const name in value) if (!known.includes(name)) keepOther(own, `${key}.${name}`, value[name]);
}

function keepOther(own: JsonObject, path: string, value: JsonValue | undefined): void {
  if (value !== undefined && value !== null) keepOwn(own, path, value, fateOf(path, value));
}
