import type { JsonObject, JsonValue } from '@signalbox/spec';
import { setField } from '../json-words.ts';
import { withWords } from '../schema-words.ts';
import { Changes, type StrictChanges } from './changes.ts';
import { concerns, limits, PARTS, READ, saysNothing } from './keywords.ts';
import { mergeParts } from './merge-parts.ts';
import { areClear, NullPlace } from './null-places.ts';
import { acceptsNull, orNull } from './nullable.ts';
import { DefNames, findRef } from './refs.ts';
import { type StrictRules, Unsayable } from './rules.ts';
import { ANYTHING, aliasIn, branchesOf, typesOf } from './shape.ts';
import { type SchemaSize, sizeOf } from './size.ts';
import { isObject, isOf, isScalar, type Scalar, same } from './values.ts';

/** A schema in the words of a provider that holds a model to it. */
export interface StrictSchema {
  /** The very schema that came where the provider takes it as it is. */
  readonly schema: JsonObject;
  readonly changes: StrictChanges;
  readonly size: SchemaSize;
  /** Where in a value nulls stand for properties that are not there; `undefined`: nowhere. */
  readonly nulls: NullPlace | undefined;
}

/** References, and parts that must all hold, may multiply a schema without end. */
const MAX_NODES = 2_000;
/** So many characters that are said of one place count as one more. */
const NODE_CHARS = 1_000;
const MAX_DEPTH = 200;
/** References that refer on. */
const MAX_HOPS = 10;
const NONE: ReadonlySet<string> = new Set();
const TOO_LARGE = 'it is too large';
const RECURSIVE = 'it refers to itself';
const NOTHING = 'it allows no value at all in one place';
const AMBIGUOUS = 'in one place a null could be a value, or stand for none';
const OPEN = 'an object in it may have any properties';

/**
 * Says a JSON Schema as strictly as a provider wants it: what satisfies the outcome satisfies the schema but for keywords
 * that the provider does not know, which go into descriptions, and for the nulls.
 * @param root `any`: the whole value need not be an object.
 * @returns a text instead, which says why it cannot be said: it recurses, it is open, it is too large.
 */
export function strictSchema(schema: JsonObject, rules: StrictRules, root: 'object' | 'any'): StrictSchema | string {
  try {
    return new Strict(schema, rules).encode(root);
  } catch (error) {
    if (error instanceof Unsayable) return error.message;
    throw error;
  }
}

interface Node {
  readonly schema: JsonObject;
  readonly place: NullPlace;
}

class Strict {
  readonly #root: JsonObject;
  readonly #rules: StrictRules;
  readonly #changes = new Changes();
  readonly #defs: JsonObject = {};
  readonly #names = new DefNames();
  /** By reference and what stands beside it. */
  readonly #known = new Map<string, { readonly name: string; readonly place: NullPlace }>();
  readonly #open = new Set<string>();
  /** Objects whose optional properties are to be looked at once all definitions are there. */
  readonly #objects: { readonly schema: JsonObject; readonly place: NullPlace; readonly required: Set<JsonValue> }[] =
    [];
  #nodes = 0;
  #depth = 0;

  constructor(root: JsonObject, rules: StrictRules) {
    this.#root = root;
    this.#rules = rules;
  }

