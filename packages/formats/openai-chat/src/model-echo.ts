const MODEL = /"model"\s*:\s*"(?:[^"\\]|\\.)*"/;
const LF = 10;

/**
 * Puts another model name into every line of a stream. Works on bytes, line by line, so that a cut anywhere, even inside
 * a character, changes nothing. The first `"model"` of a line is the chunk's own: texts have a backslash before quotes.
 */
export class ModelEcho {
  readonly #field: string;
  /** The line that is not whole yet, as bytes in `latin1`. */
  #rest = '';

  constructor(model: string) {
    this.#field = Buffer.from(`"model":${JSON.stringify(model)}`).toString('latin1');
  }

  push(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(LF) + 1;
    const whole = end === 0 ? '' : this.#rest + bytes.toString('latin1', 0, end);
    this.#rest = end === 0 ? this.#rest + bytes.toString('latin1') : bytes.toString('latin1', end);
    return Buffer.from(this.#replace(whole), 'latin1');
  }

  end(): Uint8Array {
    const rest = this.#rest;
    this.#rest = '';
    return Buffer.from(this.#replace(rest), 'latin1');
  }

  #replace(text: string): string {
    if (text === '') return '';
    return text
      .split('\n')
      .map((line) => line.replace(MODEL, () => this.#field))
      .join('\n');
  }
}
