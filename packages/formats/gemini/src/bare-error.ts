const LF = 10;
const BRACE = 123;
const BRACKET = 91;
/** What is longer is no error. */
const MAX_BYTES = 256 * 1024;

/**
 * Finds JSON that stands in a stream without `data:` before it: so does Google send what fails behind its front. An SSE
 * decoder rightly ignores it. Costs one search for line ends per network chunk.
 */
export class BareError {
  #atLineStart = true;
  #parts: Buffer[] | undefined;
  #length = 0;

  /** The text from there on, as far as it came; `undefined` where there is none. */
  get text(): string | undefined {
    return this.#parts === undefined ? undefined : Buffer.concat(this.#parts).toString();
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#parts !== undefined) {
      this.#length += bytes.length;
      if (this.#length < MAX_BYTES) this.#parts.push(Buffer.from(bytes));
      return;
    }
    let at = this.#atLineStart ? 0 : bytes.indexOf(LF) + 1;
    while (at < bytes.length && (at > 0 || this.#atLineStart)) {
      if (bytes[at] === BRACE || bytes[at] === BRACKET) {
        this.#parts = [Buffer.from(bytes.subarray(at))];
        return;
      }
      const next = bytes.indexOf(LF, at);
      if (next === -1) break;
      at = next + 1;
    }
    if (bytes.length > 0) this.#atLineStart = bytes[bytes.length - 1] === LF;
  }
}
