import {
  type JsonObject,
  type JsonValue,
  packReasoningState,
  type ReasoningBlock,
  setField,
  wordOf,
} from '@signalbox/kit';
import { ANTHROPIC_DETAIL_FORMAT, ANTHROPIC_DETAIL_ID, DETAILS_ORIGIN } from './decode-reasoning.ts';
import { isObject } from './fields.ts';

/** Concatenates the fragments of a stream: text by `index` and `type`, of everything else the last that is not null. */
export class DetailFragments {
  readonly merged: JsonObject[] = [];
  readonly #byKey = new Map<string, JsonObject>();

  add(fragments: readonly JsonValue[]): void {
    for (const fragment of fragments) {
      if (!isObject(fragment)) continue;
      const key = `${wordOf(fragment.index)} ${wordOf(fragment.type)}`;
      // Without an index nothing tells entries apart: only text and summaries are taken for the rest of one.
      const whole = typeof fragment.index !== 'number' && fragment.type === 'reasoning.encrypted';
      const known = whole ? undefined : this.#byKey.get(key);
      if (known === undefined) {
        const entry = { ...fragment };
        this.merged.push(entry);
        this.#byKey.set(key, entry);
      } else {
        append(known, fragment);
      }
    }
  }
}

function append(entry: JsonObject, fragment: JsonObject): void {
  for (const key in fragment) {
    const value = fragment[key];
    if (value === null || value === undefined) continue;
    const before = entry[key];
    const more = (key === 'text' || key === 'summary') && typeof before === 'string' && typeof value === 'string';
    setField(entry, key, more ? before + value : value);
  }
}

/** The entries of `reasoning_details` that hold a block's state for a client; see `decodeReasoning` for the way back. */
export function encodeDetails(block: ReasoningBlock, index: number): readonly JsonValue[] {
  const { state, text, redacted } = block;
  if (state === undefined) return [];
  if (state.origin === DETAILS_ORIGIN && Array.isArray(state.data)) return state.data;
  const genuine = state.origin === 'anthropic' && typeof state.data === 'string';
  const proof = genuine ? String(state.data) : packReasoningState(state);
  const origin = genuine
    ? { id: ANTHROPIC_DETAIL_ID, format: ANTHROPIC_DETAIL_FORMAT, index }
    : { format: 'unknown', index };
  if (redacted === true) return [{ type: 'reasoning.encrypted', data: proof, ...origin }];
  return [{ type: 'reasoning.text', text, signature: proof, ...origin }];
}
