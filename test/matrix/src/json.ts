import type { JsonObject, JsonValue } from '@signalbox/kit';

/** A value of the wire as an object; `{}` where it is none. */
export function object(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** A value of the wire as a list of objects; empty where it is none. */
export function list(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(object) : [];
}

export function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function number(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A JSON text as a value; the text itself where it is no JSON. */
export function parse(json: string): JsonValue {
  try {
    return JSON.parse(json) as JsonValue;
  } catch {
    return json;
  }
}

/** The `data:` frames of an event stream, each with the name that stands before it. Comments are left out. */
export function frames(raw: string): readonly { readonly event: string | undefined; readonly data: string }[] {
  return raw
    .split('\n\n')
    .map((frame) => frame.split('\n').filter((line) => line !== '' && !line.startsWith(':')))
    .filter((lines) => lines.length > 0)
    .map((lines) => ({
      event: lines.find((line) => line.startsWith('event: '))?.slice('event: '.length),
      data: lines
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length))
        .join('\n'),
    }));
}

/** `data:<type>;base64,<data>` in its two parts; `undefined` where it is something else. */
export function dataUrl(url: string): { readonly mediaType: string; readonly data: string } | undefined {
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  return mediaType === undefined || data === undefined ? undefined : { mediaType, data };
}

/** The same value, however its keys are ordered. */
export function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((entry) => sorted(entry) as JsonValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
