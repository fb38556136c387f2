import { type JsonObject, type JsonValue, setField } from '@signalbox/kit';
import { isObject } from './fields.ts';
import { rememberJsonSchema } from './originals.ts';

/** The names of types in Google's own `Schema`. */
const GOOGLE_TYPES: ReadonlySet<string> = new Set([
  'STRING',
  'NUMBER',
  'INTEGER',
  'BOOLEAN',
  'ARRAY',
  'OBJECT',
  'NULL',
]);

/** Keywords that hold one schema, or a list of them. */
const SCHEMAS: ReadonlySet<string> = new Set([
  'items',
  'prefixItems',
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
]);

/** Keywords that hold schemas by names of the client's. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'patternProperties']);

/**
 * What stands in a field for JSON Schema. Google also takes the names of types in capitals there, and Gemini CLI sends
 * them; no other provider knows them. The very schema where there are none.
 */
export function decodeJsonSchema(schema: JsonObject): JsonObject {
  return rememberJsonSchema(lowered(schema), schema);
}

function lowered(schema: JsonObject): JsonObject {
  return mapped(schema, (value, key) => {
    if (key === 'type') return loweredType(value);
    if (SCHEMAS.has(key)) return loweredAny(value);
    return NAMED_SCHEMAS.has(key) && isObject(value) ? mapped(value, loweredAny) : value;
  });
}

function loweredAny(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return mappedList(value, loweredAny);
  return isObject(value) ? lowered(value) : value;
}

function loweredType(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return mappedList(value, loweredType);
  return typeof value === 'string' && GOOGLE_TYPES.has(value) ? value.toLowerCase() : value;
}

/** The object with other values, or the very object where none changes. */
function mapped(object: JsonObject, map: (value: JsonValue, key: string) => JsonValue): JsonObject {
  let out: JsonObject | undefined;
  for (const key in object) {
    const value = object[key];
    if (value === undefined) continue;
    const changed = map(value, key);
    if (changed === value) continue;
    out ??= { ...object };
    setField(out, key, changed);
  }
  return out ?? object;
}

function mappedList(list: readonly JsonValue[], map: (value: JsonValue) => JsonValue): JsonValue {
  const changed = list.map(map);
  return changed.every((value, index) => value === list[index]) ? (list as JsonValue[]) : changed;
}
