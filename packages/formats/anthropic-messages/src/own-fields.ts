import type { JsonValue, OwnFate } from '@signalbox/kit';
import { isObject } from './wire.ts';

/** What a field of the body that only this format has, by its path, is to a target that does not know it. */
export function fateOf(path: string, value: JsonValue): OwnFate {
  if (path === 'service_tier') return value === 'auto' ? 'harmless' : value === 'standard_only' ? 'advice' : 'loss';
  if (path === 'context_management') return fateOfEdits(value);
  // The user apart, which is canonical: what a client tells its vendor about itself.
  return path.startsWith('metadata.') ? 'advice' : 'loss';
}

/** Claude Code always says that no reasoning of earlier turns is to be cleared away. */
function fateOfEdits(value: JsonValue): OwnFate {
  if (!isObject(value)) return 'loss';
  const { edits = [], ...others } = value;
  if (!Array.isArray(edits) || Object.keys(others).length > 0) return 'loss';
  if (edits.length === 0) return 'harmless';
  const keepsAll = edits.every(
    (edit) => isObject(edit) && edit.type === 'clear_thinking_20251015' && edit.keep === 'all',
  );
  return keepsAll ? 'advice' : 'loss';
}

/** Fields of blocks and tools that can be left out and nothing is lost: hints for caches, and for how a tool arrives. */
const ADVICE = /^(?:cacheControl\.|(?:defer_loading|eager_input_streaming)$)/;

/** The names among these that are such fields; `undefined`: none. */
export function adviceAmong(names: readonly string[]): string[] | undefined {
  const found = names.filter((name) => ADVICE.test(name));
  return found.length === 0 ? undefined : found;
}
