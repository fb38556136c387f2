import { type JsonObject, type JsonValue, setField } from '@signalbox/kit';
import { isObject } from './wire.ts';

const COMBINATORS = ['anyOf', 'oneOf', 'allOf'] as const;
const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

/**
 * A tool's schema as Anthropic takes it: an object at the root, and no choice between variants there. The very object
 * comes back where there is nothing to change; otherwise `change` says in words what was done.
 */
export function encodeInputSchema(schema: JsonObject | undefined): { schema: JsonObject; change?: string } {
  if (schema === undefined) return { schema: NO_ARGUMENTS };
  if (COMBINATORS.some((key) => Array.isArray(schema[key]))) {
    return { schema: mergeVariants(schema), change: 'variants at the root were merged into one object' };
  }
  if (schema.type === 'object') return { schema };
  if (Object.keys(schema).length === 0) return { schema: NO_ARGUMENTS };
  return { schema: { ...schema, type: 'object' }, change: 'the root must be an object' };
}

/** A property is required where every variant (or, for `allOf`, any part) requires it. */
function mergeVariants(schema: JsonObject): JsonObject {
  const { anyOf, oneOf, allOf, ...root } = schema;
  const properties: JsonObject = {};
  const required = new Set<JsonValue>();
  const take = (part: JsonObject): Set<JsonValue> => {
    if (isObject(part.properties)) {
      for (const name in part.properties) {
        if (!Object.hasOwn(properties, name)) setField(properties, name, part.properties[name]);
      }
    }
    return new Set(Array.isArray(part.required) ? part.required : []);
  };
  for (const name of take(root)) required.add(name);
  for (const part of partsOf(allOf)) for (const name of take(part)) required.add(name);
  for (const variants of [partsOf(anyOf), partsOf(oneOf)]) {
    const [first, ...others] = variants.map(take);
    for (const name of first ?? []) if (others.every((other) => other.has(name))) required.add(name);
  }
  const { required: _, properties: __, type: ___, ...rest } = root;
  return { type: 'object', properties, ...(required.size === 0 ? {} : { required: [...required] }), ...rest };
}

function partsOf(variants: JsonValue | undefined): JsonObject[] {
  return Array.isArray(variants) ? variants.filter(isObject) : [];
}
