import type { JsonObject, JsonValue } from '@signalbox/kit';

/** The keys and indexes of a JSON Pointer. */
export function keysOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function valueAt(root: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const key of keysOf(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Array.isArray(value) ? value[Number(key)] : value[key];
  }
  return value;
}

/** The same value with another one at a place; nothing that was given changes. */
export function withValueAt(root: JsonValue, pointer: string, value: JsonValue): JsonValue {
  return replaced(root, keysOf(pointer), value);
}

function replaced(at: JsonValue | undefined, [key, ...rest]: readonly string[], value: JsonValue): JsonValue {
  if (key === undefined) return value;
  if (Array.isArray(at)) return at.map((item, index) => (String(index) === key ? replaced(item, rest, value) : item));
  // Own keys one by one: one that is called `__proto__` is a key like any other.
  const entries = Object.entries(isObject(at) ? at : {});
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? replaced(item, rest, value) : item]));
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `items[2].path`, as notes name places. */
export function placeOf(pointer: string): string {
  return keysOf(pointer)
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('');
}
