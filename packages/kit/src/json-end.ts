const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Says whether JSON that comes in pieces is a whole object, list or text by now. A piece is looked at when somebody asks,
 * and once: an answer may come in very many.
 */
export class JsonEnd {
  readonly #pieces: string[] = [];
  /** In characters. */
  length = 0;
  /** Pieces that were looked at. */
  #seen = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** The first value has ended; `false`: it never does, or what follows it is no blank. */
  #ended: boolean | undefined;
  #parses: boolean | undefined;

  add(piece: string): void {
    this.#pieces.push(piece);
    this.length += piece.length;
  }

  /** Everything so far. */
  text(): string {
    return this.#pieces.join('');
  }

  isWhole(): boolean {
    for (; this.#seen < this.#pieces.length && this.#ended !== false; this.#seen++)
      this.#look(this.#pieces[this.#seen] ?? '');
    if (this.#ended !== true) return false;
    this.#parses ??= parses(this.text());
    return this.#parses;
  }

  #look(piece: string): void {
    for (let at = 0; at < piece.length; at++) {
      const char = piece.charCodeAt(at);
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (char === BACKSLASH) this.#escaped = true;
        else if (char === QUOTE) {
          this.#inText = false;
          if (this.#depth === 0) this.#ended = true;
        }
      } else if (char > 0x20) {
        // Something behind the end, or at the top nothing that has one.
        if (this.#ended === true || (this.#depth === 0 && !opens(char))) {
          this.#ended = false;
          return;
        }
        if (char === QUOTE) this.#inText = true;
        else if (char === OPEN_BRACE || char === OPEN_BRACKET) this.#depth++;
        else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
          if (--this.#depth === 0) this.#ended = true;
        }
      }
    }
  }
}

function opens(char: number): boolean {
  return char === QUOTE || char === OPEN_BRACE || char === OPEN_BRACKET;
}

function parses(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
