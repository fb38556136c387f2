import type { JsonObject, JsonValue } from '@signalbox/spec';
import { isObject, keysOf } from './json-pointer.ts';

/** One thing that is wrong with a value, as ajv tells it. */
export interface Misfit {
  /** Where in the value, as a JSON Pointer; `''`: all of it. */
  readonly instancePath: string;
  /** The word of the schema that it breaks: `type`, `required`. */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** The schema around the keyword, where every misfit is asked for. */
  readonly parentSchema?: object;
}

const MAX_REASON = 200;

/**
 * Where and why, for a note: `/edits/0/line must be integer`. Without a word of the value itself: a key that the schema
 * does not name is `*`.
 */
export function describeMisfit({ instancePath, keyword, message }: Misfit, schema: JsonObject): string {
  const why = message ?? `does not fit ${keyword}`;
  const place = placeIn(schema, instancePath).map((key) => `/${key}`);
  return (place.length === 0 ? why : `${place.join('')} ${why}`).slice(0, MAX_REASON);
}

/** The keys and indexes of a place, as far as the schema names them; `*` for all others. */
export function placeIn(schema: JsonObject, pointer: string): readonly string[] {
  if (pointer === '') return [];
  const names = new Set<string>();
  collectNames(schema, names);
  return keysOf(pointer).map((key) => (names.has(key) || /^\d+$/.test(key) ? key : '*'));
}

function collectNames(value: JsonValue | undefined, names: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectNames(item, names);
  if (!isObject(value)) return;
  if (isObject(value.properties)) for (const name of Object.keys(value.properties)) names.add(name);
  for (const key in value) collectNames(value[key], names);
}
