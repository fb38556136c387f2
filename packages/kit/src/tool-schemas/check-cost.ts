import type { JsonObject, JsonValue } from '@signalbox/spec';
import { isObject, valueAt } from './json-pointer.ts';

/** Words that make a reference mean something else than its path says. */
const MOVING = ['"$id"', '"$anchor"', '"$dynamicRef"', '"$dynamicAnchor"', '"$recursiveRef"'];

interface Walk {
  readonly root: JsonObject;
  readonly sizes: Map<string, number>;
  /** References on the way here. */
  readonly open: Set<string>;
}

/**
 * How many checks one value may take at most. References to references, each twice, grow without bounds in a few lines;
 * those in a circle have no end, and what leads elsewhere is not known: `Infinity`.
 * @param text the schema as JSON.
 */
export function sizeOfSchema(schema: JsonObject, text: string): number {
  const refers = text.includes('$ref') || text.includes('Ref"');
  if (refers && MOVING.some((word) => text.includes(word))) return Number.POSITIVE_INFINITY;
  return sizeOf(schema, { root: schema, sizes: new Map(), open: new Set() });
}

/** Every object and every item of a list counts, schema or not. */
function sizeOf(value: JsonValue | undefined, walk: Walk): number {
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  if (Array.isArray(value)) {
    for (const item of value) size += sizeOf(item, walk);
    return size;
  }
  for (const key in value) {
    const below = value[key];
    // A description is no check.
    if (typeof below !== 'object' && key !== '$ref') continue;
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

/** Characters of a text that are looked at in the time of one check. */
const CHARS_PER_CHECK = 64;

/** How much there is to check in a value: its parts, and the length of its texts. Stops counting at `limit`. */
export function weightOf(root: JsonValue, limit: number): number {
  let weight = 0;
  const waiting: JsonValue[] = [root];
  for (let value = waiting.pop(); value !== undefined && weight < limit; value = waiting.pop()) {
    weight++;
    if (typeof value === 'string') weight += value.length / CHARS_PER_CHECK;
    if (typeof value !== 'object' || value === null) continue;
    // A value that is too wide is too heavy: its parts need not wait.
    if (Array.isArray(value)) {
      if (value.length > limit) return limit;
      for (const item of value) waiting.push(item);
    } else {
      for (const key in value) {
        weight += key.length / CHARS_PER_CHECK;
        if (value[key] !== undefined) waiting.push(value[key]);
      }
    }
  }
  return weight;
}
