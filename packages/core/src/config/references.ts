import type { JsonObject, JsonValue } from '@signalbox/kit';
import type { JsonPath } from './document.ts';

const READERS: Readonly<Record<string, (text: string) => JsonValue | undefined>> = {
  integer: (text) => (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined),
  number: (text) => (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined),
  boolean: (text) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
};

/**
 * Where in a value a reference to the environment stood, alone. What comes from there is text; in these places it may
 * become what the schema wants.
 */
export class References {
  readonly #texts = new Map<string, string>();

  /** `text`: the reference as it is written. */
  add(path: JsonPath, text: string): void {
    this.#texts.set(keyOf(path), text);
  }

  /** The reference at a path; `undefined`: there is none. */
  at(path: JsonPath): string | undefined {
    return this.#texts.get(keyOf(path));
  }

  /** Those below a path, for a value that is checked by itself. */
  below(path: JsonPath): References {
    const below = new References();
    const start = keyOf(path);
    for (const [key, text] of this.#texts) {
      if (key.startsWith(start)) below.#texts.set(key.slice(start.length), text);
    }
    return below;
  }
}

/** Puts a number or a truth value in the place of the text at `path`. @returns whether the text is one. */
export function convert(root: unknown, path: JsonPath, type: string): boolean {
  const parent = path.slice(0, -1).reduce<unknown>((value, key) => (value as JsonObject | undefined)?.[key], root);
  const key = path.at(-1);
  if (typeof parent !== 'object' || parent === null || key === undefined) return false;
  const text = (parent as JsonObject)[key];
  const value = typeof text === 'string' ? READERS[type]?.(text) : undefined;
  if (value === undefined) return false;
  (parent as JsonObject)[key] = value;
  return true;
}

/** `plugins[0]` and the key "0" of an object are the same to a schema's error. */
function keyOf(path: JsonPath): string {
  return path.map((part) => `${JSON.stringify(String(part))},`).join('');
}
