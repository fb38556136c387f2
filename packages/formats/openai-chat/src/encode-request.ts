import { createHash } from 'node:crypto';
import {
  type ChatRequest,
  entryOf,
  isAdvice,
  type JsonObject,
  type Notes,
  ownFields,
  ownFieldsOf,
  setField,
  type TargetContext,
} from '@signalbox/kit';
import type { Dialect } from './dialect.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeReasoningOptions } from './encode-reasoning.ts';
import { encodeResponseFormat, encodeTools } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';
import { kinFields } from './kin-fields.ts';

const HANDLED = /^(?:reasoning|thinking|stream_options)\./;

/**
 * The Chat Completions body for a target. The same request always gives the same bytes, so that prompt caches hold.
 * @throws {SignalboxError} UNSUPPORTED for files that only another provider can read.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext, dialect: Dialect): JsonObject {
  const { notes } = target;
  const reasoning = encodeReasoningOptions(request, dialect, notes);
  const goesOn = request.messages.at(-1)?.role === 'assistant';
  const encoding = new Encoding(dialect, target, reasoning.thinking, goesOn);
  const format = encodeResponseFormat(request.responseFormat, encoding);
  const own = { ...encodeKin(request, encoding), ...encodeExtensions(request, encoding) };
  const body: JsonObject = {
    ...dialect.extraBody,
    ...own,
    model: target.model,
    messages: encodeMessages(request, format.instruction === undefined ? [] : [format.instruction], encoding),
  };
  const maxTokens = request.maxOutputTokens ?? dialect.defaultMaxTokens;
  if (maxTokens !== undefined) body[dialect.maxTokensField] = maxTokens;
  Object.assign(body, encodeSampling(request, encoding), reasoning.fields, format.fields);
  encodeStop(request, body, encoding);
  Object.assign(body, encodeTools(request, encoding), encodeUser(request, encoding));
  encoding.strict.leaveOutNulls();
  if (dialect.prefill === 'continue_final_message' && goesOn) {
    body.continue_final_message = true;
    body.add_generation_prompt = false;
  }
  const { streamOnly } = dialect;
  if (request.stream || streamOnly === 'always' || (streamOnly === 'thinking' && reasoning.thinking)) {
    body.stream = true;
    const options = streamOptions(request, encoding);
    if (options !== undefined) body.stream_options = options;
  }
  return body;
}

function takes(dialect: Dialect, parameter: string): boolean {
  return dialect.parameters === 'all' || dialect.parameters.includes(parameter);
}

/** What clients of other formats say in fields of their own that this format has, too, as far as the provider takes it. */
function encodeKin({ extensions }: ChatRequest, { dialect, target }: Encoding): JsonObject {
  const fields: JsonObject = {};
  const told: Record<string, string[]> = {};
  for (const { format, path, name, value } of kinFields(extensions)) {
    told[format] = [...(told[format] ?? []), path];
    if (takes(dialect, name)) setField(fields, entryOf(dialect.renames, name) ?? name, value);
    else noteUntaken(extensions?.[format], path, target.notes);
  }
  target.notes.foreignExtensions(extensions, ID, '', told);
  return fields;
}

function noteUntaken(own: JsonObject | undefined, path: string, notes: Notes): void {
  notes.add(path, isAdvice(own ?? {}, path) ? 'mapped' : 'dropped', 'the provider does not take it');
}

/** What only this format's clients can say, as far as the provider takes it. */
function encodeExtensions({ extensions }: ChatRequest, { dialect, target }: Encoding): JsonObject {
  const own = extensions?.[ID];
  const kept: JsonObject = {};
  if (own === undefined) return kept;
  for (const [path, value] of ownFields(extensions, ID)) {
    // Written, or noted, with what they belong to.
    if (HANDLED.test(path) || (path === dialect.thinking && isObject(value))) continue;
    if (takes(dialect, path)) setField(kept, entryOf(dialect.renames, path) ?? path, value);
    // What is so anyway is no loss here either.
    else if (own[path] !== undefined) noteUntaken(own, path, target.notes);
  }
  return kept;
}

/** `stream_options`: the gateway's own wish for usage, and what else a client of this format says about its stream. */
function streamOptions({ extensions }: ChatRequest, { dialect, target }: Encoding): JsonObject | undefined {
  const options = ownFieldsOf(extensions, ID, 'stream_options');
  if (!takes(dialect, 'stream_options')) {
    for (const key in options) {
      noteUntaken(extensions?.[ID], `stream_options.${key}`, target.notes);
      delete options[key];
    }
  }
  if (dialect.streamUsage) options.include_usage = true;
  return Object.keys(options).length === 0 ? undefined : options;
}

function encodeSampling(request: ChatRequest, { dialect, target }: Encoding): JsonObject {
  const fields: JsonObject = {};
  const add = (key: string, path: string, value: number | undefined): void => {
    if (value === undefined) return;
    if (takes(dialect, key)) fields[dialect.renames[key] ?? key] = value;
    else target.notes.add(path, 'dropped', 'the provider does not take it');
  };
  const { temperature } = request;
  if (temperature !== undefined && temperature > dialect.maxTemperature && takes(dialect, 'temperature')) {
    target.notes.add('temperature', 'approximated', `clamped to ${dialect.maxTemperature}`);
    add('temperature', 'temperature', dialect.maxTemperature);
  } else {
    add('temperature', 'temperature', temperature);
  }
  add('top_p', 'topP', request.topP);
  add('top_k', 'topK', request.topK);
  return fields;
}

/** As many stop sequences as the provider takes; the gateway watches for the others itself. */
function encodeStop(request: ChatRequest, body: JsonObject, { dialect, target }: Encoding): void {
  const sequences = (request.stopSequences ?? []).filter((sequence) => sequence !== '');
  const sent = sequences.slice(0, dialect.maxStopSequences);
  const enforced = sequences.slice(dialect.maxStopSequences);
  if (sent.length > 0) body.stop = dialect.maxStopSequences === 1 ? sent[0] : sent;
  if (enforced.length === 0) return;
  target.notes.add('stopSequences', 'mapped', `the gateway enforces ${enforced.length} of them on the reply`);
  target.enforceStopSequences(enforced);
}

function encodeUser({ userId }: ChatRequest, { dialect, target }: Encoding): JsonObject {
  if (userId === undefined) return {};
  const { userField } = dialect;
  if (userField === 'none') {
    target.notes.add('userId', 'mapped', 'left out: the provider takes no user id, and the model never sees it');
    return {};
  }
  const legal = userId.length <= 64 && (userField !== 'user_id' || /^[A-Za-z0-9_-]{6,}$/.test(userId));
  if (legal) return { [userField]: userId };
  target.notes.add('userId', 'mapped', 'sent as its SHA-256');
  return { [userField]: createHash('sha256').update(userId).digest('hex') };
}
