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
  /** One character a byte, as a chunk may end in the middle of one. */
  #line: string | undefined;
  /** Where the line goes on in the chunk that was looked through last. */
  #from = 0;

  /** The text behind the mark, as far as it came; `undefined` without a mark. */
  get text(): string | undefined {
    const line = this.#line?.split('\n', 1)[0];
    return line === undefined ? undefined : Buffer.from(line, 'latin1').toString('utf8');
  }

  /** How many bytes of the next chunk stand ahead of the line; all of them where it has none of it. */
  aheadIn(chunk: Uint8Array): number {
    this.#from = 0;
    if (this.#line !== undefined) return 0;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const seam = this.#tail + bytes.toString('latin1', 0, MARK.length);
    const atSeam = seam.indexOf(`\n${MARK}`);
    const at = atSeam !== -1 ? atSeam - this.#tail.length : bytes.indexOf(`\n${MARK}`);
    if (atSeam === -1 && at === -1) {
      const last = bytes.toString('latin1', Math.max(0, bytes.length - MARK.length));
      this.#tail = (this.#tail + last).slice(-MARK.length);
      return chunk.length;
    }
    this.#from = at + 1 + MARK.length;
    return Math.max(0, at + 1);
  }

  /** Takes what the same chunk has of the line. */
  take(chunk: Uint8Array): void {
    const line = this.#line ?? '';
    if (line.length >= MAX_LINE_CHARS || line.includes('\n')) return;
    this.#line = line + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1', this.#from);
  }
}
