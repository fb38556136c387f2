import {
  type Block,
  type ChatReply,
  errors,
  type JsonObject,
  type JsonValue,
  newId,
  type ReplyInspection,
  SignalboxError,
  type TargetContext,
  toolCall,
  type Usage,
  wordOf,
} from '@signalbox/kit';
import { besideText, listOf, logProbsOf, NO_TEXT } from './beside-text.ts';
import { rawArguments, thinkingText } from './decode-messages.ts';
import { detailsText } from './decode-reasoning.ts';
import type { Dialect } from './dialect.ts';
import { decodeErrorBody } from './errors.ts';
import { isObject, text } from './fields.ts';
import { ReplyExtras } from './reply-extras.ts';
import { decodeStopReason } from './stop-reason.ts';
import { ThinkTags } from './think-tags.ts';
import { decodeUsage, findUsage } from './usage.ts';

/** Notes that something of this kind in a reply is lost. */
export type NoteLoss = (path: string, reason: string) => void;

/** Says whose reasoning it is where the provider gives no state of its own. */
export const NO_STATE: JsonValue = Object.freeze({});

/**
 * The canonical reply of a Chat Completions answer, of its first choice.
 * @throws {SignalboxError} MALFORMED_REPLY, EMPTY_REPLY, or what an error inside a 200 says.
 */
export function decodeReply(body: JsonObject, target: TargetContext, dialect: Dialect): ChatReply {
  const { usage, error } = inspectReply(body, dialect);
  if (error !== undefined) throw error;
  const choices = body.choices as JsonValue[];
  const [choice] = choices;
  if (!isObject(choice) || !isObject(choice.message)) {
    throw errors.malformedReply('The provider answered without a choice that holds a message.');
  }
  const note: NoteLoss = (path, reason) => target.notes.add(path, 'dropped', reason);
  if (choices.length > 1) note('choices', 'only the first choice is kept');
  noteChoiceLosses(choice, note);
  const extras = new ReplyExtras();
  extras.add(body);
  extras.addChoice(choice);
  const { message } = choice;
  const content = decodeBlocks(message, logProbsOf(choice), target, dialect, note);
  const word = text(choice.finish_reason);
  const stopSequence = text(choice.stop_reason);
  const seen = {
    toolCalls: content.some((block) => block.type === 'tool-call'),
    refused: text(message.refusal) !== undefined,
    // At a stop sequence that comes first there is nothing to say.
    content: content.length > 0 || stopSequence !== undefined,
  };
  const reason = decodeStopReason(word ?? 'stop', dialect, seen, target.notes);
  if (SignalboxError.is(reason)) throw reason;
  const id = text(body.id);
  const model = text(body.model);
  return {
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    content,
    stopReason: stopSequence !== undefined && reason === 'end-turn' ? 'stop-sequence' : reason,
    ...(word === undefined ? {} : { rawStopReason: word }),
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(usage === undefined ? {} : { usage }),
    ...extras.take(),
  };
}

/** `error` is on some healthy replies as `null`, `""` or `{}`. */
export function isError(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false;
  return !isObject(value) || Object.keys(value).length > 0;
}

/** Usage and failure of a whole reply that passes through. */
export function inspectReply(body: JsonObject, dialect: Dialect): ReplyInspection {
  const usage = readUsage(body, dialect);
  if (isError(body.error)) return { usage, error: decodeErrorBody(200, {}, body, dialect) };
  const [choice] = Array.isArray(body.choices) ? body.choices : [];
  if (isObject(choice)) {
    if (isError(choice.error)) return { usage, error: decodeErrorBody(200, {}, { error: choice.error }, dialect) };
    return { usage, error: emptyEnd(choice, choice.message, dialect) };
  }
  // Flat error bodies (Mistral, vLLM) have no `error` inside.
  if (body.object === 'error' || body.detail !== undefined) {
    return { usage, error: decodeErrorBody(200, {}, body, dialect) };
  }
  return { usage, error: errors.malformedReply('The provider answered without a choice that holds a message.') };
}

