import type { JsonObject } from '@signalbox/kit';
import { isObject } from './fields.ts';

const REJECTED: readonly string[] = ['allOf', 'oneOf', 'not', 'if', 'patternProperties', 'propertyNames'];

/** Whether every object is closed and requires all its properties, as strict mode wants. */
export function isStrictSchema(schema: JsonObject): boolean {
  if (isObject(schema.properties)) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    if (schema.additionalProperties !== false) return false;
    if (!Object.keys(schema.properties).every((key) => required.includes(key))) return false;
  } else if (schema.type === 'object') {
    return false;
  }
  if (REJECTED.some((key) => schema[key] !== undefined)) return false;
  const inner = [
    ...objects(schema.properties),
    ...objects(schema.$defs),
    ...(isObject(schema.items) ? [schema.items] : []),
    ...(Array.isArray(schema.anyOf) ? schema.anyOf.filter(isObject) : []),
  ];
  return inner.every(isStrictSchema);
}

function objects(value: JsonObject[string]): JsonObject[] {
  return isObject(value) ? Object.values(value).filter(isObject) : [];
}
