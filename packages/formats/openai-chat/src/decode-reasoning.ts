import {
  type JsonObject,
  type JsonValue,
  type ReasoningBlock,
  type ReasoningState,
  unpackReasoningState,
} from '@signalbox/kit';
import { isObject, text } from './fields.ts';

/** The `id` of `reasoning_details` entries that hold Anthropic state which came through this gateway. */
export const ANTHROPIC_DETAIL_ID = 'signalbox-anthropic';
export const ANTHROPIC_DETAIL_FORMAT = 'anthropic-claude-v1';
/** Whose state `reasoning_details` are, where nothing says otherwise: OpenRouter defined them. */
export const DETAILS_ORIGIN = 'openrouter';

/**
 * The reasoning of an assistant message in a client's history, from `reasoning_content`, `reasoning` and
 * `reasoning_details`. An entry that this gateway wrote gives its state back to the origin: packed state by its prefix,
 * a genuine Anthropic signature by `ANTHROPIC_DETAIL_ID`. Runs of other entries stay together, untouched, as OpenRouter's.
 */
export function decodeReasoning(message: JsonObject): ReasoningBlock[] {
  const plain = text(message.reasoning_content) ?? text(message.reasoning) ?? '';
  const details = message.reasoning_details;
  if (!Array.isArray(details) || details.length === 0) return plain === '' ? [] : [{ type: 'reasoning', text: plain }];
  const blocks: ReasoningBlock[] = [];
  let run: JsonValue[] = [];
  const closeRun = (): void => {
    if (run.length > 0)
      blocks.push({ type: 'reasoning', text: detailsText(run), state: { origin: DETAILS_ORIGIN, data: run } });
    run = [];
  };
  for (const detail of details) {
    const own = isObject(detail) ? ownDetail(detail) : undefined;
    if (own === undefined) {
      run.push(detail);
    } else {
      closeRun();
      blocks.push(own);
    }
  }
  closeRun();
  const [only] = blocks;
  // Entries without text (encrypted ones) stand beside the text in its own field.
  if (blocks.length === 1 && only?.text === '' && only.redacted !== true) return [{ ...only, text: plain }];
  return blocks;
}

function ownDetail(detail: JsonObject): ReasoningBlock | undefined {
  const redacted = detail.type === 'reasoning.encrypted';
  const proof = text(redacted ? detail.data : detail.signature);
  if (proof === undefined) return undefined;
  const state: ReasoningState | undefined =
    detail.id === ANTHROPIC_DETAIL_ID ? { origin: 'anthropic', data: proof } : unpackReasoningState(proof);
  if (state === undefined) return undefined;
  return redacted
    ? { type: 'reasoning', text: '', state, redacted }
    : { type: 'reasoning', text: text(detail.text) ?? '', state };
}

/** What a person can read in `reasoning_details`. */
export function detailsText(details: readonly JsonValue[]): string {
  let all = '';
  for (const detail of details) if (isObject(detail)) all += text(detail.text) ?? text(detail.summary) ?? '';
  return all;
}
