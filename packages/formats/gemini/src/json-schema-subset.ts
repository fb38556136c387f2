import { type JsonObject, type JsonValue, setField } from '@signalbox/kit';
import { isObject } from './fields.ts';
import { mergeAll } from './merge-schemas.ts';

/** What Google says it reads of a JSON Schema. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['$id', '$anchor', 'type', 'format', 'title', 'description', 'enum', 'minItems', 'maxItems', 'minimum', 'maximum'],
  ...['required', 'propertyOrdering'],
]);
/** Keywords whose loss changes nothing. */
const SILENT: ReadonlySet<string> = new Set(['$schema', '$comment']);
const DEFINITIONS = '#/definitions/';

/** The part of a JSON Schema that Google takes, references included, and the keywords that it does not. */
export function encodeJsonSchema(schema: JsonObject): { schema: JsonObject; lost: ReadonlySet<string> } {
  const lost = new Set<string>();
  return { schema: prune(schema, lost), lost };
}

function prune(given: JsonObject, lost: Set<string>): JsonObject {
  const schema = withoutAllOf(given);
  const out: JsonObject = {};
  // Beside a reference only keywords with a $ may stand, and its definitions are one of them.
  const referring = typeof schema.$ref === 'string';
  for (const key in schema) {
    const value = schema[key];
    if (key === '$ref') out.$ref = renamed(value);
    else if (key === '$defs' || key === 'definitions') out.$defs = { ...asObject(out.$defs), ...each(value, lost) };
    else if (referring) {
      if (!key.startsWith('$')) lost.add(key);
    } else if (TAKEN.has(key)) out[key] = value;
    else if (key === 'const') out.enum = [value ?? null];
    else if (key === 'properties') out.properties = each(value, lost);
    else if (key === 'items' || key === 'additionalProperties') out[key] = any(value, lost);
    else if (key === 'prefixItems' && Array.isArray(value)) out.prefixItems = value.map((item) => any(item, lost));
    else if ((key === 'anyOf' || key === 'oneOf') && Array.isArray(value)) {
      out.anyOf = value.map((branch) => any(branch, lost));
    } else if (!SILENT.has(key) && !saysNothing(key, value)) lost.add(key);
  }
  return out;
}

/** Whether a keyword holds what is so without it: an object has the properties that it lists, and their names are texts. */
export function saysNothing(key: string, value: JsonValue | undefined): boolean {
  switch (key) {
    case 'additionalProperties':
      return typeof value === 'boolean' || (isObject(value) && Object.keys(value).length === 0);
    case 'propertyNames':
      return isObject(value) && Object.keys(value).every((name) => name === 'type') && value.type === 'string';
    case 'uniqueItems':
      return value === false;
    default:
      return false;
  }
}

function withoutAllOf(schema: JsonObject): JsonObject {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  const [only] = allOf;
  // A single reference is how generators put a description beside one.
  if (allOf.length === 1 && isObject(only) && only.$ref !== undefined) return { ...rest, $ref: only.$ref };
  return mergeAll([rest, ...allOf.filter(isObject)]);
}

function any(value: JsonValue | undefined, lost: Set<string>): JsonValue {
  return isObject(value) ? prune(value, lost) : (value ?? {});
}

function each(value: JsonValue | undefined, lost: Set<string>): JsonObject {
  const out: JsonObject = {};
  if (isObject(value)) for (const name in value) setField(out, name, any(value[name], lost));
  return out;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function renamed(reference: JsonValue | undefined): JsonValue | undefined {
  if (typeof reference !== 'string' || !reference.startsWith(DEFINITIONS)) return reference;
  return `#/$defs/${reference.slice(DEFINITIONS.length)}`;
}
