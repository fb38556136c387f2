const MODEL = /"modelVersion"\s*:\s*"(?:[^"\\]|\\.)*"/g;
const LF = 10;

/**
 * Puts another model name into every line of a stream. Works on bytes, line by line, so that a cut anywhere, even inside a
 * character, changes nothing. The last `"modelVersion"` of a line is the reply's own, which stands behind its contents.
 */
export class ModelEcho {
  readonly #field: string;
  /** The line that is not whole yet, as bytes in `latin1`. */
  #rest = '';

  constructor(model: string) {
    this.#field = Buffer.from(`"modelVersion":${JSON.stringify(model)}`).toString('latin1');
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
    return text === ''
      ? ''
      : text
          .split('\n')
          .map((line) => this.#replaceLast(line))
          .join('\n');
  }

  #replaceLast(line: string): string {
    let last: RegExpExecArray | undefined;
    for (const match of line.matchAll(MODEL)) last = match;
    if (last === undefined) return line;
    return line.slice(0, last.index) + this.#field + line.slice(last.index + last[0].length);
  }
}
