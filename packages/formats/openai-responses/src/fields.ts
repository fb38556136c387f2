import { errors, type JsonObject, type JsonValue, setField } from '@signalbox/kit';

/** The format's id, under which its extensions stand. */
export const ID = 'openai-responses';

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** A non-empty string, or `undefined` for anything else. */
export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number as it stands, or `undefined` for anything else. */
export function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function needObject(value: JsonValue | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
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

/** `null` is as good as absent. @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function optionalNumber(body: JsonObject, key: string): number | undefined {
  const value = body[key];
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw errors.invalidRequest(`${key}: must be a number.`);
}

/** `null` is as good as absent. @throws {SignalboxError} INVALID_REQUEST that names the field. */
export function optionalBoolean(body: JsonObject, key: string): boolean | undefined {
  const value = body[key];
  if (isAbsent(value)) return undefined;
  if (typeof value === 'boolean') return value;
  throw errors.invalidRequest(`${key}: must be true or false.`);
}

/** The fields of `value` that `known` does not name; `undefined` where there are none. */
export function restOf(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const key in value) {
    if (known.has(key) || value[key] === undefined) continue;
    rest ??= {};
    setField(rest, key, value[key]);
  }
  return rest;
}
