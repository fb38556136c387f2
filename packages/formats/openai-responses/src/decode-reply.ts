import {
  type Block,
  type ChatReply,
  type Extensions,
  errors,
  type JsonObject,
  logProbsDelta,
  newId,
  type ReplyInspection,
  SignalboxError,
  type TargetContext,
  type ToolCallBlock,
  toolCall,
  wordOf,
} from '@signalbox/kit';
import { annotationDelta } from './citations.ts';
import { argumentsOf, calledName, kindOfCall, type ToolKind } from './client-tools.ts';
import { callExtensions } from './decode-input.ts';
import { decodeErrorBody } from './errors.ts';
import { ID, isObject, text } from './fields.ts';
import { decodeReasoningItem } from './reasoning-items.ts';
import { decodeStop } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';
import { searchIn } from './web-search.ts';

/** What of a response object says something about the reply that canonical fields do not. */
const TOLD: readonly string[] = ['service_tier', 'moderation', 'input_transformations'];

/**
 * The canonical reply of a response object.
 * @throws {SignalboxError} MALFORMED_REPLY, EMPTY_REPLY, or what a failed response says.
 */
export function decodeReply(body: JsonObject, target: TargetContext): ChatReply {
  const { usage, error } = inspectReply(body);
  if (error !== undefined) throw error;
  const content: Block[] = [];
  let refused = false;
  for (const item of body.output as JsonObject[string][]) {
    if (!isObject(item)) throw errors.malformedReply('The provider sent an output item that is no object.');
    if (item.type === 'message') refused = addMessage(item, content, target) || refused;
    else content.push(decodeItem(item, target));
  }
  const toolCalls = content.some(({ type }) => type === 'tool-call');
  const stop = decodeStop(body, { toolCalls, refused, content: content.length > 0 }, target.notes);
  if (SignalboxError.is(stop)) throw stop;
  if (content.length === 0 && stop.stopReason === 'end-turn') {
    throw errors.emptyReply('The provider answered without any content.');
  }
  const id = text(body.id);
  const model = text(body.model);
  return {
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    content,
    ...stop,
    ...(usage === undefined ? {} : { usage }),
    ...replyExtras(body),
  };
}

/** Usage and failure of a whole reply that passes through. One in the background may still be on its way. */
export function inspectReply(body: JsonObject): ReplyInspection {
  const usage = decodeUsage(body.usage);
  const { error, output, status } = body;
  if (status === 'failed' || (error !== undefined && error !== null)) {
    return { usage, error: decodeErrorBody(200, {}, isObject(error) ? { error } : { error: error ?? 'It failed.' }) };
  }
  if (Array.isArray(output)) {
    return {
      usage,
      error: isEmpty(body) ? errors.emptyReply('The provider answered without any content.') : undefined,
    };
  }
  return { usage, error: errors.malformedReply('The provider answered without a list of output items.') };
}

/** Whether a response is complete and has said nothing. */
export function isEmpty({ output, status }: JsonObject): boolean {
  if (status !== 'completed' && status !== undefined) return false;
  return !Array.isArray(output) || output.every(saysNothing);
}

/** Whether an item is a message without words; blanks alone are none. */
export function saysNothing(item: JsonObject[string]): boolean {
  if (!isObject(item) || item.type !== 'message') return false;
  const parts = Array.isArray(item.content) ? item.content : [];
  return parts.every((part) => isObject(part) && isBlank(part.text) && isBlank(part.refusal));
}

function isBlank(said: JsonObject[string]): boolean {
  return (text(said) ?? '').trim() === '';
}

export function replyExtras(body: JsonObject): { readonly extensions?: Extensions } {
  let told: JsonObject | undefined;
  for (const key of TOLD) {
    const value = body[key];
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
    told ??= {};
    told[key] = value;
  }
  return told === undefined ? {} : { extensions: { [ID]: told } };
}

/** Adds the texts of a message. @returns whether one of them is a refusal. */
function addMessage({ content: parts, phase }: JsonObject, content: Block[], target: TargetContext): boolean {
  let refused = false;
  for (const part of Array.isArray(parts) ? parts : []) {
    if (!isObject(part)) continue;
    const refusal = text(part.refusal);
    if (refusal !== undefined) refused = true;
    const said = refusal ?? text(part.text);
    if (said === undefined) {
      if (typeof part.text !== 'string') noteLostPart(part, target);
      continue;
    }
    const deltas: JsonObject[] = [];
    if (Array.isArray(part.annotations)) {
      for (const annotation of part.annotations) deltas.push(annotationDelta(annotation));
    }
    if (typeof phase === 'string') deltas.push(phaseDelta(phase));
    if (Array.isArray(part.logprobs) && part.logprobs.length > 0) deltas.push(logProbsDelta(part.logprobs));
    content.push({ type: 'text', text: said, ...(deltas.length === 0 ? {} : { extensions: { [ID]: { deltas } } }) });
  }
  return refused;
}

/**
 * Whether a message was a comment on the way or the final answer; clients of this format send it back. Others have nothing
 * to be told: where it stands says the same.
 */
export function phaseDelta(phase: string): JsonObject {
  return { type: 'phase', phase, $citations: [] };
}

export function noteLostPart({ type }: JsonObject, { notes }: TargetContext): void {
  notes.add('content', 'dropped', `a ${wordOf(type)} part`);
}

/** A whole item that is no message. */
export function decodeItem(item: JsonObject, target: TargetContext): Block {
  if (item.type === 'reasoning') return decodeReasoningItem(item, target.reasoningOrigin);
  const kind = kindOfCall(item);
  if (kind === undefined) return { type: 'opaque', format: ID, value: item, ...searchIn(item) };
  return toolCall(callHead(item, kind, target), argumentsOf(item, kind));
}

/** Id, name and kind of a call. @throws {SignalboxError} MALFORMED_REPLY for one without a name. */
export function callHead(
  item: JsonObject,
  kind: ToolKind,
  { toolNames }: TargetContext,
): Pick<ToolCallBlock, 'id' | 'name' | 'extensions'> {
  const name = calledName(item, kind);
  if (name === '') throw errors.malformedReply('The provider sent a tool call without a name.');
  const own = callExtensions(item, kind);
  return {
    id: text(item.call_id) ?? text(item.id) ?? newId('call_'),
    name: toolNames.original(name),
    ...(own === undefined ? {} : { extensions: { [ID]: own } }),
  };
}
