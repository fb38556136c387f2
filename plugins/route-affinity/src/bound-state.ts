import { type Exchange, isMadeUpId } from '@signalbox/kit';

/**
 * What a request brings back that only the account can read which gave it: `stored`, a conversation or a part of one
 * that the provider keeps, of which the request has an id alone; `encrypted`, a state that others have to do without.
 */
export type BoundState = 'stored' | 'encrypted';

const STORED = ['"previous_response_id"', '"item_reference"', '"cachedContent"', '"cached_content"'];
const ENCRYPTED = ['"encrypted_content"'];
const DETAILS = ['"reasoning.encrypted"'];

interface Marks {
  readonly stored: readonly string[];
  readonly encrypted: readonly string[];
}

/** By client format; in one that is not listed it may be any of them. Messages knows neither. */
const MARKS: Readonly<Record<string, Marks>> = {
  'anthropic-messages': { stored: [], encrypted: [] },
  'openai-chat': { stored: [], encrypted: DETAILS },
};
const ANY: Marks = { stored: STORED, encrypted: [...ENCRYPTED, ...DETAILS] };

/** Found in the received bytes, without decoding. */
export function boundStateOf({ format, rawBody }: Pick<Exchange, 'format' | 'rawBody'>): BoundState | undefined {
  const { stored, encrypted } = (Object.hasOwn(MARKS, format) ? MARKS[format] : undefined) ?? ANY;
  if (stored.some((mark) => holds(rawBody, mark))) return 'stored';
  return encrypted.some((mark) => holds(rawBody, mark)) ? 'encrypted' : undefined;
}

/**
 * As a value, or as a key with a text that is not empty: `null` is how a client says that there is none. An id of the
 * gateway's own says nothing of an account.
 */
function holds(body: Buffer, mark: string): boolean {
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + 1)) {
    const end = at + mark.length;
    const [, colon, text] = /^\s*(:)?\s*(?:"([^"]+))?/.exec(body.toString('latin1', end, end + 30)) ?? [];
    if (colon === undefined || (text !== undefined && !isMadeUpId(text))) return true;
  }
  return false;
}
