import type { ChatRequest, JsonObject, JsonValue, TargetContext } from '@signalbox/kit';
import type { GeminiDialect } from './dialect.ts';
import { encodeContents } from './encode-contents.ts';
import { encodeSchema } from './encode-schema.ts';
import { encodeThinking } from './encode-thinking.ts';
import { encodeTools, noteLost } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { count, ID, isObject } from './fields.ts';
import { encodeJsonSchema } from './json-schema-subset.ts';
import { originalOf, wasJsonSchema } from './originals.ts';

/** Claude Code's first system block: it differs in each conversation and would spoil every prefix cache. */
const BILLING_HEADER = 'x-anthropic-billing-header:';
const MAX_STOP_SEQUENCES = 5;

/** Entries of the request's own extensions that are written beside what they belong to. */
const HANDLED: ReadonlySet<string> = new Set(['generationConfig', 'toolConfig']);
const CHAT = 'openai-chat';

/**
 * The body for a target; its model goes into the URL. The same request always gives the same bytes, so that prompt caches
 * hold.
 * @throws {SignalboxError} UNSUPPORTED for media that only another provider can read, or that stand at a URL.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext, dialect: GeminiDialect): JsonObject {
  const encoding = new Encoding(dialect, target, request);
  noteForeign(request, encoding);
  const format = encodeFormat(request, encoding);
  const system = encodeSystem(request, format.instruction, encoding);
  const inline = system.length > 0 && !encoding.traits.systemInstruction;
  if (inline)
    target.notes.add('system', 'approximated', 'this model has no system prompt: it begins the first message');
  const { tools, toolConfig } = encodeTools(request, encoding);
  const generationConfig = encodeConfig(request, format.fields, encoding);
  return {
    contents: encodeContents(request, inline ? system : [], encoding),
    ...(system.length === 0 || inline ? {} : { systemInstruction: { parts: system } }),
    ...(tools === undefined ? {} : { tools }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    ...encodeExtensions(request, encoding),
  };
}

function noteForeign({ extensions, userId }: ChatRequest, { target: { notes } }: Encoding): void {
  for (const format in extensions) {
    if (format === ID) continue;
    for (const key in extensions[format]) {
      const value = extensions[format][key];
      if (value === undefined || key.startsWith('$') || (format === CHAT && isMapped(key, value))) continue;
      notes.add(key, 'dropped', `only ${format} has it`);
    }
  }
  if (userId !== undefined) notes.add('userId', 'dropped', 'the provider takes no user id');
}

/** What a Chat client's own fields say and this format can say, too. */
function isMapped(key: string, value: JsonValue): boolean {
  return key === 'seed' && count(value) !== undefined;
}

function encodeSystem(request: ChatRequest, instruction: string | undefined, encoding: Encoding): JsonObject[] {
  const parts: JsonObject[] = [];
  request.system.forEach((block, index) => {
    encoding.target.notes.foreignExtensions(block.extensions, ID, `system[${index}]`);
    encoding.noteCache(block);
    if (block.text.startsWith(BILLING_HEADER)) {
      encoding.target.notes.add(`system[${index}]`, 'dropped', 'a billing header that only Anthropic reads');
    } else if (block.text !== '') {
      parts.push({ text: block.text });
    }
  });
  if (instruction !== undefined) parts.push({ text: instruction });
  return parts;
}

interface EncodedFormat {
  readonly fields: JsonObject;
  readonly instruction?: string;
}

/** The wished shape of the answer; in words where older models cannot take it beside functions. */
function encodeFormat({ responseFormat, tools }: ChatRequest, encoding: Encoding): EncodedFormat {
  if (responseFormat === undefined) return { fields: {} };
  const { notes } = encoding.target;
  const fields: JsonObject = { responseMimeType: 'application/json' };
  const refused = tools.some(({ type }) => type === 'function') && !encoding.traits.mixes && !encoding.ownClient;
  if (refused) notes.add('responseFormat', 'approximated', 'this model takes it in words only beside functions');
  if (responseFormat.type === 'json-object') {
    return refused ? { fields: {}, instruction: 'Answer with one JSON object and nothing else.' } : { fields };
  }
  const { schema, name, description } = responseFormat;
  if (refused) {
    const instruction = `Answer with JSON and nothing else. It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`;
    return { fields: {}, instruction };
  }
  if (name !== undefined) notes.add('responseFormat.name', 'dropped', 'a schema has no name here');
  if (description !== undefined) notes.add('responseFormat.description', 'dropped', 'a schema has no description here');
  const original = originalOf(schema);
  if (original !== undefined) {
    return {
      fields: {
        ...fields,
        ...(wasJsonSchema(schema) ? { responseJsonSchema: original } : { responseSchema: original }),
      },
    };
  }
  // Models before 2.5 know the older field only.
  const {
    kind,
    schema: wire,
    lost,
  } = encoding.traits.thinking === 'none' ? encodeSchema(schema) : { kind: 'json-schema', ...encodeJsonSchema(schema) };
  noteLost(lost, 'responseFormat.schema', encoding);
  return { fields: { ...fields, ...(kind === 'schema' ? { responseSchema: wire } : { responseJsonSchema: wire }) } };
}

function encodeConfig(request: ChatRequest, format: JsonObject, encoding: Encoding): JsonObject {
  const config: JsonObject = {};
  const { notes } = encoding.target;
  const { maxOutputTokens } = request;
  for (const key of ['temperature', 'topP', 'topK'] as const) {
    const value = request[key];
    if (value === undefined) continue;
    if (encoding.traits.sampling) config[key] = value;
    else notes.add(key, 'dropped', 'this model does not heed it');
  }
  if (maxOutputTokens !== undefined) config.maxOutputTokens = maxOutputTokens;
  const seed = count(request.extensions?.[CHAT]?.seed);
  if (seed !== undefined) config.seed = seed;
  const stop = encodeStop(request, encoding);
  if (stop !== undefined) config.stopSequences = stop;
  Object.assign(config, format);
  const own = request.extensions?.[ID]?.generationConfig;
  if (isObject(own)) {
    const { thinkingConfig: _, ...rest } = own;
    Object.assign(config, rest);
  }
  const thinking = encodeThinking(request, encoding);
  if (thinking !== undefined) config.thinkingConfig = thinking;
  return config;
}

/** As many stop sequences as Gemini takes; the gateway watches for the others itself. */
function encodeStop({ stopSequences }: ChatRequest, { target }: Encoding): string[] | undefined {
  if (stopSequences === undefined) return undefined;
  const sequences = stopSequences.filter((sequence) => sequence !== '');
  const enforced = sequences.slice(MAX_STOP_SEQUENCES);
  if (enforced.length > 0) {
    target.notes.add('stopSequences', 'mapped', `the gateway enforces ${enforced.length} of them on the reply`);
    target.enforceStopSequences(enforced);
  }
  return sequences.length === 0 ? undefined : sequences.slice(0, MAX_STOP_SEQUENCES);
}

/** What only this format's clients can say. A server of Google's refuses fields that it does not know. */
function encodeExtensions({ extensions }: ChatRequest, { dialect, target }: Encoding): JsonObject {
  const kept: JsonObject = {};
  const own = extensions?.[ID];
  for (const key in own) {
    if (key.startsWith('$') || HANDLED.has(key) || own[key] === undefined) continue;
    if (dialect.fields.includes(key)) kept[key] = own[key];
    else target.notes.add(key, 'dropped', 'the server does not take it');
  }
  return kept;
}
