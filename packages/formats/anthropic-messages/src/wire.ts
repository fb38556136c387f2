import { type Extensions, errors, type JsonObject, type JsonValue, setField } from '@signalbox/kit';

/** The format's id: its key in `extensions`, and what opaque blocks and tools of it are tagged with. */
export const FORMAT_ID = 'anthropic-messages';

/** The origin of genuine Anthropic signatures. They go back to targets of this `reasoningOrigin` only. */
export const ANTHROPIC_ORIGIN = 'anthropic';

/** Claude Code's first system block, of one line; it differs per conversation. */
export const ATTRIBUTION_BLOCK = /^x-anthropic-billing-header:[^\n]*\n*$/;

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `null` means the same as a missing key in this format. */
export function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** The keys of `value` that `known` does not list and that say something; `undefined` where there are none. */
export function extrasOf(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let extras: JsonObject | undefined;
  for (const key in value) {
    if (known.has(key) || isAbsent(value[key])) continue;
    extras ??= {};
    setField(extras, key, value[key]);
  }
  return extras;
}

/** @throws {SignalboxError} INVALID_REQUEST in the words that Anthropic uses. */
export function requireString(value: JsonValue | undefined, path: string): string {
  if (typeof value === 'string') return value;
  throw errors.invalidRequest(
    value === undefined ? `${path}: Field required` : `${path}: Input should be a valid string`,
  );
}

/** `undefined` where the field is absent. @throws {SignalboxError} INVALID_REQUEST for another type. */
export function optionalString(value: JsonValue | undefined, path: string): string | undefined {
  return isAbsent(value) ? undefined : requireString(value, path);
}

export function optionalBoolean(value: JsonValue | undefined, path: string): boolean | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'boolean') return value;
  throw errors.invalidRequest(`${path}: Input should be a valid boolean`);
}

export function optionalNumber(value: JsonValue | undefined, path: string): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw errors.invalidRequest(`${path}: Input should be a valid number`);
}

export function requireObject(value: JsonValue | undefined, path: string): JsonObject {
  if (isObject(value)) return value;
  throw errors.invalidRequest(value === undefined ? `${path}: Field required` : `${path}: Input should be an object`);
}

export function requireArray(value: JsonValue | undefined, path: string): JsonValue[] {
  if (Array.isArray(value)) return value;
  throw errors.invalidRequest(
    value === undefined ? `${path}: Field required` : `${path}: Input should be a valid array`,
  );
}

/** A text block's citations on the wire, from the deltas in which the canonical model keeps them. */
export function wireCitations(extensions: Extensions | undefined): JsonValue[] | undefined {
  const deltas = extensions?.[FORMAT_ID]?.deltas;
  if (!Array.isArray(deltas)) return undefined;
  const citations: JsonValue[] = [];
  for (const delta of deltas) {
    if (isObject(delta) && delta.citation !== undefined) citations.push(delta.citation);
  }
  return citations.length === 0 ? undefined : citations;
}
