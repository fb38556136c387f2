import type { JsonValue } from '@signalbox/spec';
import { isAnnotation } from '../schema-words.ts';

/** Keywords that are read one by one, or say nothing about a value. */
export const READ: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'patternProperties'],
  ...[
    'items',
    'prefixItems',
    'additionalItems',
    'unevaluatedItems',
    'unevaluatedProperties',
    'anyOf',
    'oneOf',
    'allOf',
  ],
  ...['title', 'description', '$ref', '$defs', 'definitions', '$schema', '$id', '$anchor', '$comment', '$vocabulary'],
  // Which branch is meant is said in the branches, too.
  'discriminator',
]);

/** Those that hold other schemas which are read in their turn. */
export const PARTS: ReadonlySet<string> = new Set([
  ...['properties', 'additionalProperties', 'patternProperties', 'items', 'prefixItems', 'additionalItems'],
  ...['anyOf', 'oneOf', 'allOf', '$defs', 'definitions'],
]);

const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType', 'contentSchema'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: [
    ...['items', 'prefixItems', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains'],
    ...['maxContains', 'unevaluatedItems'],
  ],
  object: [
    ...['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames', 'minProperties'],
    ...['maxProperties', 'dependentRequired', 'dependentSchemas', 'dependencies', 'unevaluatedProperties'],
  ],
};

const TYPE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(OF_TYPE).flatMap(([type, keywords]) => keywords.map((keyword) => [keyword, type] as const)),
);

const OF_ALL: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', '$ref'],
]);

/** Whether a keyword says what a value must be, and so belongs to each branch of a choice that it stands beside. */
export function limits(keyword: string): boolean {
  return OF_ALL.has(keyword) || (TYPE_OF.has(keyword) && !isAnnotation(keyword));
}

/** Whether a keyword limits values of any of these types; of `format` that of numbers, too. */
export function concerns(keyword: string, types: readonly string[]): boolean {
  const type = TYPE_OF.get(keyword);
  if (type === undefined || types.includes(type) || keyword === 'format') return true;
  return type === 'number' && types.includes('integer');
}

/** The type that a schema means by its keywords, where it names none. */
export function typeMeant(keywords: readonly string[]): string | undefined {
  for (const keyword of keywords) {
    const type = TYPE_OF.get(keyword);
    if (type !== undefined) return type;
  }
  return undefined;
}

/** Keywords that change nothing with this value. */
export function saysNothing(keyword: string, value: JsonValue | undefined): boolean {
  if (value === undefined || value === false) return true;
  return value === 0 && /^min(?:Items|Length|Properties)$/.test(keyword);
}
