/**
 * Reads stream frames that differ from an earlier one in a single string, without parsing them. A provider's deltas
 * repeat everything (id, model, nulls) around a few characters of text, so the frames of one kind share their beginning
 * and their end byte for byte. A frame that does not fit is left to the parser, and then learnt from.
 */
export class RepeatedFrame {
  #prefix: string | undefined;
  #suffix = '';

  /** Remembers a parsed frame whose only text is the string `text` at `key`, which must stand in it once. */
  learn(frame: string, key: string, text: string): void {
    this.#prefix = undefined;
    const marker = `"${key}":"`;
    const at = frame.indexOf(marker);
    if (at === -1 || frame.lastIndexOf(marker) !== at) return;
    const start = at + marker.length;
    const end = start + JSON.stringify(text).length - 2;
    // Where the provider escapes otherwise than we do, the places do not fit, and there is nothing to learn.
    if (frame[end] !== '"' || decoded(frame.slice(start, end)) !== text) return;
    this.#prefix = frame.slice(0, start);
    this.#suffix = frame.slice(end);
  }

  /** The text of a frame that is like the learnt one; `undefined` for any other frame. */
  textOf(frame: string): string | undefined {
    const prefix = this.#prefix;
    if (prefix === undefined) return undefined;
    const end = frame.length - this.#suffix.length;
    if (end < prefix.length) return undefined;
    // Comparing slices is several times faster than `startsWith` and `endsWith`.
    if (frame.slice(0, prefix.length) !== prefix || frame.slice(end) !== this.#suffix) return undefined;
    return decoded(frame.slice(prefix.length, end));
  }
}

/** What stands between the quotes of a JSON string; `undefined` if that is more than one string. */
function decoded(raw: string): string | undefined {
  if (!raw.includes('\\') && !raw.includes('"')) return raw;
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
