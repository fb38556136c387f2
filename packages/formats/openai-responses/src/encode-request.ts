import { createHash } from 'node:crypto';
import {
  type ChatRequest,
  isAdvice,
  type JsonObject,
  type JsonValue,
  ownFields,
  ownFieldsOf,
  setField,
  type TargetContext,
} from '@signalbox/kit';
import type { ResponsesDialect } from './dialect.ts';
import { encodeInput } from './encode-input.ts';
import { encodeReasoningOptions } from './encode-reasoning.ts';
import { encodeTools } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { ID } from './fields.ts';
import { type KinFields, kinFields } from './kin-fields.ts';
import { backgroundRefusal, refuseForgotten } from './refusal.ts';

const ENCRYPTED = 'reasoning.encrypted_content';
const LOGPROBS = 'message.output_text.logprobs';
/** Of `temperature` and of `top_p`: what models sample with where nothing is said. */
const DEFAULT_SAMPLING = 1;
const NOT_TAKEN = 'the provider does not take it';
const CHAT = 'openai-chat';
/** Own extensions that are written beside what they belong to. */
const HANDLED = /^(?:(?:reasoning|text)\.|include\[|tool_choice$)/;

/**
 * The Responses body for a target. The same request always gives the same bytes, so that prompt caches hold.
 * @throws {SignalboxError} UNSUPPORTED for files that only another provider can read, and for work in the background.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext, dialect: ResponsesDialect): JsonObject {
  // Where the request is not passed through, nobody would know the job by the id that its provider gave it.
  if (request.extensions?.[ID]?.background === true) throw backgroundRefusal();
  refuseForgotten(request);
  const encoding = new Encoding(dialect, target, request);
  const kin = kinFields(request.extensions);
  target.notes.foreignExtensions(request.extensions, ID, '', kin.told);
  const { instructions, input } = encodeInput(request, encoding);
  const body: JsonObject = { ...encodeExtensions(request, kin, encoding), model: target.model };
  if (instructions !== undefined) body.instructions = instructions;
  body.input = input;
  const { maxOutputTokens } = request;
  if (maxOutputTokens !== undefined) {
    const least = dialect.leastOutputTokens;
    body.max_output_tokens = Math.max(least, maxOutputTokens);
    if (maxOutputTokens < least) target.notes.add('maxOutputTokens', 'approximated', `raised to the least, ${least}`);
  }
  Object.assign(
    body,
    encodeSampling(request, encoding),
    encodeReasoningOptions(request, encoding),
    encodeText(request, kin, encoding),
    encodeTools(request, encoding),
    encodeInclude(request, kin, encoding),
    encodeUser(request, encoding),
  );
  encoding.strict.leaveOutNulls();
  const sequences = (request.stopSequences ?? []).filter((sequence) => sequence !== '');
  if (sequences.length > 0) {
    target.notes.add('stopSequences', 'mapped', 'the gateway enforces them on the reply');
    target.enforceStopSequences(sequences);
  }
  if (request.stream) body.stream = true;
  return body;
}

/** What only this format's clients can say, or Chat's in the same words, as far as the provider takes it. */
function encodeExtensions({ extensions }: ChatRequest, kin: KinFields, encoding: Encoding): JsonObject {
  const { dialect, target, ownClient } = encoding;
  const kept: JsonObject = {};
  const keep = (key: string, value: JsonValue, of: JsonObject | undefined): void => {
    if (encoding.takes(key)) setField(kept, key, value);
    else if (of !== undefined) target.notes.add(key, isAdvice(of, key) ? 'mapped' : 'dropped', NOT_TAKEN);
  };
  const own = extensions?.[ID] ?? {};
  // What is harmless is no loss here either.
  for (const [path, value] of ownFields(extensions, ID))
    if (!HANDLED.test(path)) keep(path, value, own[path] === undefined ? undefined : own);
  for (const key in kin.fields) keep(key, kin.fields[key] ?? null, extensions?.[CHAT] ?? {});
  // What is stored could not be asked for through a client of another format.
  if (!ownClient && dialect.storeSwitch) kept.store ??= false;
  return kept;
}

function encodeSampling({ temperature, topP, topK }: ChatRequest, { dialect, target }: Encoding): JsonObject {
  const { notes } = target;
  if (topK !== undefined) notes.add('topK', 'dropped', 'this format has no such field');
  if (!dialect.sampling) {
    const said = { temperature, topP };
    for (const [path, value] of Object.entries(said)) {
      if (value !== undefined && value !== DEFAULT_SAMPLING)
        notes.add(path, 'dropped', 'the model takes no sampling parameters');
    }
    return {};
  }
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
  };
}

/** `text`: the shape of the answer, and how much of it is wanted. */
function encodeText(
  { responseFormat: format, extensions }: ChatRequest,
  kin: KinFields,
  encoding: Encoding,
): JsonObject {
  const text: JsonObject = { ...ownFieldsOf(extensions, ID, 'text'), ...kin.text };
  if (format?.type === 'json-object') text.format = { type: 'json_object' };
  if (format?.type === 'json-schema') {
    const { name = 'response', description, schema, strict = true } = format;
    // What a client of this format wrote is strict as it is.
    const said =
      strict && !encoding.ownClient ? encoding.strict.encode(schema, 'responseFormat.schema', 'object') : schema;
    if (typeof said === 'string') {
      encoding.target.notes.add('responseFormat.strict', 'dropped', `the schema cannot be strict: ${said}`);
    }
    text.format = {
      type: 'json_schema',
      name: /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64),
      ...(description === undefined ? {} : { description }),
      schema: typeof said === 'string' ? schema : said,
      strict: strict && typeof said !== 'string',
    };
  }
  return Object.keys(text).length === 0 ? {} : { text };
}

function encodeInclude({ extensions }: ChatRequest, kin: KinFields, encoding: Encoding): JsonObject {
  const { dialect, target, ownClient } = encoding;
  if (!ownClient) {
    const wanted = [
      ...(dialect.reasoning && dialect.encryptedReasoning ? [ENCRYPTED] : []),
      ...(kin.logprobs ? [LOGPROBS] : []),
    ];
    return wanted.length === 0 ? {} : { include: wanted };
  }
  const include = extensions?.[ID]?.$include;
  if (!Array.isArray(include)) return {};
  const taken = include.filter((name) => dialect.reasoning || name !== ENCRYPTED);
  if (taken.length < include.length) target.notes.add('include', 'dropped', 'the model does not reason');
  return taken.length === 0 && include.length > 0 ? {} : { include: taken };
}

function encodeUser({ userId, extensions }: ChatRequest, { target, ownClient }: Encoding): JsonObject {
  if (userId === undefined) return {};
  const field = extensions?.[ID]?.$userField === 'user' ? 'user' : 'safety_identifier';
  if (userId.length <= 64 || ownClient) return { [field]: userId };
  target.notes.add('userId', 'mapped', 'sent as its SHA-256');
  return { [field]: createHash('sha256').update(userId).digest('hex') };
}
