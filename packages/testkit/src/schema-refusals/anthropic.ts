import type { JsonObject } from '@signalbox/kit';
import { isObject, placesIn, recurses, targetOf } from './walk.ts';

const KEYWORDS = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'minItems', 'anyOf', 'allOf', 'enum', 'const'],
  ...['pattern', 'format', '$ref', '$defs', 'definitions', 'title', 'description', 'default', '$schema', '$id'],
]);
const FORMATS: readonly unknown[] = 'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' ');

/** Why Anthropic answers 400 to these strict schemas of one request: those of its tools, and that of the answer. */
export function anthropicRefusals(schemas: readonly JsonObject[]): string[] {
  const problems: string[] = [];
  let optional = 0;
  let unions = 0;
  for (const root of schemas) {
    const places = placesIn(root, (path) => problems.push(`${path} is no schema`));
    if (recurses(root)) problems.push('it recurses');
    for (const { schema, path } of places) {
      const mind = (problem: string) => problems.push(`${path}: ${problem}`);
      for (const key in schema) if (!KEYWORDS.has(key)) mind(`${key} is not supported`);
      const { type, properties, required, enum: values, const: only, format, minItems, pattern, allOf } = schema;
      const literal = values !== undefined || only !== undefined;
      if (!literal && [type, schema.anyOf, allOf, schema.$ref].every((said) => said === undefined)) mind('no type');
      const types = Array.isArray(type) ? type : [type];
      if (types.includes('object') && schema.additionalProperties !== false) mind('additionalProperties must be false');
      if (isObject(properties)) {
        optional += Object.keys(properties).length - (Array.isArray(required) ? required.length : 0);
        for (const name of Array.isArray(required) ? required : []) {
          if (!Object.hasOwn(properties, String(name))) mind(`${String(name)} is required and not there`);
        }
      }
      if (Array.isArray(values)) {
        if (values.some((value) => typeof value === 'object' && value !== null)) mind('an enum of other than scalars');
        if (Array.isArray(type)) mind('an enum beside several types');
      }
      if (Array.isArray(type) || schema.anyOf !== undefined) unions++;
      if (format !== undefined && !FORMATS.includes(format)) mind(`the format ${String(format)}`);
      if (minItems !== undefined && minItems !== 0 && minItems !== 1) mind(`minItems ${String(minItems)}`);
      if (pattern !== undefined && /\(\?[=!<]|\\[1-9bB]/.test(String(pattern))) mind('a pattern that looks around');
      if (schema.$ref !== undefined && targetOf(root, schema.$ref) === undefined) mind('a reference into nowhere');
      if (Array.isArray(allOf) && allOf.some((part) => isObject(part) && part.$ref !== undefined))
        mind('allOf of $ref');
    }
  }
  if (schemas.length > 20) problems.push('more than 20 strict schemas');
  if (optional > 24) problems.push(`${optional} optional properties`);
  if (unions > 16) problems.push(`${unions} unions`);
  return problems;
}
