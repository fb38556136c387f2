import { canBeTold, isAnnotation, type JsonObject, type JsonValue, setField, withWords } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** What Ollama keeps of a property's schema; of anything else its models see nothing. */
const KEPT: ReadonlySet<string> = new Set(['type', 'anyOf', 'items', 'description', 'enum', 'properties', 'required']);
/** Keywords that say nothing a model could follow. */
const SILENT: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'title', '$defs', 'definitions']);
const DEFINITION = /^#\/(?:\$defs|definitions)\/(.+)$/;
const MAX_DEPTH = 24;
/** References that are written out can make much of little. */
const MAX_PARTS = 20_000;

export interface NarrowSchema {
  /** The same object where Ollama reads all of it. */
  readonly schema: JsonObject;
  /** Keywords that hold no longer, though most of them are told. */
  readonly loosened: ReadonlySet<string>;
}

/**
 * A tool's schema in the words that Ollama reads: references are written out, `oneOf` is `anyOf`, `const` is an `enum` of
 * one, parts of `allOf` are one, and everything else stands in the description.
 */
export function narrowSchema(schema: JsonObject): NarrowSchema {
  if (isNarrow(schema, 0)) return { schema, loosened: new Set() };
  const narrower = new Narrower(schema);
  const { anyOf, description, ...root } = narrower.narrow(schema, []);
  const { loosened } = narrower;
  // Variants and a description have no place at the root: all their properties are there, and none is required for them.
  const variants = Array.isArray(anyOf) ? anyOf.filter(isObject) : [];
  if (variants.length > 0) loosened.add('anyOf');
  const properties: JsonObject = {};
  for (const { properties: own } of [...variants, root]) {
    if (isObject(own)) for (const name in own) setField(properties, name, own[name]);
  }
  return { schema: { ...root, type: 'object', properties }, loosened };
}

function isNarrow(schema: JsonValue | undefined, depth: number): boolean {
  if (!isObject(schema)) return schema === undefined;
  if (depth === 0 && schema.anyOf !== undefined) return false;
  for (const key in schema) if (!KEPT.has(key) && !SILENT.has(key) && !saysNothing(key, schema[key])) return false;
  const inner = [
    ...(isObject(schema.properties) ? Object.values(schema.properties) : []),
    ...(Array.isArray(schema.anyOf) ? schema.anyOf : []),
    schema.items,
  ];
  return depth < MAX_DEPTH && inner.every((part) => isNarrow(part, depth + 1));
}

/** An object has the properties that it lists, with this or without. */
function saysNothing(key: string, value: JsonValue | undefined): boolean {
  if (value === undefined) return true;
  return key === 'additionalProperties' && (!isObject(value) || Object.keys(value).length === 0);
}

class Narrower {
  readonly loosened = new Set<string>();
  readonly #root: JsonObject;
  #parts = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** @param open the references that `value` stands in: what refers to itself allows everything in there. */
  narrow(value: JsonValue | undefined, open: readonly string[]): JsonObject {
    if (!isObject(value)) return {};
    if (open.length > MAX_DEPTH || ++this.#parts > MAX_PARTS) {
      this.loosened.add('$ref');
      return {};
    }
    const { schema, inside } = this.#merged(value, open);
    const out: JsonObject = {};
    const told: JsonObject = {};
    for (const key in schema) {
      const part = schema[key];
      if (part === undefined || SILENT.has(key) || saysNothing(key, part)) continue;
      switch (key) {
        case 'properties':
          out.properties = this.#properties(part, inside);
          break;
        case 'items':
          out.items = this.narrow(part, inside);
          break;
        case 'anyOf':
        case 'oneOf':
          out.anyOf = (Array.isArray(part) ? part : []).map((variant) => this.narrow(variant, inside));
          break;
        case 'const':
          out.enum = [part];
          break;
        case 'type':
        case 'description':
        case 'enum':
        case 'required':
          out[key] = part;
          break;
        default:
          if (!isAnnotation(key)) this.loosened.add(key);
          if (canBeTold(key, part)) setField(told, key, part);
          else this.loosened.add(key);
      }
    }
    return withWords(out, told);
  }

  #properties(value: JsonValue, open: readonly string[]): JsonObject {
    const properties: JsonObject = {};
    if (isObject(value)) for (const name in value) setField(properties, name, this.narrow(value[name], open));
    return properties;
  }

  /** A schema with its reference and the parts of its `allOf` written into it; its own words win. */
  #merged(schema: JsonObject, open: readonly string[]): { schema: JsonObject; inside: readonly string[] } {
    const { $ref, allOf, definitions: _, ...own } = schema;
    if ($ref === undefined && allOf === undefined) return { schema: own, inside: open };
    const merged = new Merged();
    const inside = new Set(open);
    this.#addTo(merged, inside, schema);
    return { schema: merged.schema, inside: [...inside] };
  }

  #addTo(merged: Merged, inside: Set<string>, { $ref, allOf, definitions: _, ...own }: JsonObject): void {
    if (++this.#parts > MAX_PARTS) {
      this.loosened.add('$ref');
      return;
    }
    if (Array.isArray(allOf)) for (const part of allOf) if (isObject(part)) this.#addTo(merged, inside, part);
    if (typeof $ref === 'string') {
      const target = inside.has($ref) ? undefined : this.#resolve($ref);
      inside.add($ref);
      if (isObject(target)) this.#addTo(merged, inside, target);
      else this.loosened.add('$ref');
    }
    merged.add(own);
  }

  #resolve(ref: string): JsonValue | undefined {
    const name = DEFINITION.exec(ref)?.[1] ?? '';
    for (const place of [this.#root.$defs, this.#root.definitions]) {
      if (isObject(place) && Object.hasOwn(place, name)) return place[name];
    }
    return undefined;
  }
}

/** A schema of several: the later words win, and properties and requirements are those of all. */
class Merged {
  readonly #schema: JsonObject = {};
  readonly #properties: JsonObject = {};
  readonly #required = new Set<JsonValue>();

  add(part: JsonObject): void {
    for (const key in part) {
      const value = part[key];
      if (key === 'properties' && isObject(value)) {
        for (const name in value) setField(this.#properties, name, value[name]);
        this.#schema.properties = this.#properties;
      } else if (key === 'required' && Array.isArray(value)) {
        for (const name of value) this.#required.add(name);
        this.#schema.required = [];
      } else setField(this.#schema, key, value);
    }
  }

  get schema(): JsonObject {
    const { required } = this.#schema;
    return Array.isArray(required) ? { ...this.#schema, required: [...this.#required] } : this.#schema;
  }
}
