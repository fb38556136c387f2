/** Chance that can be had again: the same words give the same row of numbers. */
export class Random {
  #state: number;

  constructor(...words: readonly (string | number)[]) {
    let hash = 0x811c9dc5;
    for (const char of words.join('/')) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    this.#state = hash | 0;
  }

  /** At least 0, below 1. Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    const { imul } = Math;
    let mixed = imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. */
  int(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('there is nothing to pick from');
    return list[this.int(list.length)] as T;
  }

  /** Mostly few, now and then many: 1 to `most`. */
  few(most: number): number {
    return 1 + Math.floor(this.next() ** 3 * most);
  }
}
