import type { JsonObject, JsonValue } from '@signalbox/spec';

const MAX_WORD_CHARS = 100;

/**
 * What a note or an error calls a value of the wire, whatever it is: `String` throws at an object that has a field called
 * `toString`.
 */
export function wordOf(value: JsonValue | undefined): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const word = String(value);
  return word.length > MAX_WORD_CHARS ? `${word.slice(0, MAX_WORD_CHARS)}…` : word;
}

/** What a table says about a word of the wire. Every object has a `constructor` and a `toString`, which no table means. */
export function entryOf<T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Sets a field whose name comes from the wire. Assigned, one called `__proto__` would become the object's prototype. */
export function setField(object: JsonObject, name: string, value: JsonValue | undefined): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
