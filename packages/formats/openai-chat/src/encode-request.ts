import { createHash } from 'node:crypto';
import type { ChatRequest, JsonObject, TargetContext } from '@signalbox/kit';
import type { Dialect } from './dialect.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeReasoningOptions, REASONING_OBJECTS } from './encode-reasoning.ts';
import { encodeResponseFormat, encodeTools } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';

/**
 * The Chat Completions body for a target. The same request always gives the same bytes, so that prompt caches hold.
 * @throws {SignalboxError} UNSUPPORTED for files that only another provider can read.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext, dialect: Dialect): JsonObject {
  const { notes } = target;
  const reasoning = encodeReasoningOptions(request, dialect, notes);
  const encoding = new Encoding(dialect, target, reasoning.thinking);
  const format = encodeResponseFormat(request.responseFormat, encoding);
  notes.foreignExtensions(request.extensions, ID, '');
  const own = encodeExtensions(request, encoding);
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
  if (dialect.prefill === 'continue_final_message' && request.messages.at(-1)?.role === 'assistant') {
    body.continue_final_message = true;
    body.add_generation_prompt = false;
  }
  const { streamOnly } = dialect;
  if (request.stream || streamOnly === 'always' || (streamOnly === 'thinking' && reasoning.thinking)) {
    body.stream = true;
    if (dialect.streamUsage) body.stream_options = { include_usage: true };
  }
  return body;
}

function takes(dialect: Dialect, parameter: string): boolean {
  return dialect.parameters === 'all' || dialect.parameters.includes(parameter);
}

/** What only this format's clients can say, as far as the provider takes it. */
function encodeExtensions(request: ChatRequest, { dialect, target }: Encoding): JsonObject {
  const own = request.extensions?.[ID];
  const kept: JsonObject = {};
  if (own === undefined) return kept;
  for (const key in own) {
    if (key.startsWith('$')) continue;
    const value = own[key];
    // Read, or noted, where the reasoning options are encoded.
    if (REASONING_OBJECTS.includes(key) && isObject(value)) continue;
    if (key === dialect.thinking && isObject(value)) continue;
    if (takes(dialect, key)) kept[dialect.renames[key] ?? key] = value;
    else target.notes.add(key, 'dropped', 'the provider does not take it');
  }
  return kept;
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
    target.notes.add('userId', 'dropped', 'the provider takes no user id');
    return {};
  }
  const legal = userId.length <= 64 && (userField !== 'user_id' || /^[A-Za-z0-9_-]{6,}$/.test(userId));
  if (legal) return { [userField]: userId };
  target.notes.add('userId', 'mapped', 'sent as its SHA-256');
  return { [userField]: createHash('sha256').update(userId).digest('hex') };
}
