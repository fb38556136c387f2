const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Splits `<think>…</think>` at the very start of a reply's text from what follows, however it is cut. A tag anywhere
 * else is text: code may well contain one.
 */
export class ThinkTags {
  readonly #reasoning: (text: string) => void;
  readonly #text: (text: string) => void;
  #state: 'start' | 'inside' | 'after' | 'text' = 'start';
  #held = '';
  /** Blanks that nothing follows yet: there may be very many. */
  #blanks: string[] = [];

  constructor(reasoning: (text: string) => void, text: (text: string) => void) {
    this.#reasoning = reasoning;
    this.#text = text;
  }

  push(text: string): void {
    if (this.#state === 'text') {
      this.#text(text);
      return;
    }
    if (this.#state === 'start' && this.#held === '' && text.trim() === '') {
      this.#blanks.push(text);
      return;
    }
    this.#held = this.#unheld() + text;
    if (this.#state === 'start') this.#start();
    if (this.#state === 'inside') this.#inside();
    if (this.#state === 'after') this.#after();
  }

  /** The reply is over: what was held back for a tag is none. */
  end(): void {
    const held = this.#unheld();
    if (held === '') return;
    if (this.#state === 'inside') this.#reasoning(held);
    else this.#text(held);
  }

  /** What was held back, and is not any more. */
  #unheld(): string {
    const held = this.#blanks.join('') + this.#held;
    this.#blanks = [];
    this.#held = '';
    return held;
  }

  #start(): void {
    const seen = this.#held.trimStart();
    if (seen.startsWith(OPEN)) {
      this.#state = 'inside';
      this.#held = seen.slice(OPEN.length).replace(/^\n/, '');
    } else if (!OPEN.startsWith(seen)) {
      this.#state = 'text';
      this.end();
    }
  }

  #inside(): void {
    const at = this.#held.indexOf(CLOSE);
    if (at === -1) {
      const keep = overlap(this.#held);
      const text = this.#held.slice(0, this.#held.length - keep);
      this.#held = this.#held.slice(this.#held.length - keep);
      if (text !== '') this.#reasoning(text);
      return;
    }
    if (at > 0) this.#reasoning(this.#held.slice(0, at));
    this.#held = this.#held.slice(at + CLOSE.length);
    this.#state = 'after';
  }

  /** Blank lines between the reasoning and the text belong to neither. */
  #after(): void {
    this.#held = this.#held.trimStart();
    if (this.#held === '') return;
    this.#state = 'text';
    this.end();
  }
}

/** How much of the end of `text` could be the beginning of the closing tag. */
function overlap(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (CLOSE.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
