import type { JsonObject, JsonValue } from '@signalbox/kit';
import { isObject, valueAt } from './places.ts';

/** Schemas that a value is held against, references followed. */
const MAX_SCHEMAS = 20_000;

/** Words that make a reference mean something else than its path says. */
const MOVING = ['"$id"', '"$anchor"', '"$dynamicRef"', '"$dynamicAnchor"', '"$recursiveRef"'];

/**
 * Whether checking against a schema takes time in proportion to the value. References to references, each twice, grow
 * without bounds in a few lines, and those in a circle have no end.
 * @param text the schema as JSON.
 */
export function isBounded(schema: JsonObject, text: string): boolean {
  if (!text.includes('$ref') && !text.includes('Ref"')) return true;
  if (MOVING.some((word) => text.includes(word))) return false;
  return sizeOf(schema, { root: schema, sizes: new Map(), open: new Set() }) <= MAX_SCHEMAS;
}

interface Walk {
  readonly root: JsonObject;
  readonly sizes: Map<string, number>;
  /** References on the way here. */
  readonly open: Set<string>;
}

/** Whatever stands below counts, schema or not: more than needed, and never less. */
function sizeOf(value: JsonValue | undefined, walk: Walk): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item, walk), 0);
  let size = 1;
  for (const key in value) {
    const below = value[key];
    size += key === '$ref' && typeof below === 'string' ? sizeOfTarget(below, walk) : sizeOf(below, walk);
  }
  return size;
}

function sizeOfTarget(reference: string, walk: Walk): number {
  const known = walk.sizes.get(reference);
  if (known !== undefined) return known;
  if (!reference.startsWith('#/') || walk.open.has(reference)) return Number.POSITIVE_INFINITY;
  const target = valueAt(walk.root, decodePointer(reference.slice(1)));
  if (!isObject(target)) return Number.POSITIVE_INFINITY;
  walk.open.add(reference);
  const size = sizeOf(target, walk);
  walk.open.delete(reference);
  walk.sizes.set(reference, size);
  return size;
}

function decodePointer(pointer: string): string {
  try {
    return decodeURIComponent(pointer);
  } catch {
    return pointer;
  }
}