  encode(root: 'object' | 'any'): StrictSchema {
    const { schema: out, place } = this.#node(this.#flat(this.#root, NONE));
    if (root === 'object' && out.type !== 'object') throw new Unsayable('its root is no object');
    if (this.#rules.allRequired) this.#requireAll();
    if (this.#changes.nulls && !areClear(place)) throw new Unsayable(AMBIGUOUS);
    if (Object.keys(this.#defs).length > 0) out.$defs = this.#defs;
    const unchanged = same(out, this.#root);
    return {
      schema: unchanged ? this.#root : out,
      changes: this.#changes.list(!unchanged),
      size: sizeOf(out),
      nulls: this.#changes.nulls ? place : undefined,
    };
  }

  #count(more = 1): void {
    this.#nodes += more;
    if (this.#nodes > MAX_NODES) throw new Unsayable(TOO_LARGE);
  }

  /** What is long is said wherever it is referred to. */
  #weigh(schema: JsonObject): void {
    let chars = 0;
    for (const key in schema) if (!PARTS.has(key)) chars += JSON.stringify(schema[key])?.length ?? 0;
    this.#count(Math.floor(chars / NODE_CHARS));
  }

  #deeper(): void {
    if (++this.#depth > MAX_DEPTH) throw new Unsayable(TOO_LARGE);
  }

  #node(value: JsonValue | undefined): Node {
    this.#count();
    if (value === false) throw new Unsayable(NOTHING);
    if (!isObject(value)) throw new Unsayable(ANYTHING);
    this.#weigh(value);
    this.#deeper();
    const node = this.#said(value);
    this.#depth--;
    return node;
  }

  #said(value: JsonObject): Node {
    const alias = aliasIn(value);
    if (typeof alias.$ref === 'string') return this.#ref(alias.$ref, alias);
    const schema = this.#flat(alias, NONE);
    const branches = branchesOf(schema);
    return branches === undefined ? this.#typed(schema) : this.#choice(branches, schema);
  }

  /** What stands beside a reference makes another definition of it. */
  #ref(pointer: string, { $ref: _, $comment: __, ...beside }: JsonObject): Node {
    const lone = Object.keys(beside).length === 0;
    const key = lone ? pointer : `${pointer} ${JSON.stringify(beside)}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const target = findRef(this.#root, pointer);
      known = { name: this.#names.nameFor(pointer), place: new NullPlace() };
      this.#known.set(key, known);
      this.#open.add(key);
      // In its place, before those that it refers to.
      this.#defs[known.name] = {};
      const { schema, place } = this.#node(lone ? target : { allOf: [target, beside] });
      this.#defs[known.name] = schema;
      known.place.others.push(place);
      this.#open.delete(key);
    } else if (this.#open.has(key) && !this.#rules.recursion) throw new Unsayable(RECURSIVE);
    return { schema: { $ref: `#/$defs/${known.name}` }, place: known.place };
  }

  /** One schema of all that must hold, with the references of parts, and of the root, followed. */
  #flat(schema: JsonObject, open: ReadonlySet<string>): JsonObject {
    const { $ref, allOf, ...rest } = schema;
    if (typeof $ref !== 'string' && !Array.isArray(allOf)) return schema;
    this.#deeper();
    const parts = [rest];
    if (typeof $ref === 'string') {
      if (open.has($ref)) throw new Unsayable(RECURSIVE);
      this.#part(findRef(this.#root, $ref), new Set(open).add($ref), parts);
    }
    for (const part of Array.isArray(allOf) ? allOf : []) this.#part(part, open, parts);
    this.#depth--;
    return mergeParts(parts, (keyword) => this.#changes.lose(keyword));
  }

  #part(part: JsonValue, open: ReadonlySet<string>, parts: JsonObject[]): void {
    this.#count(1 + open.size);
    if (part === false) throw new Unsayable(NOTHING);
    if (!isObject(part)) return;
    const flat = this.#flat(part, open);
    // It is copied.
    if (isObject(flat.properties)) this.#count(Object.keys(flat.properties).length);
    this.#weigh(flat);
    parts.push(flat);
  }

