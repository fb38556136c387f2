import type { CacheControl, JsonObject, JsonValue } from '@signalbox/kit';
import { isObject } from './wire.ts';

/** The canonical breakpoint, and what it holds beside it (`scope`), which only this format knows. */
export function decodeCacheControl(value: JsonValue | undefined): { cacheControl?: CacheControl; extras?: JsonObject } {
  if (!isObject(value)) return {};
  const { type, ttl, ...rest } = value;
  const cacheControl: CacheControl = ttl === '5m' || ttl === '1h' ? { ttl } : {};
  const extras: JsonObject = {};
  if (type !== 'ephemeral') extras.type = type;
  if (ttl !== undefined && cacheControl.ttl === undefined) extras.ttl = ttl;
  for (const key in rest) extras[key] = rest[key];
  return Object.keys(extras).length === 0 ? { cacheControl } : { cacheControl, extras };
}

export function encodeCacheControl({ ttl }: CacheControl, extras: JsonValue | undefined): JsonObject {
  const wire: JsonObject = { type: 'ephemeral' };
  if (ttl !== undefined) wire.ttl = ttl;
  return isObject(extras) ? { ...wire, ...extras } : wire;
}
