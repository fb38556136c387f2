import type { JsonObject, JsonValue } from '@signalbox/spec';
import { setField } from '../json-words.ts';
import { isAnnotation } from '../schema-words.ts';
import { Unsayable } from './rules.ts';
import { isObject, same } from './values.ts';

/**
 * One schema that asks for all that its parts ask for. What two parts say about one property stays with it as `allOf`.
 * @param lose told of a keyword that parts contradict each other in; the first part's stays. So it is of
 *   `additionalProperties` where a part takes none of the properties of another.
 * @throws {Unsayable} where no value satisfies all of them.
 */
export function mergeParts(parts: readonly JsonObject[], lose: (keyword: string) => void): JsonObject {
  const [first = {}, ...others] = parts;
  const out: JsonObject = { ...first };
  const properties = new Map<string, JsonValue[]>();
  let required: Set<JsonValue> | undefined;
  for (const part of others) {
    for (const key in part) {
      const a = Object.hasOwn(out, key) ? out[key] : undefined;
      const b = part[key];
      if (a === undefined) setField(out, key, b);
      else if (b === undefined) continue;
      else if (key === 'properties' && isObject(a) && isObject(b)) {
        gather(b, properties, a);
      } else if (key === 'required' && Array.isArray(a) && Array.isArray(b)) {
        required ??= new Set(a);
        for (const name of b) required.add(name);
      } else if (key === 'enum' && Array.isArray(a) && Array.isArray(b)) out.enum = common(a, b);
      else if (key === 'description' && typeof a === 'string' && typeof b === 'string' && a !== b) {
        out.description = `${a} ${b}`;
      } else if (key === 'additionalProperties' && (a === false || b === false)) out[key] = false;
      else if (!isAnnotation(key) && !UNREAD.has(key) && !same(a, b)) lose(key);
    }
  }
  if (properties.size > 0) {
    const merged: JsonObject = {};
    for (const [name, [only = true, ...more]] of properties) {
      setField(merged, name, more.length === 0 ? only : { allOf: [only, ...more] });
    }
    out.properties = merged;
  }
  if (required !== undefined) out.required = [...required];
  if (parts.some((part) => isClosedTo(out.properties, part))) lose('additionalProperties');
  return out;
}

function isClosedTo(properties: JsonValue | undefined, part: JsonObject): boolean {
  if (part.additionalProperties !== false || !isObject(properties)) return false;
  const own = isObject(part.properties) ? part.properties : {};
  return Object.keys(properties).some((name) => !Object.hasOwn(own, name));
}

/** They name the schema, or stand for others to refer to. */
const UNREAD: ReadonlySet<string> = new Set(['$schema', '$id', '$anchor', '$defs', 'definitions']);

/** What all parts say about each property. */
function gather(more: JsonObject, said: Map<string, JsonValue[]>, before: JsonObject): void {
  if (said.size === 0) for (const name in before) said.set(name, [before[name] ?? true]);
  for (const name in more) {
    const list = said.get(name);
    if (list === undefined) said.set(name, [more[name] ?? true]);
    else list.push(more[name] ?? true);
  }
}

function common(a: readonly JsonValue[], b: readonly JsonValue[]): JsonValue[] {
  const other = new Set(b);
  const both = a.filter((value) => other.has(value));
  if (both.length === 0) throw new Unsayable('it allows no value at all in one place');
  return both;
}
