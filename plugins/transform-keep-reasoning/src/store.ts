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

/** The reasoning state of answers, by `messageKey`. */
export class ReasoningStore {
  limits: Limits;
  #bytes = 0;
  #entries: RecentMap<Entry>;
  /** Providers of which there is anything. */
  readonly #providers = new Map<string, number>();
  readonly #now: () => number;

  constructor(limits: Limits, now: () => number = Date.now) {
    this.limits = limits;
    this.#entries = new RecentMap(Number.MAX_SAFE_INTEGER);
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it is worth looking into a request for this provider. */
  holds(provider: string): boolean {
    return this.#providers.has(provider);
  }

  keep(key: string, provider: string, kept: readonly Kept[]): void {
    this.#forget(key);
    const bytes = key.length + JSON.stringify(kept).length;
    if (bytes > this.limits.maxBytes) return;
    this.#entries.set(key, { provider, kept, bytes, usedAt: this.#now() });
    this.#bytes += bytes;
    this.#providers.set(provider, (this.#providers.get(provider) ?? 0) + 1);
    this.#makeRoom();
  }

  /** What came from this provider; another one must not see it. */
  find(key: string, provider: string): readonly Kept[] | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.provider !== provider) return undefined;
    if (this.#isOld(entry)) {
      this.#forget(key);
      return undefined;
    }
    entry.usedAt = this.#now();
    return entry.kept;
  }

  #makeRoom(): void {
    const { maxEntries, maxBytes } = this.limits;
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes && !this.#isOld(entry)) return;
      this.#forget(key);
    }
  }

  #isOld({ usedAt }: Entry): boolean {
    return this.#now() - usedAt > this.limits.ttlMs;
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    const left = (this.#providers.get(entry.provider) ?? 1) - 1;
    if (left === 0) this.#providers.delete(entry.provider);
    else this.#providers.set(entry.provider, left);
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
