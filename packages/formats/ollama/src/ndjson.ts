const MAX_LINE_CHARS = 32 * 1024 * 1024;

/** Decodes lines of JSON, cut anywhere, even inside a character. Blank lines are skipped. */
export class LineDecoder {
  readonly #utf8 = new TextDecoder();
  /** The pieces of the line that is not whole yet: put together once, when it ends. */
  #pieces: string[] = [];
  #length = 0;
  #lost = false;

  /** @throws {RangeError} once, when one line grows past 32 Mi characters; from then on there are no more lines. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    if (this.#lost) return lines;
    const input = this.#utf8.decode(chunk, { stream: true });
    let start = 0;
    for (let end = input.indexOf('\n'); end !== -1; end = input.indexOf('\n', start)) {
      this.#finish(input.slice(start, end), lines);
      start = end + 1;
    }
    if (start < input.length) this.#keep(input.slice(start));
    return lines;
  }

  /** The provider closed: what is left counts as a line. */
  end(): string[] {
    const lines: string[] = [];
    this.#finish(this.#utf8.decode(), lines);
    return lines;
  }

  #finish(rest: string, lines: string[]): void {
    const line = this.#pieces.length === 0 ? rest : this.#pieces.join('') + rest;
    this.#pieces = [];
    this.#length = 0;
    if (line.trim() !== '') lines.push(line);
  }

  #keep(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length <= MAX_LINE_CHARS) return;
    this.#lost = true;
    this.#pieces = [];
    throw new RangeError('a line of the stream is longer than 32 Mi characters');
  }
}
