import { isAscii } from 'node:buffer';

const BACKSLASH = 0x5c;
const LAST_ASCII = 0x7f;
/** Of four bytes at once. */
const TOP_BITS = 0x80808080 | 0;
/** One byte in so many may be beyond ASCII; where there are more, decoding all of them at once is faster. */
const BYTES_PER_WIDE = 64;

/**
 * The text of a JSON body for a parser: what is beyond ASCII stands in it as `\u` escapes, where there is little of that. A
 * single dash beyond Latin-1 makes a text two bytes wide, and UTF-8 takes the engine longer to decode than to parse.
 */
export function jsonText(body: Buffer): string {
  if (isAscii(body)) return body.toString('latin1');
  const lead = -body.byteOffset & 3;
  const words = new Int32Array(body.buffer, body.byteOffset + lead, Math.max(0, body.length - lead) >> 2);
  const narrow = body.toString('latin1');
  let left = body.length / BYTES_PER_WIDE;
  let text = '';
  let taken = 0;
  for (let at = nextWide(body, words, lead, 0); at !== -1; at = nextWide(body, words, lead, taken)) {
    let end = at + 1;
    while (end < body.length && (body[end] as number) > LAST_ASCII) end++;
    left -= end - at;
    // A backslash ahead would take the escape's own for its object.
    if (left < 0 || body[at - 1] === BACKSLASH) return body.toString('utf8');
    text += narrow.slice(taken, at) + escaped(body.toString('utf8', at, end));
    taken = end;
  }
  return text + narrow.slice(taken);
}

/** The first byte beyond ASCII at or behind `from`; -1: there is none. `words` begin at the byte `lead`. */
function nextWide(body: Buffer, words: Int32Array, lead: number, from: number): number {
  const { length } = body;
  let at = from;
  while (at < length && ((at - lead) & 3) !== 0) {
    if ((body[at] as number) > LAST_ASCII) return at;
    at++;
  }
  let word = (at - lead) >> 2;
  while (word < words.length && ((words[word] as number) & TOP_BITS) === 0) word++;
  at = lead + word * 4;
  while (at < length && (body[at] as number) <= LAST_ASCII) at++;
  return at < length ? at : -1;
}

function escaped(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at++) out += `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return out;
}
