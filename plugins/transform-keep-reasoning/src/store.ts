import { type ReasoningBlock, RecentMap } from '@signalbox/kit';
import type { AnswerKey } from './answer-key.ts';

/** Reasoning of an answer, and where it stood. */
export interface Kept {
  /** Before this one of its tool calls, from 0; `end`: behind everything; `undefined`: before everything. */
  readonly at?: number | 'end';
  readonly blocks: readonly ReasoningBlock[];
}

/** What is known of one answer. */
export interface Known {
  readonly provider: string;
  readonly kept: readonly Kept[];
}

interface Entry extends Known {
  readonly name: string;
  readonly id: string | undefined;
  readonly contents: string | undefined;
  readonly thought: string | undefined;
  readonly bytes: number;
  /** Its id says nothing: another answer has had the same one. */
  repeats: boolean;
  usedAt: number;
}

export interface Limits {
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** What is known of answers. It outlives a reload of the config. */
export interface Answers {
  readonly entries: RecentMap<Entry>;
  readonly ids: Map<string, readonly Entry[]>;
  readonly contents: Map<string, readonly Entry[]>;
  /** How many there are of each provider. */
  readonly providers: Map<string, number>;
  bytes: number;
  /** How many there ever were: a name for the next. */
  count: number;
}

/** Of answers that are alike, so many are told apart. */
const MAX_ALIKE = 8;

export function createAnswers(): Answers {
  return {
    entries: new RecentMap(Number.MAX_SAFE_INTEGER),
    ids: new Map(),
    contents: new Map(),
    providers: new Map(),
    bytes: 0,
    count: 0,
  };
}

/** The reasoning state of answers, by their keys, within the limits of one config. */
export class ReasoningStore {
  readonly #limits: Limits;
  readonly #answers: Answers;
  readonly #now: () => number;

  constructor(limits: Limits, answers = createAnswers(), now: () => number = Date.now) {
    this.#limits = limits;
    this.#answers = answers;
    this.#now = now;
  }

  get size(): number {
    return this.#answers.entries.size;
  }

  get bytes(): number {
    return this.#answers.bytes;
  }

  /** Whether it is worth looking into a request for this provider. */
  holds(provider: string): boolean {
    return this.#answers.providers.has(provider);
  }

  keep({ byId, mayRepeat = false, thought, byContents }: AnswerKey, provider: string, kept: readonly Kept[]): void {
    const contents = byContents();
    const id = mayRepeat ? undefined : byId;
    if (id === undefined && contents === undefined) return;
    const printed = JSON.stringify(kept);
    const bytes = (id?.length ?? 0) + (contents?.length ?? 0) + printed.length;
    const isSame = (entry: Entry): boolean =>
      entry.id === id &&
      entry.contents === contents &&
      entry.provider === provider &&
      JSON.stringify(entry.kept) === printed;
    let repeats = false;
    for (const entry of this.#at('ids', id)) {
      if (isSame(entry)) {
        repeats ||= entry.repeats;
      } else {
        entry.repeats = true;
        repeats = true;
      }
    }
    const alike = new Set([...this.#at('ids', id), ...this.#at('contents', contents)]);
    for (const entry of alike) if (isSame(entry)) this.#forget(entry);
    if (bytes > this.#limits.maxBytes) return;
    const name = String(this.#answers.count++);
    this.#put({ name, id, contents, thought, provider, kept, repeats, bytes, usedAt: this.#now() });
    this.#makeRoom();
  }

  /**
   * The answer with this key, of whatever provider. `alike`: there are several, this provider's among them, which nothing tells
   * apart; one in the place of another would be worse than none.
   */
  find({ byId, thought, byContents }: AnswerKey, provider: string): Known | 'alike' | undefined {
    const sameId = this.#at('ids', byId);
    const [only] = sameId;
    if (sameId.length === 1 && only !== undefined && !only.repeats) return this.#used(only);
    const contents = byContents();
    const told = sameId.filter((entry) => entry.contents === contents);
    let found = told.length > 0 ? told : this.#at('contents', contents);
    // What the client still has of the reasoning tells which answer it is.
    if (thought !== undefined) found = found.filter((entry) => entry.thought === thought);
    const [first, ...others] = found;
    if (first === undefined) return undefined;
    const printed = others.length === 0 ? '' : JSON.stringify(first.kept);
    const differs = (entry: Entry): boolean =>
      entry.provider !== first.provider || JSON.stringify(entry.kept) !== printed;
    if (!others.some(differs)) return this.#used(first);
    return found.some((entry) => entry.provider === provider) ? 'alike' : undefined;
  }

  #used(entry: Entry): Entry {
    entry.usedAt = this.#now();
    this.#answers.entries.set(entry.name, entry);
    return entry;
  }

  #at(index: 'ids' | 'contents', key: string | undefined): readonly Entry[] {
    const entries = key === undefined ? undefined : this.#answers[index].get(key);
    if (entries === undefined) return [];
    if (!entries.some((entry) => this.#isOld(entry))) return entries;
    for (const entry of entries) if (this.#isOld(entry)) this.#forget(entry);
    return entries.filter((entry) => !this.#isOld(entry));
  }

  #makeRoom(): void {
    const { maxEntries, maxBytes } = this.#limits;
    for (const [, entry] of this.#answers.entries) {
      if (this.#answers.entries.size <= maxEntries && this.#answers.bytes <= maxBytes && !this.#isOld(entry)) return;
      this.#forget(entry);
    }
  }

  #isOld({ usedAt }: Entry): boolean {
    return this.#now() - usedAt > this.#limits.ttlMs;
  }

  #put(entry: Entry): void {
    const { entries, ids, contents, providers } = this.#answers;
    entries.set(entry.name, entry);
    for (const [index, key] of [
      [ids, entry.id],
      [contents, entry.contents],
    ] as const) {
      if (key === undefined) continue;
      const alike = index.get(key) ?? [];
      index.set(key, [...alike, entry]);
      for (const older of alike.slice(0, Math.max(0, alike.length + 1 - MAX_ALIKE))) this.#forget(older);
    }
    this.#answers.bytes += entry.bytes;
    providers.set(entry.provider, (providers.get(entry.provider) ?? 0) + 1);
  }

  #forget(entry: Entry): void {
    const { entries, ids, contents, providers } = this.#answers;
    entries.delete(entry.name);
    for (const [index, key] of [
      [ids, entry.id],
      [contents, entry.contents],
    ] as const) {
      if (key === undefined) continue;
      const rest = (index.get(key) ?? []).filter((other) => other !== entry);
      if (rest.length === 0) index.delete(key);
      else index.set(key, rest);
    }
    this.#answers.bytes -= entry.bytes;
    const left = (providers.get(entry.provider) ?? 1) - 1;
    if (left === 0) providers.delete(entry.provider);
    else providers.set(entry.provider, left);
  }
}
