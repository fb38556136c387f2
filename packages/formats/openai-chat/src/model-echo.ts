const KEY = '"model"';
const MODEL = /"model"[ \t\r]*:[ \t\r]*"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y;
const LF = 10;
const NOTHING = new Uint8Array();
/** A line that is longer is none of a provider's: it goes on as it came, and so does all that follows. */
const MAX_HELD_CHARS = 32 * 1024 * 1024;

/**
 * Puts another model name into every line of a stream. Works on bytes, line by line, so that a cut anywhere, even inside
 * a character, changes nothing. The first `"model"` of a line is the chunk's own: texts have a backslash before quotes.
 */
export class ModelEcho {
  readonly #field: string;
  /** The provider's own field as it stood last: every chunk repeats it. */
  #known = '';
  /** The pieces of the line that is not whole yet, as bytes in `latin1`. */
  #rest: string[] = [];
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
    let out = '';
    let taken = 0;
    for (let at = text.indexOf(KEY); at !== -1; ) {
      if (this.#known === '' || text.slice(at, at + this.#known.length) !== this.#known) {
        MODEL.lastIndex = at;
        this.#known = MODEL.exec(text)?.[0] ?? '';
      }
      let next = at + KEY.length;
      if (this.#known !== '') {
        out += text.slice(taken, at) + this.#field;
        taken = at + this.#known.length;
        const lineEnd = text.indexOf('\n', taken);
        next = lineEnd === -1 ? text.length : lineEnd;
      }
      at = text.indexOf(KEY, next);
    }
    return taken === 0 ? text : out + text.slice(taken);
  }
}
