const MARK = 'error:';
/** A longer line is no error. */
const MAX_LINE_CHARS = 256 * 1024;

/**
 * Finds the line `error: {…}` that older llama.cpp builds write between the frames of a stream, which an SSE decoder
 * rightly ignores. Costs one search per network chunk.
 */
export class BareError {
  /** The end of the last chunk, where the mark could have begun. A stream starts at the start of a line. */
  #tail = '\n';
  #line: string | undefined;

  /** The text behind the mark, as far as it came; `undefined` without a mark. */
  get text(): string | undefined {
    return this.#line?.split('\n', 1)[0];
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#line !== undefined) {
      if (this.#line.length < MAX_LINE_CHARS && !this.#line.includes('\n')) this.#line += bytes.toString();
      return;
    }
    const seam = this.#tail + bytes.toString('latin1', 0, MARK.length);
    const atSeam = seam.indexOf(`\n${MARK}`);
    const at = atSeam !== -1 ? atSeam - this.#tail.length : bytes.indexOf(`\n${MARK}`);
    if (atSeam === -1 && at === -1) {
      const last = bytes.toString('latin1', Math.max(0, bytes.length - MARK.length));
      this.#tail = (this.#tail + last).slice(-MARK.length);
    } else {
      this.#line = bytes.toString('utf8', at + 1 + MARK.length);
    }
  }
}