  /** What stands beside several branches belongs to each of them; what only informs, to all. */
  #choice(branches: readonly JsonValue[], schema: JsonObject): Node {
    const isOneOf = branches === schema.oneOf;
    const shared: JsonObject = {};
    const about: JsonObject = {};
    for (const key in schema) {
      if (key === (isOneOf ? 'oneOf' : 'anyOf')) continue;
      if (limits(key)) shared[key] = schema[key];
      else if (!READ.has(key) || key === 'title' || key === 'description') setField(about, key, schema[key]);
    }
    const real = branches.filter((branch) => branch !== false);
    const narrowed = real.map((branch) => (this.#holds(branch, shared) ? branch : { allOf: [branch, shared] }));
    const [first] = narrowed;
    if (first === undefined) throw new Unsayable(NOTHING);
    if (narrowed.length === 1) {
      return this.#node(Object.keys(about).length === 0 ? first : { ...about, allOf: [first] });
    }
    if (isOneOf) this.#changes.anyOf = true;
    const nodes = narrowed.map((branch) => this.#node(branch));
    const place = new NullPlace();
    for (const node of nodes) place.others.push(node.place);
    return { schema: this.#about(about, { anyOf: nodes.map((node) => node.schema) }), place };
  }

  /** Whether a branch asks anyway for what stands beside it: for nothing, or for a type that it has. */
  #holds(branch: JsonValue, { type, ...shared }: JsonObject): boolean {
    if (Object.keys(shared).length > 0) return false;
    if (type === undefined) return true;
    let at: JsonValue = branch;
    for (let hops = 0; isObject(at) && typeof at.$ref === 'string' && hops < MAX_HOPS; hops++) {
      at = findRef(this.#root, at.$ref);
    }
    return isObject(at) && same(at.type, type);
  }

  #typed(schema: JsonObject): Node {
    const listed = this.#listed(schema);
    const types = typesOf(schema, listed);
    if (types.length > 1 && listed === undefined && types.some((type) => type === 'object' || type === 'array')) {
      const { type: _, title, description, ...rest } = schema;
      const about = {
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
      };
      return this.#choice(
        types.map((type) => ({ type })),
        { ...about, ...rest },
      );
    }
    const values = listed?.filter((value) => isOf(value, types));
    if (values?.length === 0) throw new Unsayable(NOTHING);
    const out: JsonObject = {};
    if (values === undefined || this.#rules.typedValues || (types.length === 1 && schema.type !== undefined)) {
      out.type = types.length === 1 ? (types[0] ?? null) : types;
    }
    if (values !== undefined) {
      if (schema.const === undefined) out.enum = values;
      else out.const = schema.const;
    }
    const place = new NullPlace();
    const words: JsonObject = {};
    if (types[0] === 'object' && types.length === 1) this.#object(schema, out, place);
    if (types[0] === 'array' && types.length === 1) place.items = this.#items(schema, out, words);
    return { schema: this.#about(schema, out, types, words), place };
  }

  /** The values that a schema lists; such as are no scalars are told. */
  #listed({ const: only, enum: list }: JsonObject): Scalar[] | undefined {
    const values = only === undefined ? list : [only];
    if (!Array.isArray(values)) return undefined;
    if (!values.every(isScalar)) return undefined;
    if (Array.isArray(list) && only !== undefined && !list.includes(only)) throw new Unsayable(NOTHING);
    return values as Scalar[];
  }

  #object(schema: JsonObject, out: JsonObject, place: NullPlace): void {
    const { properties = {}, additionalProperties: further, patternProperties } = schema;
    if (!isObject(properties)) throw new Unsayable(OPEN);
    if (isObject(patternProperties) && Object.keys(patternProperties).length > 0) throw new Unsayable(OPEN);
    const names = Object.keys(properties);
    if (names.length === 0 && further !== false && (further !== undefined || schema.properties === undefined)) {
      throw new Unsayable(OPEN);
    }
    if (further === undefined) this.#changes.closed = true;
    else if (further !== false) this.#changes.shut = true;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    for (const name of required) {
      if (typeof name !== 'string' || !Object.hasOwn(properties, name)) throw new Unsayable(ANYTHING);
    }
    const said: JsonObject = {};
    for (const name of names) {
      // `false`: it must not be there.
      if (properties[name] === false && !required.has(name)) continue;
      const node = this.#node(properties[name]);
      setField(said, name, node.schema);
      place.properties.set(name, node.place);
    }
    out.properties = said;
    out.additionalProperties = false;
    if (this.#rules.allRequired) out.required = Object.keys(said);
    else if (required.size > 0) out.required = [...required];
    else if (Array.isArray(schema.required)) out.required = [];
    this.#objects.push({ schema: out, place, required });
  }

  #items(schema: JsonObject, out: JsonObject, words: JsonObject): NullPlace {
    const { items, prefixItems, additionalItems } = schema;
    const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
    if (tuple === undefined || tuple.length === 0) {
      const node = this.#node(Array.isArray(items) ? additionalItems : items);
      out.items = node.schema;
      return node.place;
    }
    const rest = Array.isArray(prefixItems) ? items : additionalItems;
    this.#changes.tell('prefixItems', tuple, words);
    const node = this.#node({ anyOf: isObject(rest) ? [...tuple, rest] : tuple });
    out.items = node.schema;
    return node.place;
  }

  /** What informs about a value, and what else limits it, as far as it can be said. */
  #about(schema: JsonObject, out: JsonObject, types: readonly string[] = [], words: JsonObject = {}): JsonObject {
    for (const key of ['title', 'description'] as const) if (typeof schema[key] === 'string') out[key] = schema[key];
    if (out.enum === undefined && out.const === undefined) {
      for (const key of ['const', 'enum'] as const)
        if (schema[key] !== undefined) this.#changes.tell(key, schema[key], words);
    }
    for (const key in schema) {
      const value = schema[key];
      if (READ.has(key) || saysNothing(key, value) || value === undefined || !concerns(key, types)) continue;
      if (this.#rules.takes(key, value)) setField(out, key, value);
      else this.#changes.tell(key, value, words);
    }
    return withWords(out, words);
  }

  #requireAll(): void {
    for (const { schema, place, required } of this.#objects) {
      const properties = schema.properties as JsonObject;
      for (const name in properties) {
        const property = properties[name] as JsonObject;
        if (acceptsNull(property, this.#defs)) place.own.add(name);
        else if (!required.has(name)) {
          place.added.add(name);
          setField(properties, name, orNull(property));
          this.#changes.nulls = true;
        }
      }
    }
  }
}
