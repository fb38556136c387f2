import { createHash } from 'node:crypto';

/** The beginning of a thought tells it from all others. */
const MAX_CHARS = 256;
/** What is read for that: blanks do not count, as formats join blocks in their own ways. */
export const MAX_READ = 2 * MAX_CHARS;

/** A hash of reasoning that a caller got; `undefined` for none. The text itself is not ours to keep. */
export function thoughtKey(principal: string, text: string): string | undefined {
  const start = text.slice(0, MAX_READ).replace(/\s+/g, '').slice(0, MAX_CHARS);
  if (start === '') return undefined;
  return createHash('sha256').update(`${principal}\0${start}`).digest('base64url');
}
