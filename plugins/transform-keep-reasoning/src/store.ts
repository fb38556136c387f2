import { createHash } from 'node:crypto';
import { type ReasoningBlock, RecentMap } from '@signalbox/kit';

/** Reasoning of an answer, and what stood behind it: this tool call, or else a text. */
export interface Kept {
  readonly callId?: string;
  readonly blocks: readonly ReasoningBlock[];
}

interface Entry {
  readonly provider: string;
  readonly kept: readonly Kept[];
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
  readonly entries: RecentMap<Entry>;
  /** How many there are of each provider. */
  readonly providers: Map<string, number>;
  bytes: number;
}

export function createAnswers(): Answers {
  return { entries: new RecentMap(Number.MAX_SAFE_INTEGER), providers: new Map(), bytes: 0 };
}

/** The reasoning state of answers, by `messageKey`, within the limits of one config. */
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

  keep(key: string, provider: string, kept: readonly Kept[]): void {
    this.#forget(key);
    const bytes = key.length + JSON.stringify(kept).length;
    if (bytes > this.#limits.maxBytes) return;
    this.#answers.entries.set(key, { provider, kept, bytes, usedAt: this.#now() });
    this.#answers.bytes += bytes;
    this.#answers.providers.set(provider, (this.#answers.providers.get(provider) ?? 0) + 1);
    this.#makeRoom();
  }

  /** What came from this provider; another one must not see it. */
  find(key: string, provider: string): readonly Kept[] | undefined {
    const entry = this.#answers.entries.get(key);
    if (entry === undefined || entry.provider !== provider) return undefined;
    if (this.#isOld(entry)) {
      this.#forget(key);
      return undefined;
    }
    entry.usedAt = this.#now();
    return entry.kept;
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

  #forget(key: string): void {
    const entry = this.#answers.entries.get(key);
    if (entry === undefined) return;
    this.#answers.entries.delete(key);
    this.#answers.bytes -= entry.bytes;
    const left = (this.#answers.providers.get(entry.provider) ?? 1) - 1;
    if (left === 0) this.#answers.providers.delete(entry.provider);
    else this.#answers.providers.set(entry.provider, left);
  }
}

/**
 * What an answer is known by when it comes back in a history: its first tool call, else its text, for the caller who got
 * it. Texts can be long and are not ours to keep: their hash is enough. `undefined` for what has neither.
 */
export function messageKey(principal: string, callId: string | undefined, text: string): string | undefined {
  if (callId !== undefined) return JSON.stringify([principal, 'call', callId]);
  const said = text.trim();
  if (said === '') return undefined;
  return JSON.stringify([principal, 'text', createHash('sha256').update(said).digest('base64url')]);
}
