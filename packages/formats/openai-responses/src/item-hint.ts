import type { Block, Extensions, JsonObject } from '@signalbox/kit';
import { ID, isObject } from './fields.ts';

const KEY = '$item';

/**
 * What an input item was beside what its canonical blocks say: its own fields (`rest`: id, status), its role. It stands on the first block of the item and means nothing to other formats.
 */
export interface ItemHint extends JsonObject {
  rest?: JsonObject;
  /** Of a message before the first turn. */
  role?: string;
  /** Of a tool's output; `undefined`: a plain function's. */
  kind?: string;
  /** The output was a list of parts. */
  list?: boolean;
  /** The whole item, where its output has a structure of its own. */
  wire?: JsonObject;
}

export function hintOf({ extensions }: { readonly extensions?: Extensions }): ItemHint | undefined {
  const hint = extensions?.[ID]?.[KEY];
  return isObject(hint) ? hint : undefined;
}

export function hinted(hint: ItemHint | undefined, own?: JsonObject): { extensions?: Extensions } {
  if (hint === undefined) return own === undefined ? {} : { extensions: { [ID]: own } };
  return { extensions: { [ID]: { ...own, [KEY]: hint } } };
}

/** The same blocks, the first of which says where a message item begins. */
export function opening<B extends Block>(blocks: readonly B[], hint: ItemHint, own?: JsonObject): B[] {
  const [first, ...others] = blocks;
  if (first === undefined || first.type === 'opaque') return [...blocks];
  return [{ ...first, ...hinted(hint, { ...first.extensions?.[ID], ...own }) }, ...others];
}
