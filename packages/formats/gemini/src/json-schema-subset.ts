import { type JsonObject, type JsonValue, setField, withWords } from '@signalbox/kit';
import { isObject } from './fields.ts';
import { Losses } from './losses.ts';
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
export function encodeJsonSchema(schema: JsonObject): { schema: JsonObject; losses: Losses } {
  const losses = new Losses();
  return { schema: prune(schema, losses), losses };
}

function prune(given: JsonObject, losses: Losses): JsonObject {
  const schema = withoutAllOf(given);
  const out: JsonObject = {};
  const told: JsonObject = {};
  // Beside a reference only keywords with a $ may stand, and its definitions are one of them.
  const referring = typeof schema.$ref === 'string';
  for (const key in schema) {
    const value = schema[key];
    if (key === '$ref') out.$ref = renamed(value);
    else if (key === '$defs' || key === 'definitions') out.$defs = { ...asObject(out.$defs), ...each(value, losses) };
    else if (referring) {
      if (!key.startsWith('$')) losses.drop(key);
    } else if (TAKEN.has(key)) out[key] = value;
    else if (key === 'const') out.enum = [value ?? null];
    else if (key === 'properties') out.properties = each(value, losses);
    else if (key === 'items' || key === 'additionalProperties') out[key] = any(value, losses);
    else if (key === 'prefixItems' && Array.isArray(value)) out.prefixItems = value.map((item) => any(item, losses));
    else if ((key === 'anyOf' || key === 'oneOf') && Array.isArray(value)) {
      out.anyOf = value.map((branch) => any(branch, losses));
    } else if (!SILENT.has(key) && !saysNothing(key, value)) losses.tell(key, value, told);
  }
  return withWords(out, told);
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

function any(value: JsonValue | undefined, losses: Losses): JsonValue {
  return isObject(value) ? prune(value, losses) : (value ?? {});
}

function each(value: JsonValue | undefined, losses: Losses): JsonObject {
  const out: JsonObject = {};
  if (isObject(value)) for (const name in value) setField(out, name, any(value[name], losses));
  return out;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function renamed(reference: JsonValue | undefined): JsonValue | undefined {
  if (typeof reference !== 'string' || !reference.startsWith(DEFINITIONS)) return reference;
  return `#/$defs/${reference.slice(DEFINITIONS.length)}`;
}
