const LF = 10;
const CR = 13;
const BLANK_LINE = { lf: Buffer.from('\n\n'), crlf: Buffer.from('\r\n\r\n'), cr: Buffer.from('\r\r') };
const FIRST_CAPACITY = 4 * 1024;
const MAX_FRAME_BYTES = 32 * 1024 * 1024;

/** One frame's bytes: those of `bytes` from `start` to `end`, without the blank line. Valid during the call only. */
export type FrameVisitor = (bytes: Buffer, start: number, end: number) => void;

/**
 * Finds the frames of an event stream in its bytes, however they are cut, without decoding them. Offsets given to the
 * visitor count from the first byte that was left over, so they fit the left-over bytes and the chunk put together. A
 * stream keeps to one kind of line end.
 */
export class FrameScanner {
  readonly #visit: FrameVisitor;
  /** What is left of an unfinished frame: the first `#kept` bytes. It grows by doubling. */
  #buffer = Buffer.alloc(0);
  #kept = 0;
  /** `\n\n`, `\r\n\r\n` or `\r\r`; known from the first line end on. */
  #blankLine: Buffer | undefined;

  constructor(visit: FrameVisitor) {
    this.#visit = visit;
  }

  /** How many bytes are left over, in an unfinished frame. */
  get kept(): number {
    return this.#kept;
  }

  /** @throws {RangeError} when one frame grows past 32 MiB. */
  push(chunk: Uint8Array): void {
    const before = this.#kept;
    if (before > 0) this.#append(chunk);
    const bytes =
      before > 0 ? this.#buffer.subarray(0, this.#kept) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const rest = this.#visitFrames(bytes, before);
    if (before > 0) {
      if (rest > 0) this.#buffer.copyWithin(0, rest, this.#kept);
      this.#kept -= rest;
    } else if (rest < bytes.length) this.#append(bytes.subarray(rest));
  }

  /** The last frame counts without its blank line. */
  end(): void {
    let end = this.#kept;
    while (end > 0 && isLineEnd(this.#buffer[end - 1])) end--;
    this.#kept = 0;
    if (end > 0) this.#visit(this.#buffer, 0, end);
  }

  /** Where the unfinished frame starts. What was searched before is not searched again. */
  #visitFrames(bytes: Buffer, searched: number): number {
    const blankLine = this.#findBlankLine(bytes, Math.max(0, searched - 1));
    if (blankLine === undefined) return 0;
    let start = 0;
    let end = bytes.indexOf(blankLine, Math.max(0, searched - blankLine.length + 1));
    while (end !== -1) {
      this.#visit(bytes, start, end);
      start = end + blankLine.length;
      end = bytes.indexOf(blankLine, start);
    }
    return start;
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#kept + bytes.length;
    if (needed > MAX_FRAME_BYTES) throw new RangeError('a server-sent event is longer than 32 MiB');
    if (needed > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(FIRST_CAPACITY, needed, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, this.#kept);
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#kept);
    this.#kept = needed;
  }

  #findBlankLine(bytes: Buffer, from: number): Buffer | undefined {
    if (this.#blankLine !== undefined) return this.#blankLine;
    const lf = bytes.indexOf(LF, from);
    const cr = bytes.indexOf(CR, from);
    if (cr === -1 || (lf !== -1 && lf < cr)) {
      if (lf !== -1) this.#blankLine = BLANK_LINE.lf;
    } else if (cr < bytes.length - 1) {
      // A CR at the very end may still get its LF.
      this.#blankLine = bytes[cr + 1] === LF ? BLANK_LINE.crlf : BLANK_LINE.cr;
    }
    return this.#blankLine;
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
