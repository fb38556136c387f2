import type { JsonObject } from '@signalbox/kit';
import { isObject, placesIn, targetOf } from './walk.ts';

const KEYWORDS = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'anyOf', 'enum', 'const', '$ref', '$defs'],
  ...['definitions', 'title', 'description', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum'],
  ...['exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems'],
]);
const FORMATS: readonly unknown[] = 'date-time time date duration email hostname ipv4 ipv6 uuid'.split(' ');

/** Why OpenAI answers 400 to a schema that is to be strict. */
export function openaiRefusals(root: JsonObject): string[] {
  const problems: string[] = [];
  const places = placesIn(root, (path) => problems.push(`${path} is no schema`));
  if (root.type !== 'object' || root.anyOf !== undefined) problems.push('the root is no object');
  let [properties, values] = [0, 0];
  for (const { schema, path, depth } of places) {
    const mind = (problem: string) => problems.push(`${path}: ${problem}`);
    for (const key in schema) if (!KEYWORDS.has(key)) mind(`${key} is not permitted`);
    const { type, required, $ref, format } = schema;
    if ($ref !== undefined) {
      if (targetOf(root, $ref) === undefined) mind('a reference into nowhere');
      if (Object.keys(schema).some((key) => key !== '$ref' && key !== '$defs')) mind('$ref has neighbours');
    } else if (type === undefined && schema.anyOf === undefined) mind('no type');
    const types = Array.isArray(type) ? type : [type];
    if (types.includes('object')) {
      const names = isObject(schema.properties) ? Object.keys(schema.properties) : [];
      properties += names.length;
      if (schema.additionalProperties !== false) mind('additionalProperties must be false');
      const all = Array.isArray(required) && required.length === names.length;
      if (!all || !names.every((name) => required.includes(name))) mind('required must name every property');
    }
    if (types.includes('array') && !isObject(schema.items)) mind('no items');
    if (format !== undefined && !FORMATS.includes(format)) mind(`the format ${String(format)}`);
    if (Array.isArray(schema.enum)) values += schema.enum.length;
    if (depth > 10) mind('nested too deeply');
  }
  if (properties > 5_000) problems.push(`${properties} properties`);
  if (values > 1_000) problems.push(`${values} values`);
  return problems;
}
