const LF = 10;
const NOTHING = new Uint8Array();

/** Lets bytes out line by line: half a line waits for its end. */
export class WholeLines {
  #held: Uint8Array[] = [];

  push(chunk: Uint8Array): Uint8Array {
    const end = chunk.lastIndexOf(LF) + 1;
    if (end === chunk.length && this.#held.length === 0) return chunk;
    if (end === 0) {
      if (chunk.length > 0) this.#held.push(chunk);
      return NOTHING;
    }
    const whole = Buffer.concat([...this.#held, chunk.subarray(0, end)]);
    this.#held = end === chunk.length ? [] : [chunk.subarray(end)];
    return whole;
  }

  /** What has no line end. */
  end(): Uint8Array {
    const rest = this.#held.length === 0 ? NOTHING : Buffer.concat(this.#held);
    this.#held = [];
    return rest;
  }
}

/** Where the line begins that has so many lines before it; blank ones do not count. */
export function startOfLine(bytes: Uint8Array, before: number): number {
  let start = 0;
  for (let count = 0; ; ) {
    const end = bytes.indexOf(LF, start);
    if (end === -1) return start;
    if (Buffer.from(bytes.subarray(start, end)).toString('latin1').trim() !== '' && count++ === before) return start;
    start = end + 1;
  }
}
