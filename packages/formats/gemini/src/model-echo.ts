const MODEL = /"modelVersion"\s*:\s*"[^"\\]*(?:\\.[^"\\]*)*"/g;
const LF = 10;
const NOTHING = new Uint8Array();
/** A line that is longer is none of a provider's: it goes on as it came, and so does all that follows. */
const MAX_HELD_CHARS = 32 * 1024 * 1024;

/**
 * Puts another model name into every line of a stream. Works on bytes, line by line, so that a cut anywhere, even inside a
 * character, changes nothing. The last `"modelVersion"` of a line is the reply's own, which stands behind its contents.
 */
export class ModelEcho {
  readonly #field: string;
  /** The pieces of the line that is not whole yet, as bytes in `latin1`. */
  #rest: string[] = [];
  #held = 0;
  #lost = false;

  constructor(model: string) {
    this.#field = Buffer.from(`"modelVersion":${JSON.stringify(model)}`).toString('latin1');
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.#lost) return chunk;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(LF) + 1;
    this.#held = end === 0 ? this.#held + bytes.length : bytes.length - end;
    this.#lost = this.#held > MAX_HELD_CHARS;
    if (end === 0) {
      this.#rest.push(bytes.toString('latin1'));
      return this.#lost ? this.end() : NOTHING;
    }
    const whole = this.#rest.join('') + bytes.toString('latin1', 0, end);
    this.#rest = end === bytes.length ? [] : [bytes.toString('latin1', end)];
    return Buffer.from(this.#replace(whole), 'latin1');
  }

  end(): Uint8Array {
    const rest = this.#rest.join('');
    this.#rest = [];
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
