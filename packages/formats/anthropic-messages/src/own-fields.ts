import type { JsonValue, OwnFate } from '@signalbox/kit';
import { isObject } from './wire.ts';

/** What a field of the body that only this format has, by its path, is to a target that does not know it. */
export function fateOf(path: string, value: JsonValue): OwnFate {
  if (path === 'service_tier') return value === 'auto' ? 'harmless' : value === 'standard_only' ? 'advice' : 'loss';
  if (path === 'context_management') return keepsAll(value) ? 'advice' : 'loss';
  // The user apart, which is canonical: what a client tells its vendor about itself.
  return path.startsWith('metadata.') ? 'advice' : 'loss';
}

/** Claude Code always says so: no reasoning of earlier turns is to be cleared away. */
function keepsAll(value: JsonValue): boolean {
  const edits = isObject(value) && Object.keys(value).length === 1 ? value.edits : undefined;
  if (!Array.isArray(edits) || edits.length === 0) return false;
  return edits.every((edit) => isObject(edit) && edit.type === 'clear_thinking_20251015' && edit.keep === 'all');
}

/** Fields of blocks and tools that can be left out and nothing is lost: hints for caches, and for how a tool arrives. */
const ADVICE = /^(?:cacheControl\.|(?:defer_loading|eager_input_streaming)$)/;

/** The names among these that are such fields; `undefined`: none. */
export function adviceAmong(names: readonly string[]): string[] | undefined {
  const found = names.filter((name) => ADVICE.test(name));
  return found.length === 0 ? undefined : found;
}
