import type { JsonObject } from '@signalbox/kit';
import { placesIn, targetOf } from './walk.ts';

const KEYWORDS = new Set([
  ...['type', 'format', 'title', 'description', 'nullable', 'enum', 'items', 'minItems', 'maxItems', 'properties'],
  ...['required', 'propertyOrdering', 'minProperties', 'maxProperties', 'minLength', 'maxLength', 'pattern', 'minimum'],
  ...['maximum', 'anyOf', 'default', 'example'],
]);
const JSON_KEYWORDS = new Set([
  ...['$id', '$defs', '$ref', '$anchor', 'type', 'format', 'title', 'description', 'enum', 'items', 'prefixItems'],
  ...['minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties', 'additionalProperties', 'required'],
  ...['propertyOrdering'],
]);
const FORMATS: readonly unknown[] = 'enum date-time int32 int64 float double'.split(' ');

/** Why Gemini answers 400 to a `Schema`, as `parameters` and `responseSchema` are. */
export function geminiRefusals(root: JsonObject): string[] {
  const problems: string[] = [];
  for (const { schema, path } of placesIn(root, (at) => problems.push(`${at} is no schema`))) {
    const mind = (problem: string) => problems.push(`${path}: ${problem}`);
    for (const key in schema) if (!KEYWORDS.has(key)) mind(`${key} is unknown`);
    if (schema.type === undefined && schema.anyOf === undefined) mind('no type');
    if (schema.type !== undefined && typeof schema.type !== 'string') mind('several types');
    const { enum: values, format } = schema;
    if (Array.isArray(values) && !values.every((value) => typeof value === 'string' && value !== '')) mind('the enum');
    if (format !== undefined && !FORMATS.includes(format)) mind(`the format ${String(format)}`);
    if (String(schema.type).toLowerCase() === 'array' && schema.items === undefined) mind('no items');
  }
  return problems;
}

/** Why it does so to a JSON Schema, as `parametersJsonSchema` and `responseJsonSchema` are. */
export function geminiJsonRefusals(root: JsonObject): string[] {
  const problems: string[] = [];
  for (const { schema, path } of placesIn(root, () => {})) {
    const mind = (problem: string) => problems.push(`${path}: ${problem}`);
    for (const key in schema) if (!JSON_KEYWORDS.has(key)) mind(`${key} is unknown`);
    if (schema.$ref === undefined) continue;
    if (Object.keys(schema).some((key) => !key.startsWith('$'))) mind('$ref has neighbours');
    if (targetOf(root, schema.$ref) === undefined) mind('a reference into nowhere');
  }
  return problems;
}
