import { RecentMap } from '@signalbox/kit';
import { bytesOf, SharedTexts } from './shared-texts.ts';

/** What a response, an item and a place in a list take beside their texts, roughly. */
const RESPONSE_BYTES = 800;
const ITEM_BYTES = 300;
const PLACE_BYTES = 24;

export interface Limits {
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** An item of a conversation. Responses that have it in common hold the same one. */
export class Item {
  /** As JSON. */
  text: string;
  /** By which its client may refer to it; `undefined`: nobody has heard of one yet. */
  id: string | undefined;
  /** The responses that have it, in the order in which they came. */
  readonly holders: Entry[] = [];

  constructor(text: string, id: string | undefined) {
    this.text = text;
    this.id = id;
  }
}

/** A response, with all that it was made of. */
export interface Kept {
  readonly id: string;
  /** Only its provider knows this one, with which the conversation begins. */
  readonly root: string | undefined;
  /** The whole conversation up to it. */
  readonly input: readonly Item[];
  readonly output: readonly Item[];
  /** The rest of the response object, in parts of which the long ones are often the same. */
  readonly texts: readonly string[];
}

interface Entry extends Kept {
  readonly key: string;
  readonly owner: string;
  usedAt: number;
}

/**
 * Responses, and their items, by their ids, each for the caller who got it. They hold what they have in common together, so
 * that a conversation is kept once, however long it is, and each stands for itself: none needs the ones before it.
 */
export class ResponseStore {
  limits: Limits;
  #ownBytes = 0;
  readonly #texts = new SharedTexts();
  /** In the order in which they were used. */
  readonly #entries = new RecentMap<Entry>(Number.MAX_SAFE_INTEGER);
  readonly #items = new Map<string, Item>();
  readonly #now: () => number;

  constructor(limits: Limits, now: () => number = Date.now) {
    this.limits = limits;
    this.#now = now;
  }

  get size(): number {
    this.#makeRoom();
    return this.#entries.size;
  }

  /** Of memory, roughly. */
  get bytes(): number {
    return this.#ownBytes + this.#texts.bytes;
  }

  keep(owner: string, { id, root, input, output, texts }: Kept): void {
    this.delete(owner, id);
    const items = [...input, ...output];
    if (bytesAlone(items, texts) > this.limits.maxBytes) return;
    const key = keyOf(owner, id);
    const held = texts.map((text) => this.#texts.hold(text));
    const entry = { key, id, root, input, output, texts: held, owner, usedAt: this.#now() };
    for (const item of items) this.#hold(item, entry);
    this.#entries.set(key, entry);
    this.#ownBytes += bytesOfEntry(items.length);
    this.#makeRoom();
  }

  get(owner: string, id: string): Kept | undefined {
    this.#makeRoom();
    return this.#use(keyOf(owner, id));
  }

  /** The item that its client, or the gateway, calls so. */
  item(owner: string, id: string): Item | undefined {
    this.#makeRoom();
    const item = this.#items.get(keyOf(owner, id));
    const [holder] = item?.holders ?? [];
    if (holder !== undefined) this.#use(holder.key);
    return item;
  }

  /** Gives an item of a kept response an id, by which it is found from then on. */
  name(owner: string, item: Item, id: string): void {
    item.id = id;
    this.#items.set(keyOf(owner, id), item);
    this.#ownBytes += bytesOf(id);
  }

  /** @returns whether there was one. */
  delete(owner: string, id: string): boolean {
    return this.#forget(keyOf(owner, id));
  }

  #use(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.usedAt = this.#now();
    return entry;
  }

  #makeRoom(): void {
    const { maxEntries, maxBytes, ttlMs } = this.limits;
    for (const [key, { usedAt }] of this.#entries) {
      const isOld = this.#now() - usedAt > ttlMs;
      if (this.#entries.size <= maxEntries && this.bytes <= maxBytes && !isOld) return;
      this.#forget(key);
    }
  }

  #forget(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    const items = [...entry.input, ...entry.output];
    for (const item of items) this.#release(item, entry);
    for (const text of entry.texts) this.#texts.release(text);
    this.#entries.delete(key);
    this.#ownBytes -= bytesOfEntry(items.length);
    return true;
  }

  #hold(item: Item, entry: Entry): void {
    if (item.holders.push(entry) > 1) return;
    item.text = this.#texts.hold(item.text);
    this.#ownBytes += ITEM_BYTES;
    // Of two that are called the same the later one is meant.
    if (item.id !== undefined) this.name(entry.owner, item, item.id);
  }

  #release(item: Item, entry: Entry): void {
    item.holders.splice(item.holders.indexOf(entry), 1);
    if (item.holders.length > 0) return;
    this.#texts.release(item.text);
    this.#ownBytes -= ITEM_BYTES;
    if (item.id === undefined) return;
    this.#ownBytes -= bytesOf(item.id);
    const key = keyOf(entry.owner, item.id);
    if (this.#items.get(key) === item) this.#items.delete(key);
  }
}

/** What a response would take if it had nothing in common with any other. */
function bytesAlone(items: readonly Item[], texts: readonly string[]): number {
  let bytes = bytesOfEntry(items.length);
  for (const text of texts) bytes += bytesOf(text);
  for (const { text, id = '' } of new Set(items)) bytes += ITEM_BYTES + bytesOf(text) + bytesOf(id);
  return bytes;
}

function bytesOfEntry(items: number): number {
  return RESPONSE_BYTES + items * PLACE_BYTES;
}

function keyOf(owner: string, id: string): string {
  return JSON.stringify([owner, id]);
}
