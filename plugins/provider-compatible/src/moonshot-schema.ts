import type { JsonObject, JsonValue } from '@signalbox/kit';

/**
 * A tool's JSON Schema as Moonshot takes it: `type` stands inside the branches of an `anyOf`, never beside it, and `items`
 * is one schema: a tuple's become its alternatives.
 */
export function moonshotSchema(schema: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const key in schema) out[key] = NAMED.has(key) ? eachOf(schema[key]) : adapted(key, schema[key]);
  const { type, anyOf } = out;
  if (type === undefined || !Array.isArray(anyOf)) return out;
  const { type: _, ...rest } = out;
  return {
    ...rest,
    anyOf: anyOf.map((branch) => (isObject(branch) && branch.type === undefined ? { type, ...branch } : branch)),
  };
}

/** Keywords that hold schemas by name, and those that hold one, or a list of them. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const HOLDING: ReadonlySet<string> = new Set(['items', 'additionalProperties', 'anyOf', 'oneOf', 'allOf', 'not']);

function adapted(key: string, value: JsonValue | undefined): JsonValue | undefined {
  if (!HOLDING.has(key)) return value;
  if (!Array.isArray(value)) return isObject(value) ? moonshotSchema(value) : value;
  const branches = value.map((branch) => (isObject(branch) ? moonshotSchema(branch) : branch));
  return key === 'items' ? { anyOf: branches } : branches;
}

function eachOf(value: JsonValue | undefined): JsonValue | undefined {
  if (!isObject(value)) return value;
  const out: JsonObject = {};
  for (const name in value) {
    const schema = value[name];
    out[name] = isObject(schema) ? moonshotSchema(schema) : schema;
  }
  return out;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
