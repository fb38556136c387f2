/** Bytes as often as they stand in requests, the most frequent first. Whatever else there is stands there seldom. */
const FREQUENT = ' etaoinsr"lhdcumpf:,gy\\_{}.bv0123-w/k';

/** A shorter end stands in texts too often, and each place is looked at here. */
const MIN_TAIL = 4;

/**
 * Looks for one ASCII text in bodies. The engine jumps from one first byte of a text to the next, which takes 40 µs for
 * 100 KB where that is a quote or an `s`, and 1 µs where it is seldom: so it is given the text from its rarest byte on,
 * and what stands ahead of that is compared here.
 */
export class TextSearch {
  readonly #head: Buffer;
  readonly #tail: Buffer;

  constructor(text: string) {
    let rarest = 0;
    for (let at = 1; at <= text.length - MIN_TAIL; at++) if (rarity(text, at) > rarity(text, rarest)) rarest = at;
    this.#head = Buffer.from(text.slice(0, rarest), 'latin1');
    this.#tail = Buffer.from(text.slice(rarest), 'latin1');
  }

  /** The first place at or behind `from`; -1: there is none. */
  indexIn(body: Buffer, from = 0): number {
    const ahead = this.#head.length;
    for (let at = body.indexOf(this.#tail, from + ahead); at !== -1; at = body.indexOf(this.#tail, at + 1)) {
      if (this.#head.equals(body.subarray(at - ahead, at))) return at - ahead;
    }
    return -1;
  }
}

function rarity(text: string, at: number): number {
  const rank = FREQUENT.indexOf(text.charAt(at));
  return rank === -1 ? FREQUENT.length : rank;
}
