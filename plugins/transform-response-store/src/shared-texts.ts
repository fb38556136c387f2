interface Shared {
  readonly text: string;
  holders: number;
}

/** Texts that many may hold, each of them kept once: conversations repeat what was said before, and their tools. */
export class SharedTexts {
  /** Of memory, roughly. */
  bytes = 0;
  readonly #texts = new Map<string, Shared>();

  /** @returns the text as it is kept, for its holder to hold that one. */
  hold(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) {
      known.holders++;
      return known.text;
    }
    this.#texts.set(text, { text, holders: 1 });
    this.bytes += bytesOf(text);
    return text;
  }

  release(text: string): void {
    const known = this.#texts.get(text);
    if (known === undefined || --known.holders > 0) return;
    this.#texts.delete(text);
    this.bytes -= bytesOf(text);
  }
}

/** The engine keeps a text that is not all Latin in two bytes a character. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
