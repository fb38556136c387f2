import type { JsonObject } from '@signalbox/kit';

/** The id of the item that one only refers to; `undefined` for an item that is there itself. Its type may be left out. */
export function referredId({ type, role, id }: JsonObject): string | undefined {
  if (typeof id !== 'string') return undefined;
  if (type === 'item_reference') return id;
  return (type === undefined || type === null) && role === undefined ? id : undefined;
}
