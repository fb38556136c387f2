import { type JsonObject, type JsonValue, setField } from '@signalbox/kit';
import { camel, isObject } from './fields.ts';
import { rememberOriginal } from './originals.ts';

/** Bounds that Google's JSON writes as text, because they are 64 bits wide. */
const WIDE: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);

/** A `Schema` of Google's as JSON Schema. The original is remembered: unchanged it goes back as it was. */
export function decodeSchema(schema: JsonObject): JsonObject {
  return rememberOriginal(convert(schema), schema);
}

function convert(schema: JsonObject): JsonObject {
  const wire = camel(schema);
  const out: JsonObject = {};
  for (const key in wire) {
    const value = wire[key];
    switch (key) {
      case 'type':
        if (typeof value === 'string' && value !== 'TYPE_UNSPECIFIED') out.type = value.toLowerCase();
        break;
      case 'nullable':
      case 'propertyOrdering':
        break;
      case 'format':
        if (value !== 'enum') out.format = value;
        break;
      case 'example':
        out.examples = [value ?? null];
        break;
      case 'items':
        out.items = convertAny(value);
        break;
      case 'anyOf':
        if (Array.isArray(value)) out.anyOf = value.map((branch) => convertAny(branch) ?? {});
        break;
      case 'properties':
        if (isObject(value)) out.properties = convertEach(value);
        break;
      case 'defs':
        if (isObject(value)) out.$defs = convertEach(value);
        break;
      case 'ref':
        if (typeof value === 'string') out.$ref = value.replace('#/defs/', '#/$defs/');
        break;
      default:
        setField(out, key, WIDE.has(key) && typeof value === 'string' ? Number(value) : value);
    }
  }
  return wire.nullable === true ? nullable(out) : out;
}

function convertAny(value: JsonValue | undefined): JsonValue | undefined {
  return isObject(value) ? convert(value) : value;
}

function convertEach(schemas: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const name in schemas) setField(out, name, convertAny(schemas[name]));
  return out;
}

function nullable(schema: JsonObject): JsonObject {
  if (typeof schema.type !== 'string') {
    return Array.isArray(schema.anyOf) ? { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] } : schema;
  }
  const values = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {};
  return { ...schema, type: [schema.type, 'null'], ...values };
}
