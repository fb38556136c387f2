import type { RememberedTurn } from '@signalbox/format-openai-responses';
import { RecentMap } from '@signalbox/kit';

interface Entry {
  readonly turn: RememberedTurn;
  /** The response that it goes on from. */
  readonly previous: string | undefined;
  readonly bytes: number;
  usedAt: number;
}

export interface Limits {
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/**
 * Responses by their ids, each for the caller who got it. One holds its own turn only and names the one before it, so that
 * a long conversation is kept once.
 */
export class ResponseStore {
  limits: Limits;
  #bytes = 0;
  readonly #entries = new RecentMap<Entry>(Number.MAX_SAFE_INTEGER);
  readonly #now: () => number;

  constructor(limits: Limits, now: () => number = Date.now) {
    this.limits = limits;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  keep(principal: string, id: string, turn: RememberedTurn, previous: string | undefined): void {
    const key = keyOf(principal, id);
    this.#forget(key);
    const bytes = key.length + JSON.stringify(turn).length;
    if (bytes > this.limits.maxBytes) return;
    this.#entries.set(key, { turn, previous, bytes, usedAt: this.#now() });
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** The turns up to this response, the oldest first; `undefined` where it, or one before it, is not known (any more). */
  turnsUpTo(principal: string, id: string): readonly RememberedTurn[] | undefined {
    const turns: RememberedTurn[] = [];
    // The oldest are read last, and so outlive what goes on from them.
    for (let at: string | undefined = id; at !== undefined; ) {
      const key = keyOf(principal, at);
      const entry = this.#entries.get(key);
      if (entry === undefined) return undefined;
      if (this.#isOld(entry)) {
        this.#forget(key);
        return undefined;
      }
      entry.usedAt = this.#now();
      turns.push(entry.turn);
      at = entry.previous;
    }
    return turns.reverse();
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
  }
}

function keyOf(principal: string, id: string): string {
  return JSON.stringify([principal, id]);
}
