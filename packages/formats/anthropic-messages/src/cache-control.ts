import { type CacheControl, type Extensions, type JsonObject, type JsonValue, ownFieldsOf } from '@signalbox/kit';
import type { EncodeContext } from './encode-context.ts';
import { FORMAT_ID, isObject } from './wire.ts';

/** The canonical breakpoint, and what it holds beside it (`scope`), which only this format knows. */
export function decodeCacheControl(value: JsonValue | undefined): { cacheControl?: CacheControl; extras?: JsonObject } {
  if (!isObject(value)) return {};
  const { type, ttl, ...extras } = value;
  const cacheControl: CacheControl = ttl === '5m' || ttl === '1h' ? { ttl } : {};
  if (type !== 'ephemeral') extras.type = type;
  if (ttl !== undefined && cacheControl.ttl === undefined) extras.ttl = ttl;
  return Object.keys(extras).length === 0 ? { cacheControl } : { cacheControl, extras };
}

/** Writes the breakpoint of a block or tool onto `wire`, as far as the dialect takes it. */
export function encodeCacheControl(
  wire: JsonObject,
  { cacheControl, extensions }: { readonly cacheControl?: CacheControl; readonly extensions?: Extensions },
  path: string,
  { capabilities, notes }: EncodeContext,
): void {
  if (cacheControl === undefined) return;
  const keys = capabilities.cacheControl;
  if (keys === false) {
    notes.add(`${path}.cacheControl`, 'mapped', 'what is cached is for the provider to say');
    return;
  }
  const extras = ownFieldsOf(extensions, FORMAT_ID, 'cacheControl');
  const all: JsonObject = {
    type: 'ephemeral',
    ...(cacheControl.ttl === undefined ? {} : { ttl: cacheControl.ttl }),
    ...extras,
  };
  if (keys === 'all') {
    wire.cache_control = all;
    return;
  }
  const taken: JsonObject = {};
  for (const key in all) {
    if (key === 'type' || keys.includes(key)) taken[key] = all[key];
    else notes.add(`${path}.cacheControl.${key}`, 'mapped', 'this provider takes only plain cache breakpoints');
  }
  wire.cache_control = taken;
}
