import type { JsonObject, JsonValue } from '@signalbox/spec';
import { Unsayable } from './rules.ts';
import { isObject } from './values.ts';

/** The schema that a reference inside its document leads to. @throws {Unsayable} where it leads to none. */
export function findRef(root: JsonObject, pointer: string): JsonValue {
  if (pointer === '#') return root;
  let at: JsonValue | undefined = pointer.startsWith('#/') ? root : undefined;
  for (const step of pointer.slice(2).split('/')) {
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    at = (isObject(at) || Array.isArray(at)) && Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
  }
  if (!isObject(at) && typeof at !== 'boolean') throw new Unsayable('it refers to what is not in it');
  return at;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** Names for the definitions of one schema, each once. */
export class DefNames {
  readonly #taken = new Set<string>();

  nameFor(pointer: string): string {
    const plain = (pointer.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40);
    const base = plain === '' || plain === '__proto__' || pointer === '#' ? 'root' : plain;
    let name = base;
    for (let count = 2; this.#taken.has(name); count++) name = `${base}_${count}`;
    this.#taken.add(name);
    return name;
  }
}
