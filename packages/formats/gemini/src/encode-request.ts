import {
  type ChatRequest,
  describedSchema,
  isAdvice,
  type JsonObject,
  ownFields,
  ownFieldsOf,
  setField,
  type TargetContext,
} from '@signalbox/kit';
import type { GeminiDialect } from './dialect.ts';
import { encodeContents } from './encode-contents.ts';
import { encodeSchema } from './encode-schema.ts';
import { encodeThinking } from './encode-thinking.ts';
import { encodeTools } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { ID } from './fields.ts';
import { encodeJsonSchema } from './json-schema-subset.ts';
import { kinFields } from './kin-fields.ts';
import { originalOf, wasJsonSchema } from './originals.ts';

/** Claude Code's first system block: it differs in each conversation and would spoil every prefix cache. One line, and no more. */
const BILLING_HEADER = /^x-anthropic-billing-header:[^\n]*\n*$/;
const MAX_STOP_SEQUENCES = 5;

/** Entries of the request's own extensions that are written beside what they belong to. */
const HANDLED = /^(?:generationConfig|toolConfig)\./;

/**
 * The body for a target; its model goes into the URL. The same request always gives the same bytes, so that prompt caches
 * hold.
 * @throws {SignalboxError} UNSUPPORTED for media that only another provider can read, or that stand at a URL.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext, dialect: GeminiDialect): JsonObject {
  const encoding = new Encoding(dialect, target, request);
  const kin = kinFields(request.extensions);
  target.notes.foreignExtensions(request.extensions, ID, '', kin.told);
  if (request.userId !== undefined) {
    target.notes.add('userId', 'mapped', 'left out: the provider takes no user id, and the model never sees it');
  }
  const format = encodeFormat(request, encoding);
  const system = encodeSystem(request, format.instruction, encoding);
  const inline = system.length > 0 && !encoding.traits.systemInstruction;
  if (inline)
    target.notes.add('system', 'approximated', 'this model has no system prompt: it begins the first message');
  const { tools, toolConfig } = encodeTools(request, encoding);
  const generationConfig = encodeConfig(
    request,
    { ...(kin.seed === undefined ? {} : { seed: kin.seed }), ...format.fields },
    encoding,
  );
  return {
    contents: encodeContents(request, inline ? system : [], encoding),
    ...(system.length === 0 || inline ? {} : { systemInstruction: { parts: system } }),
    ...(tools === undefined ? {} : { tools }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    ...encodeExtensions(request, encoding),
  };
}

function encodeSystem(request: ChatRequest, instruction: string | undefined, encoding: Encoding): JsonObject[] {
  const parts: JsonObject[] = [];
  request.system.forEach((block, index) => {
    encoding.target.notes.foreignExtensions(block.extensions, ID, `system[${index}]`);
    encoding.noteCache(block, `system[${index}]`);
    if (BILLING_HEADER.test(block.text)) {
      encoding.target.notes.add(`system[${index}]`, 'mapped', 'left out: a billing header, which only Anthropic reads');
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
  const { schema } = responseFormat;
  const described = describedSchema(responseFormat);
  if (refused) {
    const instruction = `Answer with JSON and nothing else. It must be valid against this JSON Schema:\n${JSON.stringify(described)}`;
    return { fields: {}, instruction };
  }
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
    losses,
  } = encoding.traits.thinking === 'none'
    ? encodeSchema(described)
    : { kind: 'json-schema', ...encodeJsonSchema(described) };
  losses.note('responseFormat.schema', encoding);
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
  const stop = encodeStop(request, encoding);
  if (stop !== undefined) config.stopSequences = stop;
  Object.assign(config, format);
  const own = ownFieldsOf(request.extensions, ID, 'generationConfig');
  for (const key in own) if (!key.startsWith('thinkingConfig.')) setField(config, key, own[key]);
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
  const own = extensions?.[ID] ?? {};
  for (const [path, value] of ownFields(extensions, ID)) {
    if (HANDLED.test(path)) continue;
    if (dialect.fields.includes(path)) kept[path] = value;
    // What is so anyway is no loss here either.
    else if (own[path] !== undefined) {
      target.notes.add(path, isAdvice(own, path) ? 'mapped' : 'dropped', 'the server does not take it');
    }
  }
  return kept;
}