/** The failure in the end of a choice that says nothing. One at a stop sequence may. */
export function emptyEnd(
  { finish_reason: finish, stop_reason: stopSequence }: JsonObject,
  message: JsonValue | undefined,
  dialect: Dialect,
): SignalboxError | undefined {
  if (!isObject(message) || hasContent(message) || text(stopSequence) !== undefined) return undefined;
  const end = decodeStopReason(text(finish) ?? 'stop', dialect, { toolCalls: false, refused: false, content: false });
  return SignalboxError.is(end) ? end : undefined;
}

/** Whether a message or a delta has content; blanks alone are no text. */
export function hasContent({ role: _, ...parts }: JsonObject): boolean {
  return Object.entries(parts).some(([key, part]) => {
    if (key === 'content' || key === 'refusal') return isSaid(part);
    return isObject(part) || (Array.isArray(part) ? part.length > 0 : text(part) !== undefined);
  });
}

function isSaid(content: JsonValue | undefined): boolean {
  if (typeof content === 'string') return content.trim() !== '';
  if (Array.isArray(content)) return content.some(isSaid);
  return isObject(content) && (typeof content.text === 'string' ? isSaid(content.text) : true);
}

export function readUsage(body: JsonObject, dialect: Dialect): Usage | undefined {
  const usage = findUsage(body);
  if (usage === undefined) return undefined;
  return dialect.decodeUsage === undefined ? decodeUsage(usage) : dialect.decodeUsage(usage);
}

function decodeBlocks(
  message: JsonObject,
  logProbs: JsonValue[],
  target: TargetContext,
  dialect: Dialect,
  note: NoteLoss,
): Block[] {
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
  readContent(message.content, addReasoning, (part) => (tags === undefined ? addText(part) : tags.push(part)), note);
  tags?.end();
  addText(text(message.refusal) ?? '');
  const last = blocks.at(-1);
  if (last?.type === 'text') {
    const extensions = besideText(message, logProbs, blocks, last);
    if (extensions !== undefined) blocks[blocks.length - 1] = { ...last, extensions };
  } else {
    if (listOf(message.annotations).length > 0) note('annotations', NO_TEXT);
    if (logProbs.length > 0) note('choices[0].logprobs', NO_TEXT);
  }
  noteLosses(message, note);
  return [...blocks, ...decodeCalls(message, target)];
}

/** Reads `content` of a reply: a string, or Mistral's parts. */
export function readContent(
  content: JsonValue | undefined,
  addReasoning: (text: string) => void,
  addText: (text: string) => void,
  note: NoteLoss,
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
    else note(`content.${wordOf(part.type)}`, `a ${wordOf(part.type)} part`);
  }
}

/** Fields of a message or delta that are read; any other that says something is a loss. */
const MESSAGE: ReadonlySet<string> = new Set([
  'role',
  'content',
  'refusal',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'annotations',
  'tool_calls',
  'function_call',
]);
const CHOICE: ReadonlySet<string> = new Set([
  'index',
  'message',
  'delta',
  'finish_reason',
  'native_finish_reason',
  'stop_reason',
  'usage',
  'error',
  'logprobs',
]);

/** Images, audio, and whatever else a message may hold. */
export function noteLosses(message: JsonObject, note: NoteLoss): void {
  for (const key in message) {
    if (!MESSAGE.has(key) && saysSomething(message[key])) note(key, `${key} in replies are not translated`);
  }
}

/** Whatever else a choice may hold. */
export function noteChoiceLosses(choice: JsonObject, note: NoteLoss): void {
  for (const key in choice) {
    if (!CHOICE.has(key) && saysSomething(choice[key])) note(`choices[0].${key}`, 'it is not translated');
  }
}

function saysSomething(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
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
      custom === undefined ? rawArguments(fn.arguments) : JSON.stringify({ input: rawArguments(custom.input) });
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
