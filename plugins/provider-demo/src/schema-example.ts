import { entryOf, type JsonObject, type JsonValue, setField, wordOf } from '@signalbox/kit';

const MAX_DEPTH = 12;
/** Lists and references can make much of little. */
const MAX_VALUES = 1_000;
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'demo@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com',
  url: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** Gives a string for a property, or `undefined` to leave it to the schema. */
export type StringFor = (property: string) => string | undefined;

/**
 * A small value that fits a JSON Schema: required properties only, the first alternative, the lowest numbers.
 * A `pattern` is not solved.
 */
export function schemaExample(schema: JsonObject, stringFor: StringFor = () => undefined): JsonValue {
  return example(schema, { root: schema, stringFor, left: MAX_VALUES }, '', 0);
}

interface Context {
  readonly root: JsonObject;
  readonly stringFor: StringFor;
  /** Values that may still be made. */
  left: number;
}

function example(schema: JsonValue | undefined, context: Context, property: string, depth: number): JsonValue {
  if (!isObject(schema) || depth > MAX_DEPTH || context.left-- <= 0) return context.stringFor(property) ?? 'demo';
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as JsonValue;
  if (schema.default !== undefined) return schema.default;
  if (typeof schema.$ref === 'string') return example(resolve(schema.$ref, context.root), context, property, depth + 1);
  const first = firstOf(schema.anyOf) ?? firstOf(schema.oneOf);
  if (first !== undefined) return example({ ...without(schema), ...first }, context, property, depth + 1);
  if (Array.isArray(schema.allOf)) return example(mergeAll(schema, schema.allOf), context, property, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type ?? (isObject(schema.properties) ? 'object' : 'string')) {
    case 'object':
      return objectExample(schema, context, depth);
    case 'array':
      return listExample(schema, context, property, depth);
    case 'integer':
    case 'number':
      return numberExample(schema, type === 'integer');
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return stringExample(schema, context, property);
  }
}

function listExample(schema: JsonObject, context: Context, property: string, depth: number): JsonValue[] {
  const list: JsonValue[] = [];
  const length = count(schema.minItems);
  while (list.length < length && context.left > 0) list.push(example(schema.items, context, property, depth + 1));
  return list;
}

function objectExample(schema: JsonObject, context: Context, depth: number): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const value: JsonObject = {};
  for (const key of required) {
    if (typeof key !== 'string' || context.left <= 0) continue;
    setField(value, key, example(entryOf(properties, key) ?? {}, context, key, depth + 1));
  }
  return value;
}

function numberExample(schema: JsonObject, whole: boolean): number {
  const step = typeof schema.multipleOf === 'number' && schema.multipleOf > 0 ? schema.multipleOf : whole ? 1 : 0;
  const above = typeof schema.exclusiveMinimum === 'number' ? schema.exclusiveMinimum : undefined;
  const low = typeof schema.minimum === 'number' ? schema.minimum : undefined;
  const high = typeof schema.maximum === 'number' ? schema.maximum : Number.POSITIVE_INFINITY;
  const start = Math.max(low ?? Number.NEGATIVE_INFINITY, above ?? Number.NEGATIVE_INFINITY, Math.min(1, high));
  let value = step === 0 ? start : Math.ceil(start / step) * step;
  if (above !== undefined && value <= above) value += step === 0 ? Math.min(1, (high - above) / 2) : step;
  if (value > high && low === undefined && above === undefined)
    value = step === 0 ? high : Math.floor(high / step) * step;
  return value;
}

function stringExample(schema: JsonObject, context: Context, property: string): string {
  const given = context.stringFor(property) ?? entryOf(FORMATS, wordOf(schema.format)) ?? 'Signalbox demo';
  const long = given.padEnd(count(schema.minLength), '.');
  return typeof schema.maxLength === 'number' ? long.slice(0, schema.maxLength) : long;
}

function mergeAll(schema: JsonObject, parts: readonly JsonValue[]): JsonObject {
  let merged: JsonObject = without(schema);
  for (const part of parts) {
    if (!isObject(part)) continue;
    const properties = { ...objectOf(merged.properties), ...objectOf(part.properties) };
    const required = [...listOf(merged.required), ...listOf(part.required)];
    merged = { ...merged, ...part, properties, required };
  }
  return merged;
}

function without({ anyOf: _anyOf, oneOf: _oneOf, allOf: _allOf, ...rest }: JsonObject): JsonObject {
  return rest;
}

function firstOf(alternatives: JsonValue | undefined): JsonObject | undefined {
  return Array.isArray(alternatives) ? alternatives.find(isObject) : undefined;
}

function resolve(pointer: string, root: JsonObject): JsonValue | undefined {
  if (!pointer.startsWith('#')) return undefined;
  let value: JsonValue | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    if (!isObject(value)) return undefined;
    value = entryOf(value, decoded(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return value;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function count(value: JsonValue | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.min(Math.ceil(value), 100) : 0;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
