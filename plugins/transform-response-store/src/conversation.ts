import { referredId } from '@signalbox/format-openai-responses';
import { bodyHolds, type Exchange, isMadeUpId, type JsonObject, type JsonValue, MADE_UP } from '@signalbox/kit';
import { Item, type ResponseStore } from './store.ts';

/** What ids of the gateway's have, and nearly nothing else: the engine finds it in no time. */
const MADE_UP_MARK = `_${MADE_UP}`;
const REFERENCE_MARK = '"item_reference"';

/** All that a request is about. */
export interface Conversation {
  /** Nothing is only referred to but what is not known here. */
  readonly items: readonly Item[];
  /** The response that the client goes on from. */
  readonly previous: string | undefined;
  /** What the conversation begins with, where only its provider knows that. */
  readonly root: string | undefined;
}

type Asking = Pick<Exchange, 'rawBody' | 'bodyMarks' | 'state' | 'body'>;

/** Whether a request names what is kept here without sending it. Only a body that may do so is parsed for it. */
export function refers(exchange: Asking, store: ResponseStore, owner: string): boolean {
  if (!exchange.rawBody.includes(MADE_UP_MARK) && !bodyHolds(exchange, REFERENCE_MARK)) return false;
  const { body } = exchange;
  const previous = previousOf(body);
  if (previous !== undefined && store.get(owner, previous) !== undefined) return true;
  const isKept = (item: JsonObject): boolean => {
    const id = referredId(item);
    return id !== undefined && store.item(owner, id) !== undefined;
  };
  return itemsOf(body.input)?.some(isKept) === true;
}

/** @returns `undefined` for an input that is none: the decoder says what is wrong with it. */
export function conversationOf(body: JsonObject, store: ResponseStore, owner: string): Conversation | undefined {
  const own = itemsOf(body.input);
  if (own === undefined) return undefined;
  const previous = previousOf(body);
  const before = previous === undefined ? undefined : store.get(owner, previous);
  const items = before === undefined ? [] : [...before.input, ...before.output];
  const present = new Set(items);
  for (const value of own) {
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
  }
  return { items, previous, root: before === undefined ? previous : before.root };
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
