import type { JsonObject, JsonValue } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** What Ollama keeps of a property's schema; of anything else its models see nothing. */
const KEPT: ReadonlySet<string> = new Set(['type', 'anyOf', 'items', 'description', 'enum', 'properties', 'required']);
/** Keywords that say nothing a model could follow. */
const SILENT: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'title', 'additionalProperties', '$defs']);
const DEFINITION = /^#\/(?:\$defs|definitions)\/(.+)$/;
const MAX_DEPTH = 24;
/** References that are written out can make much of little. */
const MAX_PARTS = 20_000;

/**
 * A tool's schema in the words that Ollama reads: references are written out, `oneOf` is `anyOf`, `const` is an `enum` of
 * one, parts of `allOf` are one, and other constraints stand in the description. The same object where it says no more.
 */
export function narrowSchema(schema: JsonObject): JsonObject {
  if (isNarrow(schema, 0)) return schema;
  const { anyOf, description: _, ...root } = new Narrower(schema).narrow(schema, []);
  // Variants have no place at the root: all their properties are there, and none is required for them.
  const variants = Array.isArray(anyOf) ? anyOf.filter(isObject) : [];
  const properties = Object.assign({}, ...variants.map((variant) => variant.properties ?? {}), root.properties);
  return { ...root, type: 'object', properties };
}

function isNarrow(schema: JsonValue | undefined, depth: number): boolean {
  if (!isObject(schema)) return schema === undefined;
  if (depth === 0 && schema.anyOf !== undefined) return false;
  for (const key in schema) if (!KEPT.has(key) && !SILENT.has(key)) return false;
  const inner = [
    ...(isObject(schema.properties) ? Object.values(schema.properties) : []),
    ...(Array.isArray(schema.anyOf) ? schema.anyOf : []),
    schema.items,
  ];
  return depth < MAX_DEPTH && inner.every((part) => isNarrow(part, depth + 1));
}

class Narrower {
  readonly #root: JsonObject;
  #parts = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** @param open the references that `value` stands in: what refers to itself allows everything in there. */
  narrow(value: JsonValue | undefined, open: readonly string[]): JsonObject {
    if (!isObject(value) || open.length > MAX_DEPTH || ++this.#parts > MAX_PARTS) return {};
    const { schema, inside } = this.#merged(value, open);
    const out: JsonObject = {};
    const hints: string[] = [];
    for (const key in schema) {
      const part = schema[key];
      if (part === undefined || SILENT.has(key)) continue;
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
          hints.push(`${key}: ${typeof part === 'string' ? part : JSON.stringify(part)}`);
      }
    }
    if (hints.length > 0) {
      const hint = `(${hints.join(', ')})`;
      out.description = typeof out.description === 'string' ? `${out.description} ${hint}` : hint;
    }
    return out;
  }

  #properties(value: JsonValue, open: readonly string[]): JsonObject {
    const properties: JsonObject = {};
    if (isObject(value)) for (const name in value) properties[name] = this.narrow(value[name], open);
    return properties;
  }

  /** A schema with its reference and the parts of its `allOf` written into it; its own words win. */
  #merged(schema: JsonObject, open: readonly string[]): { schema: JsonObject; inside: readonly string[] } {
    const { $ref, allOf, definitions: _, ...own } = schema;
    if ($ref === undefined && allOf === undefined) return { schema: own, inside: open };
    let out: JsonObject = {};
    let inside = open;
    const add = (part: JsonValue | undefined): void => {
      if (!isObject(part)) return;
      const merged = this.#merged(part, inside);
      out = both(out, merged.schema);
      inside = merged.inside;
    };
    if (Array.isArray(allOf)) allOf.forEach(add);
    if (typeof $ref === 'string' && !inside.includes($ref)) {
      inside = [...inside, $ref];
      add(this.#resolve($ref));
    }
    return { schema: both(out, own), inside };
  }

  #resolve(ref: string): JsonValue | undefined {
    const name = DEFINITION.exec(ref)?.[1] ?? '';
    for (const place of [this.#root.$defs, this.#root.definitions]) {
      if (isObject(place) && Object.hasOwn(place, name)) return place[name];
    }
    return undefined;
  }
}

function both(a: JsonObject, b: JsonObject): JsonObject {
  const out = { ...a, ...b };
  if (isObject(a.properties) && isObject(b.properties)) out.properties = { ...a.properties, ...b.properties };
  if (Array.isArray(a.required) && Array.isArray(b.required)) {
    out.required = [...new Set([...a.required, ...b.required])];
  }
  return out;
}
