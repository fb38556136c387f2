/** A map that forgets: over its bound the entry goes that was neither read nor written for the longest time. */
export class RecentMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #maxEntries: number;
  readonly #mayGo: (value: V) => boolean;

  /** What `mayGo` says no to stays, over the bound if need be: state that somebody still holds. */
  constructor(maxEntries: number, mayGo: (value: V) => boolean = () => true) {
    this.#maxEntries = maxEntries;
    this.#mayGo = mayGo;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#maxEntries) return;
    for (const [oldest, held] of this.#entries) {
      if (oldest === key || !this.#mayGo(held)) continue;
      this.#entries.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** From the one that was not used for the longest time on; going through them uses none. */
  [Symbol.iterator](): IterableIterator<[string, V]> {
    return this.#entries[Symbol.iterator]();
  }
}
