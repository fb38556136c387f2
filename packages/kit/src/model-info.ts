import type { ModelInfo } from '@signalbox/spec';

/** `known`, with what only `more` says. Prices are taken as one: half of one list and half of another would be nobody's. */
export function mergeModelInfo(known: ModelInfo, more: ModelInfo): ModelInfo {
  const capabilities =
    more.capabilities === undefined ? known.capabilities : { ...more.capabilities, ...known.capabilities };
  return { ...more, ...known, ...(capabilities === undefined ? {} : { capabilities }) };
}
