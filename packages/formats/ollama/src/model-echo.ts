const MODEL = /"model"\s*:\s*"(?:[^"\\]|\\.)*"/;
const LF = 10;

/**
 * Puts another model name into every line of a stream. Works on bytes, line by line, so that a cut anywhere, even inside
 * a character, changes nothing. The first `"model"` of a line is the reply's own: it stands before everything else, and
 * texts have a backslash before quotes.
 */
export class ModelEcho {
  readonly #field: string;
  /** The line that is not whole yet, as bytes in `latin1`. */
  #pieces: string[] = [];

  constructor(model: string) {
    this.#field = Buffer.from(`"model":${JSON.stringify(model)}`).toString('latin1');
  }

  push(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(LF) + 1;
    if (end === 0) {
      this.#pieces.push(bytes.toString('latin1'));
      return Buffer.alloc(0);
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
