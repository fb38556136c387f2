import type { JsonObject } from '@signalbox/spec';
import { isObject } from './values.ts';

/** How much a strict schema says; providers refuse what is too large. What is referred to counts once. */
export interface SchemaSize {
  readonly properties: number;
  /** Of the properties, how many are not required. */
  readonly optional: number;
  /** Places whose value may be of several types. */
  readonly unions: number;
  /** Objects and lists inside each other. */
  readonly depth: number;
  readonly values: number;
  /** In names and listed values. */
  readonly characters: number;
}

type Counts = { -readonly [Key in keyof SchemaSize]: SchemaSize[Key] };

/** @param schema one that `strictSchema` gave. */
export function sizeOf(schema: JsonObject): SchemaSize {
  const counts: Counts = { properties: 0, optional: 0, unions: 0, depth: 0, values: 0, characters: 0 };
  count(schema, 0, counts);
  return counts;
}

function count(schema: JsonObject, depth: number, counts: Counts): void {
  const { type, properties, items, anyOf, enum: values, const: value, $defs: defs } = schema;
  const inside = isObject(properties) || isObject(items) ? depth + 1 : depth;
  counts.depth = Math.max(counts.depth, inside);
  if (Array.isArray(type) || Array.isArray(anyOf)) counts.unions++;
  if (Array.isArray(values)) {
    counts.values += values.length;
    for (const one of values) counts.characters += String(one).length;
  }
  if (value !== undefined) counts.characters += String(value).length;
  if (isObject(properties)) {
    const required = Array.isArray(schema.required) ? schema.required.length : 0;
    counts.optional += Object.keys(properties).length - required;
    for (const name in properties) {
      counts.properties++;
      counts.characters += name.length;
      if (isObject(properties[name])) count(properties[name], inside, counts);
    }
  }
  if (isObject(items)) count(items, inside, counts);
  if (Array.isArray(anyOf)) for (const one of anyOf) if (isObject(one)) count(one, depth, counts);
  if (!isObject(defs)) return;
  for (const name in defs) {
    counts.characters += name.length;
    if (isObject(defs[name])) count(defs[name], 0, counts);
  }
}
