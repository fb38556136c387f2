import { addAll, type JsonObject, type JsonValue, setField } from '@signalbox/kit';
import { isObject } from './fields.ts';

/**
 * A schema that asks for both: properties and requirements of both, the narrower set of values, and of what contradicts
 * itself the first.
 */
export function mergeSchemas(first: JsonObject, second: JsonObject): JsonObject {
  return mergeAll([first, second]);
}

/** The same of very many: what grows is copied once. */
export function mergeAll([first = {}, ...others]: readonly JsonObject[]): JsonObject {
  const out: JsonObject = { ...first };
  const grown = new Grown(out);
  for (const second of others) {
    for (const key in second) {
      const a = Object.hasOwn(out, key) ? out[key] : undefined;
      const b = second[key];
      if (a === undefined) setField(out, key, b);
      else if (key === 'properties' && isObject(a) && isObject(b)) grown.properties(a, b);
      else if (key === 'required' && Array.isArray(a) && Array.isArray(b)) grown.required(a, b);
      else if (key === 'enum' && Array.isArray(a) && Array.isArray(b)) out.enum = common(a, b);
      else if (key === 'allOf' && Array.isArray(a) && Array.isArray(b)) grown.allOf(a, b);
      else if (key === 'description' && typeof a === 'string' && typeof b === 'string' && a !== b) {
        out.description = `${a} ${b}`;
      }
    }
  }
  grown.finish();
  return out;
}

/** What one merged schema gathers from its parts. */
class Grown {
  readonly #out: JsonObject;
  #properties: JsonObject | undefined;
  #required: Set<JsonValue> | undefined;
  #allOf: JsonValue[] | undefined;

  constructor(out: JsonObject) {
    this.#out = out;
  }

  properties(before: JsonObject, more: JsonObject): void {
    this.#properties ??= { ...before };
    this.#out.properties = this.#properties;
    for (const name in more) {
      const known = Object.hasOwn(this.#properties, name) ? this.#properties[name] : undefined;
      const added = more[name];
      const merged = isObject(known) && isObject(added) ? mergeSchemas(known, added) : (known ?? added);
      setField(this.#properties, name, merged);
    }
  }

  required(before: readonly JsonValue[], more: readonly JsonValue[]): void {
    this.#required ??= new Set(before);
    for (const name of more) this.#required.add(name);
  }

  allOf(before: readonly JsonValue[], more: readonly JsonValue[]): void {
    this.#allOf ??= [...before];
    addAll(this.#allOf, more);
    this.#out.allOf = this.#allOf;
  }

  finish(): void {
    if (this.#required !== undefined) this.#out.required = [...this.#required];
  }
}

function common(a: readonly JsonValue[], b: readonly JsonValue[]): JsonValue[] {
  const other = new Set(b);
  const both = a.filter((value) => other.has(value));
  return both.length > 0 ? both : [...a];
}
