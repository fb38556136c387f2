import { bodyHolds, type Exchange } from '@signalbox/kit';

const NAMES = ['signalbox-model', 'CCR-SUBAGENT-MODEL'] as const;
const TAG = `<(${NAMES.join('|')})>([^<]*)</\\1>`;
const ANY_TAG = new RegExp(TAG, 'g');
/** A tag with the whole line, where it has one to itself. */
const TAG_OR_LINE = new RegExp(`^[ \\t]*${TAG}[ \\t]*(?:\\r?\\n|$)|${TAG.replace('\\1', '\\3')}`, 'gm');

/** Whether the body may hold a tag, by a search of its bytes that nothing has to be decoded for. */
export function mayHoldTag(exchange: Exchange): boolean {
  // Without the angle brackets, which some clients escape in JSON.
  return NAMES.some((name) => bodyHolds(exchange, name));
}

/** What stands in the tags of a text, in order. */
export function tagValues(text: string): string[] {
  return Array.from(text.matchAll(ANY_TAG), ([, , value = '']) => value.trim());
}

/** The text without its tags; the same string where it has none. */
export function withoutTags(text: string): string {
  return text.includes('</') ? text.replace(TAG_OR_LINE, '') : text;
}
