import { errors, type JsonObject, type JsonValue, setField } from '@signalbox/kit';

/** The format's id, under which its extensions stand. */
export const ID = 'ollama';

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

/** What Go's JSON takes for "not given". */
export function isUnsaid(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function needObject(value: JsonValue | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw errors.invalidRequest(`${path}: must be an object.`);
}

/** `null` is an empty list. @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function optionalArray(value: JsonValue | undefined, path: string): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw errors.invalidRequest(`${path}: must be an array.`);
}

/** `null` is `''`. @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function optionalString(value: JsonValue | undefined, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw errors.invalidRequest(`${path}: must be a string.`);
}

/** `null` is as good as absent. @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function optionalNumber(value: JsonValue | undefined, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw errors.invalidRequest(`${path}: must be a number.`);
}

/** `null` is as good as absent. @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function optionalBoolean(value: JsonValue | undefined, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw errors.invalidRequest(`${path}: must be true or false.`);
}

/** The entries of `value` whose keys are not `known`; `undefined` where there are none. */
export function restOf(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const key in value) {
    if (known.has(key) || value[key] === undefined || value[key] === null) continue;
    rest ??= {};
    setField(rest, key, value[key]);
  }
  return rest;
}
