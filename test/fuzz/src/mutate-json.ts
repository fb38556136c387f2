import type { JsonObject, JsonValue } from '@signalbox/kit';
import { nastyValue, printJson, WORDS } from './nasty.ts';
import type { Random } from './random.ts';

/** One part of a value, where it stands. */
interface Place {
  readonly holder: JsonObject | JsonValue[];
  readonly key: string | number;
}

/**
 * Damages a value by its structure: parts are lost, doubled, put elsewhere or of another type. `others`: values whose
 * parts may come to stand in this one. @returns JSON text, as it may hold numbers that no value prints as.
 */
export function mutateJson(random: Random, value: JsonValue, others: readonly JsonValue[] = []): string {
  // The root has a holder, too, so that it can be replaced like any other part.
  const root: { value: JsonValue } = { value: structuredClone(value) };
  for (let left = random.few(8); left > 0; left--) mutateOnce(random, root, others);
  return printJson(root.value);
}

function mutateOnce(random: Random, root: { value: JsonValue }, others: readonly JsonValue[]): void {
  const place = placeIn(random, root);
  const { holder, key } = place;
  if (holder === (root as unknown)) {
    if (random.chance(0.5)) set(place, random.chance(0.5) ? nastyValue(random) : wrapped(random, root.value));
    return;
  }
  switch (random.int(12)) {
    case 0:
    case 1:
      remove(place);
      return;
    case 2:
      duplicate(random, place);
      return;
    case 3:
      if (Array.isArray(holder)) holder.push(...holder.splice(random.int(holder.length), 1));
      else rename(random, place);
      return;
    case 4:
      set(place, wrapped(random, get(place)));
      return;
    case 5:
      set(place, retyped(random, get(place)));
      return;
    case 6:
      set(place, null);
      return;
    case 7: {
      const other = others.length === 0 ? root.value : random.pick(others);
      const from = placeIn(random, { value: other });
      set(place, structuredClone(get(from)));
      return;
    }
    case 8: {
      const inside = get(place);
      if (isObject(inside)) set({ holder: inside, key: random.pick(WORDS) }, nastyValue(random));
      else if (Array.isArray(inside)) inside.splice(random.int(inside.length + 1), 0, nastyValue(random));
      else set(place, nastyValue(random));
      return;
    }
    default:
      set({ holder, key }, nastyValue(random));
  }
}

/** A part anywhere in a value; deep ones as likely as shallow ones. */
function placeIn(random: Random, root: { value: JsonValue }): Place {
  let place: Place = { holder: root as unknown as JsonObject, key: 'value' };
  for (;;) {
    const inside = get(place);
    const keys = Array.isArray(inside) ? [...inside.keys()] : isObject(inside) ? Object.keys(inside) : [];
    if (keys.length === 0 || random.chance(0.2)) return place;
    place = { holder: inside as JsonObject, key: random.pick<string | number>(keys) };
  }
}

function get({ holder, key }: Place): JsonValue {
  return Array.isArray(holder) ? (holder[Number(key)] ?? null) : (own(holder, String(key)) ?? null);
}

function own(holder: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(holder, key) ? (Object.getOwnPropertyDescriptor(holder, key)?.value as JsonValue) : undefined;
}

/** Also a key such as `__proto__` is a key here, as it is to a parser. */
function set({ holder, key }: Place, value: JsonValue): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function duplicate(random: Random, { holder, key }: Place): void {
  const value = structuredClone(get({ holder, key }));
  if (!Array.isArray(holder)) {
    set({ holder, key: random.pick([`${key}`, `${key}s`, `${key}`.toUpperCase(), ...WORDS]) }, value);
    return;
  }
  const times = random.chance(0.05) ? random.int(300) : 1;
  for (let left = times; left > 0; left--) holder.splice(Number(key), 0, structuredClone(value));
}

function rename(random: Random, place: Place): void {
  const value = get(place);
  remove(place);
  set({ holder: place.holder, key: random.pick(WORDS) }, value);
}

function wrapped(random: Random, value: JsonValue): JsonValue {
  return random.pick<JsonValue>([[value], { value }, { 0: value }, { type: 'text', text: value }, [[value], [value]]]);
}

/** The same said in another type: a number as text, a list as an object, an object as JSON text. */
function retyped(random: Random, value: JsonValue): JsonValue {
  if (Array.isArray(value)) return random.chance(0.5) ? ({ ...value } as unknown as JsonObject) : (value[0] ?? '');
  if (isObject(value)) return random.chance(0.5) ? Object.values(value as Record<string, JsonValue>) : printJson(value);
  if (typeof value === 'string') return random.pick<JsonValue>([Number(value) || 0, [...value], { text: value }, true]);
  return typeof value === 'number' ? String(value) : [value];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
