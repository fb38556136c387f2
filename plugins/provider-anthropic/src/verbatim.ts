import type { ProviderCall } from '@signalbox/kit';

/** What the gateway writes where a client has room for foreign reasoning state, and what unsigned thinking looks like. */
const FOREIGN_MARKS = ['"signalbox1.', '"signature":""', '"signature": ""'];

/**
 * Whether an Anthropic client's body holds no reasoning of another provider. Anthropic refuses such blocks, so a history
 * that has them must be encoded, which leaves them out. A search over the bytes; nothing is parsed.
 */
export function hasOnlyOwnReasoning({ rawBody }: ProviderCall): boolean {
  return rawBody === undefined || !FOREIGN_MARKS.some((mark) => rawBody.includes(mark));
}
