import type { JsonObject, JsonValue } from '@signalbox/spec';
import { typeMeant } from './keywords.ts';
import { Unsayable } from './rules.ts';
import { isObject, type Scalar, typeOf } from './values.ts';

export const ANYTHING = 'it leaves open what a value may be';

/** `{ allOf: [{ $ref }] }` is a reference, too: some make one where something stands beside it. */
export function aliasIn({ allOf, ...beside }: JsonObject): JsonObject {
  const [only, ...others] = Array.isArray(allOf) ? allOf : [];
  if (!isObject(only) || others.length > 0 || beside.$ref !== undefined) {
    return allOf === undefined ? beside : { ...beside, allOf };
  }
  if (Object.keys(beside).length === 0) return only;
  return typeof only.$ref === 'string' && Object.keys(only).length === 1
    ? { ...beside, ...only }
    : { ...beside, allOf };
}

/** Of what a value is one. */
export function branchesOf({ anyOf, oneOf }: JsonObject): readonly JsonValue[] | undefined {
  return Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined;
}

const TYPES: ReadonlySet<JsonValue> = new Set(['string', 'number', 'integer', 'boolean', 'null', 'object', 'array']);

/** The types that a value may have: those that are named, or meant. @throws {Unsayable} where it may have any. */
export function typesOf({ type, ...schema }: JsonObject, listed: readonly Scalar[] | undefined): string[] {
  const said = Array.isArray(type) ? type : type === undefined ? [] : [type];
  if (!said.every((name) => TYPES.has(name))) throw new Unsayable(ANYTHING);
  if (said.length > 0) return [...new Set(said as string[])];
  if (listed !== undefined) {
    const types = new Set(listed.map(typeOf));
    if (types.has('number')) types.delete('integer');
    return [...types];
  }
  const meant = typeMeant(Object.keys(schema));
  if (meant === undefined) throw new Unsayable(ANYTHING);
  return [meant];
}
