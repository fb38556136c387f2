const MODEL = /"model"\s*:\s*"[^"\\]*(?:\\.[^"\\]*)*"/;
const LF = 10;
/** A line that is longer is none of a provider's: it goes on as it came, and so does all that follows. */
const MAX_HELD_CHARS = 32 * 1024 * 1024;

/**
 * Puts another model name into every line of a stream. Works on bytes, line by line, so that a cut anywhere, even inside
 * a character, changes nothing. The first `"model"` of a line is the reply's own: it stands before everything else, and
 * texts have a backslash before quotes.
 */
export class ModelEcho {
  readonly #field: string;
  /** The line that is not whole yet, as bytes in `latin1`. */
  #pieces: string[] = [];
  #held = 0;
  #lost = false;

  constructor(model: string) {
    this.#field = Buffer.from(`"model":${JSON.stringify(model)}`).toString('latin1');
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.#lost) return chunk;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(LF) + 1;
    this.#held = end === 0 ? this.#held + bytes.length : bytes.length - end;
    this.#lost = this.#held > MAX_HELD_CHARS;
    if (end === 0) {
      this.#pieces.push(bytes.toString('latin1'));
      return this.#lost ? this.end() : Buffer.alloc(0);
    }
    const whole = this.#pieces.join('') + bytes.toString('latin1', 0, end);
    this.#pieces = end === bytes.length ? [] : [bytes.toString('latin1', end)];
    return this.#replaced(whole);
  }

  end(): Uint8Array {
    const rest = this.#pieces.join('');
    this.#pieces = [];
    return this.#replaced(rest);
  }

  #replaced(lines: string): Uint8Array {
    const echoed = lines
      .split('\n')
      .map((line) => line.replace(MODEL, () => this.#field))
      .join('\n');
    return Buffer.from(echoed, 'latin1');
  }
}
