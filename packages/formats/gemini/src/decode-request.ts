import {
  type ChatRequest,
  type Effort,
  entryOf,
  errors,
  type Format,
  type JsonObject,
  type JsonValue,
  keepOwn,
  type ReasoningOptions,
  type ResponseFormat,
} from '@signalbox/kit';
import { decodeContents, decodeSystem } from './decode-contents.ts';
import { decodeJsonSchema } from './decode-json-schema.ts';
import { decodeSchema } from './decode-schema.ts';
import { decodeToolConfig, decodeTools, needSchema } from './decode-tools.ts';
import {
  camel,
  extrasOf,
  ID,
  isAbsent,
  isObject,
  needArray,
  needObject,
  needString,
  optionalNumber,
  text,
} from './fields.ts';
import { fateOf } from './own-fields.ts';

const BODY: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
]);
const CONFIG: ReadonlySet<string> = new Set([
  'temperature',
  'topP',
  'topK',
  'maxOutputTokens',
  'stopSequences',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'thinkingConfig',
]);
const THINKING: ReadonlySet<string> = new Set(['includeThoughts', 'thinkingBudget', 'thinkingLevel']);
const EFFORTS: Readonly<Record<string, Effort>> = { MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high' };

type ClientOptions = Parameters<Format['decodeRequest']>[1];

/**
 * Decodes the body of `generateContent`, `streamGenerateContent` or `countTokens`. What the canonical model does not know
 * goes to `extensions.gemini`; that entry is always there, empty or not, and says that a client of this format wrote the
 * request.
 * @throws {SignalboxError} INVALID_REQUEST that names the field, UNSUPPORTED for several candidates.
 */
export function decodeRequest(body: JsonObject, client: ClientOptions): ChatRequest {
  if (!isObject(body)) throw errors.invalidRequest('The request body must be a JSON object.');
  const outer = camel(body);
  // A token count may hold the whole request, with its system instruction and tools.
  const counted = client.operation === 'count-tokens' && isObject(outer.generateContentRequest);
  const wire = counted ? camel(outer.generateContentRequest as JsonObject) : outer;
  const model = client.model ?? text(wire.model)?.replace(/^models\//, '');
  if (model === undefined || model === '') throw errors.invalidRequest('model: the path must name one.');
  const config = isAbsent(wire.generationConfig) ? {} : needObject(wire.generationConfig, 'generationConfig');
  const candidates = optionalNumber(config.candidateCount, 'generationConfig.candidateCount') ?? 1;
  if (candidates > 1) {
    throw errors.unsupported(
      'generationConfig.candidateCount: only one candidate can be translated between formats. More need a target that speaks gemini itself, without plugins that change the request.',
    );
  }
  const { reasoning, extras: thinkingConfig } = decodeThinking(config.thinkingConfig);
  const { toolChoice, extras: toolConfig } = decodeToolConfig(wire.toolConfig);
  const own: JsonObject = {};
  keepExtras(own, '', extrasOf(wire, BODY));
  keepExtras(own, 'generationConfig.', { ...extrasOf(config, CONFIG), ...oddMimeType(config.responseMimeType) });
  keepExtras(own, 'generationConfig.thinkingConfig.', thinkingConfig);
  const { functionCallingConfig, ...otherConfig } = toolConfig ?? {};
  keepExtras(own, 'toolConfig.', otherConfig);
  if (isObject(functionCallingConfig)) keepExtras(own, 'toolConfig.functionCallingConfig.', functionCallingConfig);
  if (wantsArray(client.query)) own.$array = true;
  const responseFormat = decodeResponseFormat(config);
  const stopSequences = decodeStop(config.stopSequences);
  const maxOutputTokens = optionalNumber(config.maxOutputTokens, 'generationConfig.maxOutputTokens');
  const temperature = optionalNumber(config.temperature, 'generationConfig.temperature');
  const topP = optionalNumber(config.topP, 'generationConfig.topP');
  const topK = optionalNumber(config.topK, 'generationConfig.topK');
  return {
    model,
    stream: client.stream ?? false,
    system: decodeSystem(wire.systemInstruction),
    messages: decodeContents(wire.contents),
    tools: decodeTools(wire.tools),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    extensions: { [ID]: own },
  };
}

function keepExtras(own: JsonObject, under: string, extras: JsonObject | undefined): void {
  for (const key in extras) {
    const value = extras[key];
    if (!isAbsent(value) && !key.startsWith('$')) keepOwn(own, under + key, value, fateOf(under + key, value));
  }
}

/** Without `alt=sse` Google answers a stream as one JSON array that grows. */
function wantsArray(query: string | undefined): boolean {
  return query !== undefined && !/(?:^|&)(?:%24|\$)?alt=sse(?:&|$)/.test(query);
}

function decodeThinking(value: JsonValue | undefined): { reasoning?: ReasoningOptions; extras?: JsonObject } {
  if (isAbsent(value)) return {};
  const config = needObject(value, 'generationConfig.thinkingConfig');
  const budget = optionalNumber(config.thinkingBudget, 'generationConfig.thinkingConfig.thinkingBudget');
  const level = text(config.thinkingLevel)?.toUpperCase();
  const effort = entryOf(EFFORTS, level);
  const reasoning: ReasoningOptions = {
    ...(budget === undefined
      ? {}
      : budget === 0
        ? { mode: 'disabled' }
        : budget < 0
          ? { mode: 'adaptive' }
          : { mode: 'budget', budgetTokens: budget }),
    ...(effort === undefined ? {} : { effort }),
    ...(isAbsent(config.includeThoughts)
      ? {}
      : { display: config.includeThoughts === true ? ('summarized' as const) : ('omitted' as const) }),
  };
  const extras = {
    ...extrasOf(config, THINKING),
    ...(level !== undefined && effort === undefined ? { thinkingLevel: level } : {}),
  };
  return {
    ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
    ...(Object.keys(extras).length === 0 ? {} : { extras }),
  };
}

/** Text is the default and says nothing; a type that is neither text nor JSON (`text/x.enum`) only this format knows. */
function oddMimeType(value: JsonValue | undefined): JsonObject {
  const type = text(value);
  return type === undefined || type === 'text/plain' || type === 'application/json' ? {} : { responseMimeType: type };
}

function decodeResponseFormat(config: JsonObject): ResponseFormat | undefined {
  if (!isAbsent(config.responseSchema)) {
    const schema = decodeSchema(needSchema(config.responseSchema, 'generationConfig.responseSchema'));
    return { type: 'json-schema', schema };
  }
  if (!isAbsent(config.responseJsonSchema)) {
    const schema = needSchema(config.responseJsonSchema, 'generationConfig.responseJsonSchema');
    return { type: 'json-schema', schema: decodeJsonSchema(schema) };
  }
  return config.responseMimeType === 'application/json' ? { type: 'json-object' } : undefined;
}

function decodeStop(value: JsonValue | undefined): string[] | undefined {
  if (isAbsent(value)) return undefined;
  const path = 'generationConfig.stopSequences';
  return needArray(value, path).map((item, index) => needString(item, `${path}[${index}]`));
}
