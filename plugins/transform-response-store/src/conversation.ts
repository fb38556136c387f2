import { referredId, unknownItem, unknownResponse } from '@signalbox/format-openai-responses';
import { bodyHolds, type Exchange, isMadeUpId, type JsonObject, type JsonValue, MADE_UP } from '@signalbox/kit';
import { Item, type ResponseStore } from './store.ts';

/** What ids of the gateway's have, and nearly nothing else: the engine finds it in no time. */
const MADE_UP_MARK = `_${MADE_UP}`;
const REFERENCE_MARK = '"item_reference"';

/** All that a request is about. */
export interface Conversation {
  /** Nothing is only referred to but what is not known here. */
  readonly items: readonly Item[];
  /** Where the client finds an item: in what it sent, or in the response that it goes on from. */
  readonly placeOf: (index: number) => string;
  /** The response that the client goes on from. */
  readonly previous: string | undefined;
  /** What the conversation begins with, where only its provider knows that. */
  readonly root: string | undefined;
}

type Asking = Pick<Exchange, 'rawBody' | 'bodyMarks' | 'state' | 'body'>;

/**
 * Whether a request names what is kept here without sending it. Only a body that may do so is parsed for it.
 * @throws {SignalboxError} UNSUPPORTED where it names what was kept here at best, and is not: no provider knows it either.
 */
export function refers(exchange: Asking, store: ResponseStore, owner: string): boolean {
  if (!exchange.rawBody.includes(MADE_UP_MARK) && !bodyHolds(exchange, REFERENCE_MARK)) return false;
  const { body } = exchange;
  const previous = previousOf(body);
  let known = previous !== undefined && store.get(owner, previous) !== undefined;
  if (!known && isMadeUpId(previous)) throw unknownResponse(String(previous));
  for (const item of itemsOf(body.input) ?? []) {
    const id = referredId(item);
    if (id === undefined) continue;
    if (store.item(owner, id) !== undefined) known = true;
    else if (isMadeUpId(id)) throw unknownItem(id);
  }
  return known;
}

/** @returns `undefined` for an input that is none: the decoder says what is wrong with it. */
export function conversationOf(body: JsonObject, store: ResponseStore, owner: string): Conversation | undefined {
  const own = itemsOf(body.input);
  if (own === undefined) return undefined;
  const previous = previousOf(body);
  const before = previous === undefined ? undefined : store.get(owner, previous);
  const items = before === undefined ? [] : [...before.input, ...before.output];
  const present = new Set(items);
  /** Of the items behind those of the response, which the client sent. */
  const sentAt: number[] = [];
  for (const [at, value] of own.entries()) {
    const isReference = referredId(value) !== undefined;
    const id = typeof value.id === 'string' ? value.id : undefined;
    const known = id === undefined ? undefined : store.item(owner, id);
    // Some clients name the same twice, or name or send again what is a part of what they go on from.
    if (known !== undefined && present.has(known) && (isReference || isMadeUpId(id))) continue;
    const text = JSON.stringify(value);
    const same = isReference || known?.text === text;
    const item = same && known !== undefined ? known : new Item(text, isReference ? undefined : id);
    items.push(item);
    present.add(item);
    sentAt.push(at);
  }
  const placeOf = (index: number): string => {
    const mine = index - (items.length - sentAt.length);
    if (mine < 0) return `in response ${previous}: ${placeIn(before?.input.length ?? 0, index)}`;
    return typeof body.input === 'string' ? 'input' : `input[${sentAt[mine]}]`;
  };
  return { items, placeOf, previous, root: before === undefined ? previous : before.root };
}

function placeIn(inputs: number, index: number): string {
  return index < inputs ? `input[${index}]` : `output[${index - inputs}]`;
}

/** The body as the client would have sent it if it had sent everything, in pieces. */
export function completedBody(body: JsonObject, { items, root }: Conversation): string[] {
  const { input: _input, previous_response_id: _previous, ...others } = body;
  const rest = root === undefined ? others : { ...others, previous_response_id: root };
  const pieces = ['{'];
  for (const [key, value] of Object.entries(rest)) pieces.push(JSON.stringify(key), ':', JSON.stringify(value), ',');
  pieces.push('"input":[');
  items.forEach(({ text }, index) => {
    if (index > 0) pieces.push(',');
    pieces.push(text);
  });
  pieces.push(']}');
  return pieces;
}

function previousOf({ previous_response_id: id }: JsonObject): string | undefined {
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function itemsOf(input: JsonValue | undefined): readonly JsonObject[] | undefined {
  if (input === undefined || input === null) return [];
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  if (!Array.isArray(input)) return undefined;
  const objects = input.filter((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
  return objects.length === input.length ? (objects as JsonObject[]) : undefined;
}
