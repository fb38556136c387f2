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

/** What a client puts around what it adds itself: CLAUDE.md, the date. A tag in there is what people talk about. */
const REMINDER = /<system-reminder>[\s\S]*?(?:<\/system-reminder>|$)/g;
/** Tags that a text begins with. */
const LEADING = new RegExp(`^\\s*(?:${TAG}[ \\t]*(?:\\r?\\n)?)+`);

/** Where a tag counts: anywhere in the words of an agent, and only ahead of what anybody else says. */
export type TagPlace = 'anywhere' | 'start';

/** What stands in the tags of a text that count, in order. */
export function tagValues(text: string, place: TagPlace): string[] {
  const own = text.replace(REMINDER, '');
  const where = place === 'start' ? (LEADING.exec(own)?.[0] ?? '') : own;
  return Array.from(where.matchAll(ANY_TAG), ([, , value = '']) => value.trim());
}

/** The text without the tags that count; the same string where it has none. */
export function withoutTags(text: string, place: TagPlace): string {
  if (!text.includes('</')) return text;
  let rest = '';
  let said = false;
  let from = 0;
  const take = (words: string): void => {
    if (place === 'anywhere') rest += words.replace(TAG_OR_LINE, '');
    else rest += said ? words : words.replace(LEADING, '');
    said ||= words.trim() !== '';
  };
  for (const { 0: reminder, index } of text.matchAll(REMINDER)) {
    take(text.slice(from, index));
    rest += reminder;
    from = index + reminder.length;
  }
  take(text.slice(from));
  return rest;
}
