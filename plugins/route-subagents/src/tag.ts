import { type Exchange, stateKey } from '@signalbox/kit';

const NAMES = ['signalbox-model', 'CCR-SUBAGENT-MODEL'] as const;
// Without the angle brackets, which some clients escape in JSON.
const NAME_BYTES = NAMES.map((name) => Buffer.from(name));
const TAG = `<(${NAMES.join('|')})>([^<]*)</\\1>`;
const ANY_TAG = new RegExp(TAG, 'g');
/** A tag with the whole line, where it has one to itself. */
const TAG_OR_LINE = new RegExp(`^[ \\t]*${TAG}[ \\t]*(?:\\r?\\n|$)|${TAG.replace('\\1', '\\3')}`, 'gm');

const searched = stateKey<{ found: boolean | undefined }>(() => ({ found: undefined }));

/** Whether the body may hold a tag, by a search of its bytes that nothing has to be decoded for. Done once. */
export function mayHoldTag(exchange: Exchange): boolean {
  const state = exchange.state(searched);
  state.found ??= NAME_BYTES.some((name) => exchange.rawBody.includes(name));
  return state.found;
}

/** What stands in the tags of a text, in order. */
export function tagValues(text: string): string[] {
  return Array.from(text.matchAll(ANY_TAG), ([, , value = '']) => value.trim());
}

/** The text without its tags; the same string where it has none. */
export function withoutTags(text: string): string {
  return text.includes('</') ? text.replace(TAG_OR_LINE, '') : text;
}
