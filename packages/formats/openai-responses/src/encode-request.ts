import { createHash } from 'node:crypto';
import type { ChatRequest, Extensions, JsonObject, JsonValue, TargetContext } from '@signalbox/kit';
import type { ResponsesDialect } from './dialect.ts';
import { encodeInput } from './encode-input.ts';
import { encodeReasoningOptions } from './encode-reasoning.ts';
import { encodeTools } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';
import { isStrictSchema } from './strict-schema.ts';

const ENCRYPTED = 'reasoning.encrypted_content';
const CHAT = 'openai-chat';
/** Fields that Chat Completions has under the same name with the same meaning. */
const SHARED: ReadonlySet<string> = new Set([
  'metadata',
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'service_tier',
  'store',
]);
/** Chat's fields that are read elsewhere. */
const READ: ReadonlySet<string> = new Set(['verbosity']);
/** Own extensions that are written beside what they belong to. */
const HANDLED: ReadonlySet<string> = new Set(['reasoning', 'text', 'tool_choice', 'include']);

/**
 * The Responses body for a target. The same request always gives the same bytes, so that prompt caches hold.
 * @throws {SignalboxError} UNSUPPORTED for files that only another provider can read.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext, dialect: ResponsesDialect): JsonObject {
  const encoding = new Encoding(dialect, target, request);
  noteForeignFields(request.extensions, target);
  const { instructions, input } = encodeInput(request, encoding);
  const body: JsonObject = { ...encodeExtensions(request, encoding), model: target.model };
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
    encodeText(request, encoding),
    encodeTools(request, encoding),
    encodeInclude(request, encoding),
    encodeUser(request, encoding),
  );
  const sequences = (request.stopSequences ?? []).filter((sequence) => sequence !== '');
  if (sequences.length > 0) {
    target.notes.add('stopSequences', 'mapped', 'the gateway enforces them on the reply');
    target.enforceStopSequences(sequences);
  }
  if (request.stream) body.stream = true;
  return body;
}

function noteForeignFields(extensions: Extensions | undefined, { notes }: TargetContext): void {
  const chat = extensions?.[CHAT];
  if (chat === undefined) {
    notes.foreignExtensions(extensions, ID, '');
    return;
  }
  const rest = Object.fromEntries(Object.entries(chat).filter(([key]) => !SHARED.has(key) && !READ.has(key)));
  notes.foreignExtensions({ ...extensions, [CHAT]: rest }, ID, '');
}

/** What only this format's clients can say, or Chat's in the same words, as far as the provider takes it. */
function encodeExtensions({ extensions }: ChatRequest, { dialect, target, ownClient }: Encoding): JsonObject {
  const kept: JsonObject = {};
  const keep = (key: string, value: JsonValue | undefined): void => {
    if (dialect.parameters === 'all' || dialect.parameters.includes(key)) kept[key] = value;
    else target.notes.add(key, 'dropped', 'the provider does not take it');
  };
  const own = extensions?.[ID];
  for (const key in own) if (!key.startsWith('$') && !HANDLED.has(key)) keep(key, own[key]);
  if (isObject(own?.$harmless)) Object.assign(kept, own.$harmless);
  const chat = extensions?.[CHAT];
  for (const key in chat) if (SHARED.has(key)) keep(key, chat[key]);
  // What is stored could not be asked for through a client of another format.
  if (!ownClient && dialect.storeSwitch) kept.store ??= false;
  return kept;
}

function encodeSampling({ temperature, topP, topK }: ChatRequest, { dialect, target }: Encoding): JsonObject {
  const { notes } = target;
  if (topK !== undefined) notes.add('topK', 'dropped', 'this format has no such field');
  if (!dialect.sampling) {
    if (temperature !== undefined) notes.add('temperature', 'dropped', 'the model takes no sampling parameters');
    if (topP !== undefined) notes.add('topP', 'dropped', 'the model takes no sampling parameters');
    return {};
  }
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
  };
}

/** `text`: the shape of the answer, and how much of it is wanted. */
function encodeText({ responseFormat: format, extensions }: ChatRequest, { target, ownClient }: Encoding): JsonObject {
  const own = extensions?.[ID]?.text;
  const verbosity = extensions?.[CHAT]?.verbosity;
  const text: JsonObject = { ...(isObject(own) ? own : {}), ...(verbosity === undefined ? {} : { verbosity }) };
  if (format?.type === 'json-object') text.format = { type: 'json_object' };
  if (format?.type === 'json-schema') {
    const { name = 'response', description, schema, strict = true } = format;
    const sendsStrict = strict && (ownClient || isStrictSchema(schema));
    if (strict && !sendsStrict) {
      target.notes.add('responseFormat.strict', 'dropped', 'the schema is not one for strict mode');
    }
    text.format = {
      type: 'json_schema',
      name: /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64),
      ...(description === undefined ? {} : { description }),
      schema,
      strict: sendsStrict,
    };
  }
  return Object.keys(text).length === 0 ? {} : { text };
}

function encodeInclude({ extensions }: ChatRequest, { dialect, target, ownClient }: Encoding): JsonObject {
  if (!ownClient) return dialect.reasoning && dialect.encryptedReasoning ? { include: [ENCRYPTED] } : {};
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
