import { type JsonObject, type JsonValue, setField, withWords, wordOf } from '@signalbox/kit';
import { isObject } from './fields.ts';
import { encodeJsonSchema, saysNothing } from './json-schema-subset.ts';
import { Losses } from './losses.ts';
import { mergeSchemas } from './merge-schemas.ts';
import { SchemaRefs } from './schema-refs.ts';

export interface EncodedSchema {
  /** Google's `Schema`, or the part of JSON Schema that it takes in another field. */
  readonly kind: 'schema' | 'json-schema';
  readonly schema: JsonObject;
  /** Keywords that Google does not take there. */
  readonly losses: Losses;
}

/** References may multiply a schema without end: a larger one goes as JSON Schema, with its references. */
const MAX_NODES = 1_500;

/** Keywords that are said as they stand. */
const PLAIN: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
]);
/** Keywords that are read elsewhere, or say nothing about the value. */
const READ: ReadonlySet<string> = new Set([
  ...['type', 'format', 'enum', 'const', 'items', 'prefixItems', 'properties', 'required', 'anyOf', 'oneOf', 'allOf'],
  ...['nullable', 'exclusiveMinimum', 'exclusiveMaximum', 'example', 'propertyOrdering'],
  ...['$schema', '$id', '$comment', '$defs', 'definitions', '$ref', '$anchor'],
]);
const NUMBER_FORMATS: ReadonlySet<JsonValue | undefined> = new Set(['int32', 'int64', 'float', 'double']);
const STRING_FORMATS: ReadonlySet<JsonValue | undefined> = new Set(['date-time', 'enum']);

/** Thrown inside only: this schema says something that `Schema` cannot. */
class OnlyJsonSchema extends Error {}

/**
 * A JSON Schema in Google's words. What recurses, describes maps or lists values that are no text goes as JSON Schema,
 * which Google takes in part; everything else as `Schema`, which all models take.
 */
export function encodeSchema(schema: JsonObject): EncodedSchema {
  const down = new DownLeveller(schema);
  try {
    return { kind: 'schema', schema: down.node(schema), losses: down.losses };
  } catch (error) {
    if (!(error instanceof OnlyJsonSchema)) throw error;
    return { kind: 'json-schema', ...encodeJsonSchema(schema) };
  }
}

class DownLeveller {
  readonly losses = new Losses();
  readonly #refs: SchemaRefs;
  #nodes = 0;

  constructor(root: JsonObject) {
    this.#refs = new SchemaRefs(root);
  }

  node(schema: JsonValue | undefined): JsonObject {
    if (++this.#nodes > MAX_NODES) throw new OnlyJsonSchema();
    if (!isObject(schema)) return { type: 'OBJECT' };
    const out = this.#refs.follow(schema, (target) => this.#resolved(target));
    if (out === undefined) throw new OnlyJsonSchema();
    return out;
  }

  #resolved(schema: JsonObject): JsonObject {
    if (Array.isArray(schema.allOf)) return this.#allOf(schema.allOf, schema);
    const out: JsonObject = {};
    const told: JsonObject = {};
    for (const key in schema) {
      if (PLAIN.has(key)) out[key] = schema[key];
      else if (!READ.has(key) && schema[key] !== undefined) this.#lose(key, schema, told);
    }
    // What has several branches is told in each of them.
    const branches = branchesOf(schema);
    if (branches !== undefined) return this.#anyOf(branches, schema, out);
    return this.#typed(schema, out, told);
  }

  /** Part by part: what a part refers to stays open until all that comes of it is said, so that no circle goes on. */
  #allOf([part, ...others]: readonly JsonValue[], { allOf: _, ...schema }: JsonObject): JsonObject {
    // Every part copies what the ones before it have gathered.
    if (++this.#nodes > MAX_NODES || others.length > MAX_NODES || isWide(schema)) throw new OnlyJsonSchema();
    const rest = others.length === 0 ? schema : { ...schema, allOf: others };
    if (!isObject(part)) return this.#resolved(rest);
    const out = this.#refs.follow(part, (target) => this.#resolved(mergeSchemas(rest, target)));
    if (out === undefined) throw new OnlyJsonSchema();
    return out;
  }

