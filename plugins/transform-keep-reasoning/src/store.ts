import { type ReasoningBlock, RecentMap } from '@signalbox/kit';
import type { AnswerKey } from './answer-key.ts';

/** Reasoning of an answer, and where it stood. */
export interface Kept {
  /** Before this one of its tool calls, from 0; `end`: behind everything; `undefined`: before everything. */
  readonly at?: number | 'end';
  readonly blocks: readonly ReasoningBlock[];
}

interface Entry {
  readonly provider: string;
  readonly kept: readonly Kept[];
  readonly contents: string | undefined;
  /** Its id says nothing: another answer had the same one. */
  readonly repeats: boolean;
  readonly bytes: number;
  usedAt: number;
}

export interface Limits {
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** What is known of answers. It outlives a reload of the config. */
export interface Answers {
  /** By the id of the first call, else by contents. */
  readonly entries: RecentMap<Entry>;
  /** The keys of those with calls, by contents. */
  readonly contents: Map<string, string>;
  /** How many there are of each provider. */
  readonly providers: Map<string, number>;
  bytes: number;
}

export function createAnswers(): Answers {
  return {
    entries: new RecentMap(Number.MAX_SAFE_INTEGER),
    contents: new Map(),
    providers: new Map(),
    bytes: 0,
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

  keep({ byId, byContents }: AnswerKey, provider: string, kept: readonly Kept[]): void {
    const contents = byContents();
    const key = byId ?? contents;
    if (key === undefined) return;
    const before = byId === undefined ? undefined : this.#answers.entries.get(byId);
    const repeats = before !== undefined && (before.repeats || before.contents !== contents);
    this.#forget(key);
    if (contents !== undefined) this.#forget(contents);
    // Some providers count their calls anew in every answer: the earlier one is known by its contents from now on.
    if (before?.contents !== undefined && before.contents !== contents) {
      this.#put(before.contents, { ...before, contents: undefined });
    }
    const bytes = key.length + (byId === undefined ? 0 : (contents?.length ?? 0)) + JSON.stringify(kept).length;
    if (bytes > this.#limits.maxBytes) return;
    const own = byId === undefined ? undefined : contents;
    this.#put(key, { provider, kept, contents: own, repeats, bytes, usedAt: this.#now() });
    this.#makeRoom();
  }

  /** What came from this provider; another one must not see it. */
  find({ byId, byContents }: AnswerKey, provider: string): readonly Kept[] | undefined {
    const known = byId === undefined ? undefined : this.#entryOf(byId);
    if (known !== undefined && !(known.repeats && known.contents !== byContents())) {
      return known.provider === provider ? known.kept : undefined;
    }
    const contents = byContents();
    if (contents === undefined) return undefined;
    const entry = this.#entryOf(this.#answers.contents.get(contents) ?? contents);
    return entry?.provider === provider ? entry.kept : undefined;
  }

  #entryOf(key: string): Entry | undefined {
    const entry = this.#answers.entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#isOld(entry)) {
      this.#forget(key);
      return undefined;
    }
    entry.usedAt = this.#now();
    return entry;
  }

  #makeRoom(): void {
    const { maxEntries, maxBytes } = this.#limits;
    for (const [key, entry] of this.#answers.entries) {
      if (this.#answers.entries.size <= maxEntries && this.#answers.bytes <= maxBytes && !this.#isOld(entry)) return;
      this.#forget(key);
    }
  }

  #isOld({ usedAt }: Entry): boolean {
    return this.#now() - usedAt > this.#limits.ttlMs;
  }

  #put(key: string, entry: Entry): void {
    this.#forget(key);
    const { entries, contents, providers } = this.#answers;
    entries.set(key, entry);
    if (entry.contents !== undefined) contents.set(entry.contents, key);
    this.#answers.bytes += entry.bytes;
    providers.set(entry.provider, (providers.get(entry.provider) ?? 0) + 1);
  }

  #forget(key: string): void {
    const { entries, contents, providers } = this.#answers;
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    if (entry.contents !== undefined && contents.get(entry.contents) === key) contents.delete(entry.contents);
    this.#answers.bytes -= entry.bytes;
    const left = (providers.get(entry.provider) ?? 1) - 1;
    if (left === 0) providers.delete(entry.provider);
    else providers.set(entry.provider, left);
  }
}
