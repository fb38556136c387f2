import type { BodyMarks } from '@signalbox/kit';

/** Bits for whole strings, and as many for how strings begin. */
const BITS = 4_096;
const WORDS = BITS / 32;
/** A longer string is no mark. */
const MAX_BYTES = 63;
const START_BYTES = 3;

/**
 * Which strings a body may hold, noted in passing: a bit for a string's length and ends, and one for its first bytes. No
 * string is ever missed; now and then one is taken to be there that is not, and the search that follows finds none.
 */
export class StringMarks implements BodyMarks {
  readonly #bits = new Uint32Array(2 * WORDS);
  readonly #starts = new Map<string, number>();

  /** A string of the body, without its quotes. */
  add(body: Buffer, start: number, end: number): void {
    const length = end - start;
    const first = body[start] as number;
    if (length > 0 && length <= MAX_BYTES) this.#set(wholeBit(length, first, body[end - 1] as number));
    if (length >= START_BYTES) this.#set(startBit(first, body[start + 1] as number, body[start + 2] as number));
  }

  /** A key of the top level whose value begins here. */
  addKey(key: string, valueStart: number): void {
    this.#starts.set(key, this.#starts.has(key) ? -1 : valueStart);
  }

  startOf(key: string): number | undefined {
    const start = this.#starts.get(key);
    return start === -1 ? undefined : start;
  }

  mayHold(quoted: string): boolean {
    if (!quoted.startsWith('"')) return true;
    const closed = quoted.length > 1 && quoted.endsWith('"');
    const length = quoted.length - (closed ? 2 : 1);
    const at = (index: number): number => quoted.charCodeAt(1 + index);
    if (closed) return length === 0 || length > MAX_BYTES || this.#has(wholeBit(length, at(0), at(length - 1)));
    return length < START_BYTES || this.#has(startBit(at(0), at(1), at(2)));
  }

  #set(bit: number): void {
    const word = bit >>> 5;
    this.#bits[word] = (this.#bits[word] as number) | (1 << (bit & 31));
  }

  #has(bit: number): boolean {
    return ((this.#bits[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
  }
}

function wholeBit(length: number, first: number, last: number): number {
  return (length * 61 + first * 7 + last * 509) & (BITS - 1);
}

function startBit(first: number, second: number, third: number): number {
  return BITS + ((first + second * 37 + third * 1_367) & (BITS - 1));
}
