import type { JsonObject, JsonValue } from '@signalbox/kit';

/** One place of a schema. */
export interface Place {
  readonly schema: JsonObject;
  readonly path: string;
  /** Objects and lists around it, references not followed. */
  readonly depth: number;
  /** It is a branch of a choice, or a definition. */
  readonly of: 'root' | 'property' | 'items' | 'branch' | 'definition' | 'other';
}

const ONE = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', '$defs', 'definitions', 'patternProperties'];

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every schema inside a schema, itself first. What stands where a schema must and is none is told to `strange`. */
export function placesIn(root: JsonObject, strange: (path: string) => void): Place[] {
  const places: Place[] = [];
  const visit = (value: JsonValue | undefined, path: string, depth: number, of: Place['of']): void => {
    if (!isObject(value)) {
      if (value !== false || !path.endsWith('additionalProperties')) strange(path);
      return;
    }
    places.push({ schema: value, path, depth, of });
    const inside = value.properties !== undefined || value.items !== undefined ? depth + 1 : depth;
    for (const key of ONE) {
      if (value[key] !== undefined) visit(value[key], `${path}/${key}`, inside, key === 'items' ? 'items' : 'other');
    }
    for (const key of LISTS) {
      const list = value[key];
      if (!Array.isArray(list)) continue;
      for (const [at, one] of list.entries()) visit(one, `${path}/${key}/${at}`, depth, 'branch');
    }
    for (const key of MAPS) {
      const map = value[key];
      if (!isObject(map)) continue;
      const property = key === 'properties';
      for (const name in map) {
        visit(map[name], `${path}/${key}/${name}`, property ? inside : 0, property ? 'property' : 'definition');
      }
    }
  };
  visit(root, '#', 0, 'root');
  return places;
}

/** What a reference inside the same document leads to. */
export function targetOf(root: JsonObject, ref: JsonValue | undefined): JsonObject | undefined {
  if (ref === '#') return root;
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return undefined;
  let at: JsonValue | undefined = root;
  for (const step of ref.slice(2).split('/')) {
    at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return isObject(at) ? at : undefined;
}

/** Whether a schema comes to itself by its references. */
export function recurses(root: JsonObject): boolean {
  const done = new Set<JsonObject>();
  const comesBack = (schema: JsonObject, open: ReadonlySet<JsonObject>): boolean => {
    if (open.has(schema)) return true;
    if (done.has(schema)) return false;
    const inside = new Set(open).add(schema);
    const found = placesIn(schema, () => {}).some(({ schema: inner, of }) => {
      if (of === 'definition' || inner.$ref === undefined) return false;
      const target = targetOf(root, inner.$ref);
      return target !== undefined && comesBack(target, inside);
    });
    done.add(schema);
    return found;
  };
  return comesBack(root, new Set());
}
