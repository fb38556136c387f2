import {
  type Block,
  type ChatReply,
  errors,
  type JsonObject,
  type JsonValue,
  newId,
  SignalboxError,
  type TargetContext,
  toolCall,
  type Usage,
} from '@signalbox/kit';
import { rawArguments, thinkingText } from './decode-messages.ts';
import { detailsText } from './decode-reasoning.ts';
import type { Dialect } from './dialect.ts';
import { decodeErrorBody } from './errors.ts';
import { ID, isObject, text } from './fields.ts';
import { decodeStopReason } from './stop-reason.ts';
import { ThinkTags } from './think-tags.ts';
import { decodeUsage, findUsage } from './usage.ts';

/** Says whose reasoning it is where the provider gives no state of its own. */
export const NO_STATE: JsonValue = Object.freeze({});

/**
 * The canonical reply of a Chat Completions answer, of its first choice.
 * @throws {SignalboxError} MALFORMED_REPLY, EMPTY_REPLY, or what an error inside a 200 says.
 */
export function decodeReply(body: JsonObject, target: TargetContext, dialect: Dialect): ChatReply {
  if (!isObject(body)) throw errors.malformedReply('The provider answered with JSON that is no object.');
  if (isError(body.error)) throw decodeErrorBody(200, {}, body, dialect);
  const choices = Array.isArray(body.choices) ? body.choices : [];
  const [choice] = choices;
  // Flat error bodies (Mistral, vLLM) have no `error` inside.
  if (!isObject(choice) && (body.object === 'error' || body.detail !== undefined))
    throw decodeErrorBody(200, {}, body, dialect);
  if (!isObject(choice) || !isObject(choice.message)) {
    throw errors.malformedReply('The provider answered without a choice that holds a message.');
  }
  if (isError(choice.error)) throw decodeErrorBody(200, {}, { error: choice.error }, dialect);
  if (choices.length > 1) target.notes.add('choices', 'dropped', 'only the first choice is kept');
  if (isObject(choice.logprobs))
    target.notes.add('choices[0].logprobs', 'dropped', 'log probabilities are not translated');
  const { message } = choice;
  const content = decodeBlocks(message, target, dialect);
  const word = text(choice.finish_reason);
  const stopSequence = text(choice.stop_reason);
  const reason = decodeStopReason(word ?? 'stop', dialect, {
    toolCalls: content.some((block) => block.type === 'tool-call'),
    refused: text(message.refusal) !== undefined,
  });
  if (SignalboxError.is(reason)) throw reason;
  if (content.length === 0 && reason === 'end-turn')
    throw errors.emptyReply('The provider answered without any content.');
  const id = text(body.id);
  const model = text(body.model);
  const usage = readUsage(body, dialect);
  return {
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    content,
    stopReason: stopSequence !== undefined && reason === 'end-turn' ? 'stop-sequence' : reason,
    ...(word === undefined ? {} : { rawStopReason: word }),
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** `error` is on some healthy replies as `null`, `""` or `{}`. */
export function isError(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false;
  return !isObject(value) || Object.keys(value).length > 0;
}

export function readUsage(body: JsonObject, dialect: Dialect): Usage | undefined {
  const usage = findUsage(body);
  if (usage === undefined) return undefined;
  return dialect.decodeUsage === undefined ? decodeUsage(usage) : dialect.decodeUsage(usage);
}

function decodeBlocks(message: JsonObject, target: TargetContext, dialect: Dialect): Block[] {
  const blocks: Block[] = [];
  const addReasoning = (part: string, data: JsonValue = NO_STATE): void => {
    const last = blocks.at(-1);
    if (last?.type === 'reasoning' && data === NO_STATE)
      blocks[blocks.length - 1] = { ...last, text: last.text + part };
    else blocks.push({ type: 'reasoning', text: part, state: { origin: target.reasoningOrigin, data } });
  };
  const addText = (part: string): void => {
    if (part === '') return;
    const last = blocks.at(-1);
    if (last?.type === 'text') blocks[blocks.length - 1] = { ...last, text: last.text + part };
    else blocks.push({ type: 'text', text: part });
  };
  const details = Array.isArray(message.reasoning_details) ? message.reasoning_details : [];
  const plain = text(message.reasoning_content) ?? text(message.reasoning) ?? detailsText(details);
  if (details.length > 0) addReasoning(plain, details);
  else if (plain !== '') addReasoning(plain);
  const tags = dialect.reasoningInContent ? new ThinkTags(addReasoning, addText) : undefined;
  readContent(message.content, addReasoning, (part) => (tags === undefined ? addText(part) : tags.push(part)), target);
  tags?.end();
  addText(text(message.refusal) ?? '');
  const last = blocks.at(-1);
  if (Array.isArray(message.annotations) && message.annotations.length > 0) {
    if (last?.type === 'text') {
      blocks[blocks.length - 1] = { ...last, extensions: { [ID]: { deltas: [{ annotations: message.annotations }] } } };
    } else {
      target.notes.add('annotations', 'dropped', 'there is no text that they could belong to');
    }
  }
  noteLosses(message, target);
  return [...blocks, ...decodeCalls(message, target)];
}

/** Reads `content` of a reply: a string, or Mistral's parts. */
export function readContent(
  content: JsonValue | undefined,
  addReasoning: (text: string) => void,
  addText: (text: string) => void,
  target: TargetContext,
): void {
  if (typeof content === 'string') {
    if (content !== '') addText(content);
    return;
  }
  if (!Array.isArray(content)) return;
  for (const part of content) {
    if (typeof part === 'string') addText(part);
    else if (!isObject(part)) continue;
    else if (part.type === 'thinking') addReasoning(thinkingText(part.thinking));
    else if (typeof part.text === 'string') addText(part.text);
    else target.notes.add('content', 'dropped', `a ${String(part.type)} part`);
  }
}

export function noteLosses(message: JsonObject, target: TargetContext): void {
  for (const key of ['images', 'audio']) {
    const value = message[key];
    if (isObject(value) || (Array.isArray(value) && value.length > 0)) {
      target.notes.add(key, 'dropped', `${key} in replies are not translated`);
    }
  }
}

function decodeCalls(message: JsonObject, target: TargetContext): Block[] {
  const ids = new CallIds();
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  const legacy: JsonValue[] = isObject(message.function_call) ? [{ function: message.function_call }] : [];
  return [...calls, ...(calls.length === 0 ? legacy : [])].map((value) => {
    const call = isObject(value) ? value : {};
    const custom = isObject(call.custom) ? call.custom : undefined;
    const fn = custom ?? (isObject(call.function) ? call.function : {});
    const name = text(fn.name);
    if (name === undefined) throw errors.malformedReply('The provider sent a tool call without a name.');
    const raw =
      custom === undefined ? rawArguments(fn.arguments) : JSON.stringify({ input: String(custom.input ?? '') });
    return toolCall({ id: ids.claim(text(call.id)), name: target.toolNames.original(name) }, raw);
  });
}

/** The ids of one reply's calls: the provider's own where it gives one that is new. */
export class CallIds {
  readonly #seen = new Set<string>();

  claim(id: string | undefined): string {
    if (id === undefined || this.#seen.has(id)) return newId('call_');
    this.#seen.add(id);
    return id;
  }
}
