export const ATTRIBUTION_MARK = 'x-anthropic-billing-header:';

/**
 * Claude Code's attribution, as it writes it: a block of its own, or a line where something on the way has joined the
 * blocks. Whatever else mentions the header is not meant.
 */
const LINE = /^x-anthropic-billing-header: *cc_version=[^\n]*(?:\n+|$)/m;

/** The text without its attribution line: the same text where it has none. */
export function withoutAttribution(text: string): string {
  return text.includes(ATTRIBUTION_MARK) ? text.replace(LINE, '') : text;
}
