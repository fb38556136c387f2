import type { JsonObject, JsonValue } from '@signalbox/kit';
import { isObject } from './fields.ts';

/**
 * A schema that asks for both: properties and requirements of both, the narrower set of values, and of what contradicts
 * itself the first.
 */
export function mergeSchemas(first: JsonObject, second: JsonObject): JsonObject {
  const out: JsonObject = { ...first };
  for (const key in second) {
    const a = first[key];
    const b = second[key];
    if (a === undefined) out[key] = b;
    else if (key === 'properties' && isObject(a) && isObject(b)) out.properties = mergeProperties(a, b);
    else if (key === 'required' && Array.isArray(a) && Array.isArray(b)) out.required = [...new Set([...a, ...b])];
    else if (key === 'enum' && Array.isArray(a) && Array.isArray(b)) out.enum = common(a, b);
    else if (key === 'allOf' && Array.isArray(a) && Array.isArray(b)) out.allOf = [...a, ...b];
    else if (key === 'description' && typeof a === 'string' && typeof b === 'string' && a !== b) {
      out.description = `${a} ${b}`;
    }
  }
  return out;
}

function mergeProperties(a: JsonObject, b: JsonObject): JsonObject {
  const out: JsonObject = { ...a };
  for (const name in b) {
    const known = a[name];
    const more = b[name];
    out[name] = isObject(known) && isObject(more) ? mergeSchemas(known, more) : (known ?? more);
  }
  return out;
}

function common(a: readonly JsonValue[], b: readonly JsonValue[]): JsonValue[] {
  const both = a.filter((value) => b.includes(value));
  return both.length > 0 ? both : [...a];
}