  #lose(key: string, schema: JsonObject, told: JsonObject): void {
    if (saysNothing(key, schema[key])) return;
    if (key === 'additionalProperties' && isObject(schema[key]) && !isObject(schema.properties))
      throw new OnlyJsonSchema();
    this.losses.tell(key, schema[key], told);
  }

  #typed(schema: JsonObject, out: JsonObject, told: JsonObject): JsonObject {
    const types = typesOf(schema);
    const [type = 'string', ...others] = types.filter((name) => name !== 'null');
    if (others.length > 0) {
      const { description, title, ...rest } = schema;
      const branches = [type, ...others].map((name) => ({ ...rest, type: name }));
      const nullable = types.includes('null') ? { nullable: true } : {};
      const about = {
        ...(description === undefined ? {} : { description }),
        ...(title === undefined ? {} : { title }),
      };
      return { ...about, anyOf: branches.map((branch) => this.node(fitting(branch))), ...nullable };
    }
    out.type = type.toUpperCase();
    this.#values(schema, type, out, told);
    if (types.includes('null') || schema.nullable === true) out.nullable = true;
    if (type === 'object') this.#object(schema, out);
    if (type === 'array') out.items = this.#items(schema, told);
    if (type === 'integer' || type === 'number') this.#bounds(schema, type, out, told);
    const { format } = schema;
    if (format !== undefined) {
      if ((type === 'string' ? STRING_FORMATS : NUMBER_FORMATS).has(format)) out.format = format;
      else this.losses.tell('format', format, told);
    }
    return withWords(out, told);
  }

  #values(schema: JsonObject, type: string, out: JsonObject, told: JsonObject): void {
    const list = schema.const === undefined ? schema.enum : [schema.const];
    if (!Array.isArray(list)) return;
    const values = list.filter((value) => value !== null);
    if (values.length < list.length) out.nullable = true;
    if (type === 'boolean') {
      if (values.length === 1) this.losses.tell('enum', values, told);
      return;
    }
    if (!values.every((value) => typeof value === 'string')) throw new OnlyJsonSchema();
    // An empty value is refused.
    const shown = values.filter((value) => value !== '');
    if (shown.length < values.length) this.losses.tell('enum', values, told);
    if (shown.length > 0) out.enum = shown;
  }

  #object(schema: JsonObject, out: JsonObject): void {
    if (!isObject(schema.properties)) return;
    const properties: JsonObject = {};
    for (const name in schema.properties) {
      // `false` allows no value at all.
      if (schema.properties[name] !== false) setField(properties, name, this.node(schema.properties[name]));
    }
    if (Object.keys(properties).length === 0) return;
    out.properties = properties;
    if (!Array.isArray(schema.required)) return;
    const required = schema.required.filter((name) => typeof name === 'string' && Object.hasOwn(properties, name));
    if (required.length > 0) out.required = required;
  }

  #items({ items, prefixItems }: JsonObject, told: JsonObject): JsonObject {
    const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
    if (tuple !== undefined && tuple.length > 0) {
      this.losses.tell('prefixItems', tuple, told);
      return tuple.length === 1 ? this.node(tuple[0]) : { anyOf: tuple.map((item) => this.node(item)) };
    }
    return isObject(items) ? this.node(items) : { type: 'STRING' };
  }

  #bounds(schema: JsonObject, type: string, out: JsonObject, told: JsonObject): void {
    for (const [key, bound, step] of [
      ['exclusiveMinimum', 'minimum', 1],
      ['exclusiveMaximum', 'maximum', -1],
    ] as const) {
      const value = schema[key];
      if (value === undefined) continue;
      if (type === 'integer' && typeof value === 'number' && Number.isInteger(value)) out[bound] ??= value + step;
      else this.losses.tell(key, value, told);
    }
  }

  /** Some models refuse other keywords beside `anyOf`: what stands there belongs to every branch. */
  #anyOf(branches: readonly JsonValue[], schema: JsonObject, out: JsonObject): JsonObject {
    const { anyOf: _a, oneOf: _o, description, title, default: _d, ...shared } = schema;
    const real = branches.filter((branch) => !isNull(branch));
    const nullable = real.length < branches.length || schema.nullable === true;
    const [only] = real;
    if (only === undefined) return { ...out, type: 'STRING', nullable: true };
    if (real.length === 1 && isObject(only)) {
      const node = this.node(mergeSchemas(withoutBranches(schema), only));
      return nullable ? { ...node, nullable: true } : node;
    }
    return {
      ...(description === undefined ? {} : { description }),
      ...(title === undefined ? {} : { title }),
      anyOf: real.map((branch) => this.node(isObject(branch) ? mergeSchemas(branch, shared) : branch)),
      ...(nullable ? { nullable: true } : {}),
    };
  }
}

/** Whether it has more properties than can be said. */
function isWide({ properties }: JsonObject): boolean {
  return isObject(properties) && Object.keys(properties).length > MAX_NODES;
}

function branchesOf({ anyOf, oneOf }: JsonObject): readonly JsonValue[] | undefined {
  if (Array.isArray(anyOf) && anyOf.length > 0) return anyOf;
  return Array.isArray(oneOf) && oneOf.length > 0 ? oneOf : undefined;
}

function withoutBranches({ anyOf: _a, oneOf: _o, ...rest }: JsonObject): JsonObject {
  return rest;
}

function isNull(branch: JsonValue): boolean {
  return isObject(branch) && (branch.type === 'null' || (branch.const === null && branch.type === undefined));
}

function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type.toLowerCase()];
  if (Array.isArray(type) && type.length > 0) return type.map((name) => wordOf(name).toLowerCase());
  if (schema.properties !== undefined || schema.additionalProperties !== undefined) return ['object'];
  if (schema.items !== undefined || schema.prefixItems !== undefined) return ['array'];
  if (schema.enum !== undefined || schema.const !== undefined) return ['string'];
  if (schema.minimum !== undefined || schema.maximum !== undefined) return ['number'];
  const said = Object.keys(schema).some((key) => key !== '$schema' && key !== '$id' && key !== '$comment');
  return [said ? 'string' : 'object'];
}

/** One type of several: the values that are of it, and nothing that speaks of the others. */
function fitting({ enum: values, ...schema }: JsonObject & { type: string }): JsonObject {
  if (!Array.isArray(values)) return schema;
  const own = values.filter((value) => typeof value === (schema.type === 'integer' ? 'number' : schema.type));
  return own.length === 0 ? schema : { ...schema, enum: own };
}
