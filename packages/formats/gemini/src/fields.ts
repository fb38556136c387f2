import { errors, type JsonObject, type JsonValue, setField } from '@signalbox/kit';

/** The format's id, under which its extensions stand. */
export const ID = 'gemini';

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A non-empty string, or `undefined` for anything else. */
export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number as it stands, or `undefined` for anything else. */
export function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** `null` means the same as a missing key in this format. */
export function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/**
 * The object with the names of its own fields in camelCase: Google takes `system_instruction` for `systemInstruction`, and
 * its examples are written both ways. The very object where nothing is to change; what it holds stays as it is.
 */
export function camel(value: JsonObject): JsonObject {
  for (const key in value) {
    if (!key.includes('_')) continue;
    const out: JsonObject = {};
    for (const name in value) out[name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value[name];
    return out;
  }
  return value;
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function needObject(value: JsonValue | undefined, path: string): JsonObject {
  if (isObject(value)) return camel(value);
  throw errors.invalidRequest(`${path}: must be an object.`);
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function needArray(value: JsonValue | undefined, path: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  throw errors.invalidRequest(`${path}: must be an array.`);
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function needString(value: JsonValue | undefined, path: string): string {
  if (typeof value === 'string') return value;
  throw errors.invalidRequest(`${path}: must be a string.`);
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function optionalNumber(value: JsonValue | undefined, path: string): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw errors.invalidRequest(`${path}: must be a number.`);
}

/** What `value` holds beyond `known` and says something; `undefined` where there is nothing. */
export function extrasOf(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let extras: JsonObject | undefined;
  for (const key in value) {
    if (known.has(key) || isAbsent(value[key])) continue;
    extras ??= {};
    setField(extras, key, value[key]);
  }
  return extras;
}

/** `extensions` with what only this format knows; nothing where that is nothing. */
export function tagged(extras: JsonObject | undefined): { extensions?: Record<string, JsonObject> } {
  return extras === undefined ? {} : { extensions: { [ID]: extras } };
}
