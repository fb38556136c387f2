import type { Extensions, JsonObject, JsonValue } from '@signalbox/spec';
import { setField } from './json-words.ts';

/**
 * What a field of a format's own is to a target that does not know it. `loss`: it changes the answer, or what becomes of
 * it. `advice`: nothing hangs on it. `harmless`: it says what is so anyway, and needs no word.
 */
export type OwnFate = 'loss' | 'advice' | 'harmless';

/**
 * Keeps a field that only this format has among its extensions, under its path on the wire: `seed`, `text.verbosity`. So
 * a note can name just what is lost. An empty list asks for nothing; an empty object may (`web_search_options: {}`).
 */
export function keepOwn(own: JsonObject, path: string, value: JsonValue, fate: OwnFate): void {
  if (fate === 'harmless' || isEmptyList(value)) {
    const harmless = { ...asObject(own.$harmless) };
    setField(harmless, path, value);
    own.$harmless = harmless;
    return;
  }
  setField(own, path, value);
  if (fate === 'advice') own.$advice = Array.isArray(own.$advice) ? [...own.$advice, path] : [path];
}

/** All that was kept of a client of this format, by path. */
export function ownFields(extensions: Extensions | undefined, format: string): [path: string, value: JsonValue][] {
  const own = extensions?.[format];
  if (own === undefined) return [];
  return [...Object.entries(asObject(own.$harmless)), ...Object.entries(own)].filter(
    (entry): entry is [string, JsonValue] => entry[1] !== undefined && !entry[0].startsWith('$'),
  );
}

/** What of it stands under one field of the wire, by what follows: `verbosity` of `text`. */
export function ownFieldsOf(extensions: Extensions | undefined, format: string, field: string): JsonObject {
  const prefix = `${field}.`;
  const found: JsonObject = {};
  for (const [path, value] of ownFields(extensions, format)) {
    if (path.startsWith(prefix)) setField(found, path.slice(prefix.length), value);
  }
  return found;
}

export function isEmptyList(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

export function isEmptyObject(value: JsonValue | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
