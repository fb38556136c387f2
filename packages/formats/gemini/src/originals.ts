import type { JsonObject } from '@signalbox/kit';

const originals = new WeakMap<object, JsonObject>();
const jsonSchemas = new WeakSet<object>();

/**
 * Remembers how a client of this format wrote what was decoded to `canonical`. A plugin that changes it makes a new object,
 * so what it changed is encoded anew, and what nobody touched goes out as it was written.
 */
export function rememberOriginal<T extends object>(canonical: T, wire: JsonObject): T {
  originals.set(canonical, wire);
  return canonical;
}

export function originalOf(canonical: object | undefined): JsonObject | undefined {
  return canonical === undefined ? undefined : originals.get(canonical);
}

/** As `rememberOriginal`, for what stood in a field that takes JSON Schema instead of Google's own `Schema`. */
export function rememberJsonSchema<T extends object>(canonical: T, wire: JsonObject): T {
  jsonSchemas.add(canonical);
  return rememberOriginal(canonical, wire);
}

export function wasJsonSchema(canonical: object | undefined): boolean {
  return canonical !== undefined && jsonSchemas.has(canonical);
}
