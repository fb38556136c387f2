import type { JsonObject } from '@signalbox/kit';
import { isObject } from './fields.ts';
import { mergeSchemas } from './merge-schemas.ts';

/** Follows the references of one schema document. */
export class SchemaRefs {
  readonly #root: JsonObject;
  readonly #open = new Set<string>();

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /**
   * Runs `read` on the schema that `schema` refers to, with what stands beside the reference laid over it.
   * @returns `undefined` where the reference leads into itself; a reference into nowhere is as good as none.
   */
  follow<T>(schema: JsonObject, read: (target: JsonObject) => T): T | undefined {
    const { $ref, ...beside } = schema;
    if (typeof $ref !== 'string') return read(schema);
    if (this.#open.has($ref)) return undefined;
    this.#open.add($ref);
    try {
      return read(mergeSchemas(beside, this.#find($ref) ?? {}));
    } finally {
      this.#open.delete($ref);
    }
  }

  #find(pointer: string): JsonObject | undefined {
    if (pointer === '#') return this.#root;
    if (!pointer.startsWith('#/')) return undefined;
    let at: JsonObject = this.#root;
    for (const step of pointer.slice(2).split('/')) {
      const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
      const next = Object.hasOwn(at, key) ? at[key] : undefined;
      if (!isObject(next)) return undefined;
      at = next;
    }
    return at;
  }
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
