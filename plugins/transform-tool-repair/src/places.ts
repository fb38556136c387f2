import type { JsonObject, JsonValue } from '@signalbox/kit';
import { isObject, keysOf, placeIn } from '@signalbox/kit/tool-schemas';

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

/** `.items[2].path`, as notes name places; `*` for a key that the schema does not name. */
export function placeOf(schema: JsonObject, pointer: string): string {
  return placeIn(schema, pointer)
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('');
}
