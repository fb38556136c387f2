import {
  isMadeUpId,
  type JsonObject,
  type JsonValue,
  MADE_UP,
  newId,
  packReasoningState,
  type ReasoningBlock,
  type ReasoningState,
  unpackReasoningState,
} from '@signalbox/kit';
import { isObject, text } from './fields.ts';
import { hinted } from './item-hint.ts';

/** Whose state an `encrypted_content` is that does not bear the gateway's mark. */
export const GENUINE_ORIGIN = 'openai';
const SEPARATOR = '\n\n';

/** The opaque half of an item, beside the text that stands in the block. */
interface ItemState extends JsonObject {
  id: string;
  encrypted_content?: string;
  /** Lengths of the summary's parts, where the text is not exactly one. */
  parts?: number[];
  /** The text is the item's raw `content`, not its summary. */
  raw?: boolean;
  /** The summary beside raw content. */
  summary?: JsonValue[];
}

/** A reasoning item of a client's history: state that this gateway packed goes back to whom it belongs. */
export function decodeHistoryReasoning(item: JsonObject): ReasoningBlock {
  const { id, type: _type, summary: _summary, content, encrypted_content: encrypted, ...fields } = item;
  const rest = content === null ? { ...fields, content } : fields;
  const hint = Object.keys(rest).length === 0 ? undefined : { rest };
  const packed = typeof encrypted === 'string' ? unpackReasoningState(encrypted) : undefined;
  if (packed !== undefined) return { ...unwrapRedacted(packed, reasoningText(item).text), ...hinted(hint) };
  if (isMadeUpId(id)) {
    return { type: 'reasoning', text: reasoningText(item).text, ...hinted(hint) };
  }
  return { ...decodeReasoningItem(item, GENUINE_ORIGIN), ...hinted(hint) };
}

/** A reasoning item with its state tagged as of `origin`; without an id it is text alone. */
export function decodeReasoningItem(item: JsonObject, origin: string): ReasoningBlock {
  const { text: said, parts, raw } = reasoningText(item);
  const id = text(item.id);
  if (id === undefined) return { type: 'reasoning', text: said };
  const data: ItemState = { id };
  const encrypted = text(item.encrypted_content);
  if (encrypted !== undefined) data.encrypted_content = encrypted;
  if (parts !== undefined) data.parts = parts;
  if (raw) data.raw = true;
  if (raw && Array.isArray(item.summary) && item.summary.length > 0) data.summary = item.summary;
  return { type: 'reasoning', text: said, state: { origin, data } };
}

/** Whether an item can be made of this state. */
export function isItemState(data: JsonValue): data is ItemState {
  return isObject(data) && typeof data.id === 'string';
}

/** The item that `decodeReasoningItem` read. */
export function restoreReasoningItem(said: string, data: ItemState): JsonObject {
  const { id, encrypted_content: encrypted, raw, summary = [] } = data;
  const list = splitText(said, data.parts).map((part) => ({
    type: raw === true ? 'reasoning_text' : 'summary_text',
    text: part,
  }));
  return {
    type: 'reasoning',
    id,
    ...(raw === true ? { summary, content: list } : { summary: list }),
    ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
  };
}

/**
 * A reasoning block as an output item. State of another origin is packed into `encrypted_content`, where clients keep
 * it and send it back unread; so is any state where the item's `id` is out already.
 */
export function encodeReasoningItem(
  { text: said, state, redacted }: Omit<ReasoningBlock, 'type'>,
  shownId?: string,
): JsonObject {
  if (shownId === undefined && state !== undefined && state.origin === GENUINE_ORIGIN && isItemState(state.data)) {
    return restoreReasoningItem(said, state.data);
  }
  return {
    type: 'reasoning',
    id: shownId ?? newReasoningId(),
    summary: said === '' ? [] : [{ type: 'summary_text', text: said }],
    ...(state === undefined ? {} : { encrypted_content: packState(state, redacted === true) }),
  };
}

export function newReasoningId(): string {
  return newId(`rs_${MADE_UP}`);
}

/** Withheld reasoning and a signature are both one string at some origins: which one it was goes along. */
function packState(state: ReasoningState, redacted: boolean): string {
  return packReasoningState(redacted ? { origin: state.origin, data: { $redacted: state.data } } : state);
}

function unwrapRedacted(state: ReasoningState, said: string): ReasoningBlock {
  const { origin, data } = state;
  if (isObject(data) && data.$redacted !== undefined) {
    return { type: 'reasoning', text: said, state: { origin, data: data.$redacted }, redacted: true };
  }
  return { type: 'reasoning', text: said, state };
}

function reasoningText({ summary, content }: JsonObject): { text: string; parts: number[] | undefined; raw: boolean } {
  const raw = textsOf(content);
  const texts = raw.length > 0 ? raw : textsOf(summary);
  const joined = texts.join(SEPARATOR);
  const plain = joined === '' ? texts.length === 0 : texts.length === 1;
  return { text: joined, parts: plain ? undefined : texts.map(({ length }) => length), raw: raw.length > 0 };
}

function textsOf(parts: JsonValue | undefined): string[] {
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part) => (isObject(part) && typeof part.text === 'string' ? [part.text] : []));
}

/** The parts of a text with these lengths; where they do not fit (a client changed the text) it is one part. */
function splitText(said: string, lengths: readonly number[] | undefined): string[] {
  if (lengths === undefined) return said === '' ? [] : [said];
  const parts: string[] = [];
  let at = 0;
  for (const length of lengths) {
    parts.push(said.slice(at, at + length));
    at += length + SEPARATOR.length;
  }
  return at - SEPARATOR.length === said.length ? parts : [said];
}
