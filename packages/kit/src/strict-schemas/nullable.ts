import type { JsonObject } from '@signalbox/spec';
import { isObject } from './values.ts';

/** Whether a strict schema lets a value be null. @param seen references that need no second look. */
export function acceptsNull(schema: JsonObject, defs: JsonObject, seen: Set<string> = new Set()): boolean {
  const { type, enum: values, const: only, anyOf, $ref } = schema;
  if (typeof $ref === 'string') {
    const target = defs[$ref.slice('#/$defs/'.length)];
    if (seen.has($ref) || !isObject(target)) return false;
    return acceptsNull(target, defs, seen.add($ref));
  }
  if (Array.isArray(anyOf)) return anyOf.some((branch) => isObject(branch) && acceptsNull(branch, defs, seen));
  if (only !== undefined) return only === null;
  if (Array.isArray(values)) return values.includes(null);
  return Array.isArray(type) ? type.includes('null') : type === 'null';
}

/** The same schema, or null. */
export function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values, const: only, anyOf } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: 'null' }] };
  const plain = values === undefined && only === undefined;
  if (plain && Array.isArray(type)) return { ...schema, type: [...type, 'null'] };
  if (plain && typeof type === 'string' && type !== 'object' && type !== 'array')
    return { ...schema, type: [type, 'null'] };
  return { anyOf: [schema, { type: 'null' }] };
}
