const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

// Parts of a large JSON body, found in its bytes and left unparsed. All places are bytes of `body`; nothing is looked for
// behind `limit`. What is cut, or is no JSON, is not there.

/** Where the first item of the array begins that begins here; `undefined` where it is empty, or no array. */
export function jsonFirstItem(body: Buffer, start: number, limit: number): number | undefined {
  const at = skipSpace(body, start, limit);
  if (body[at] !== OPEN_BRACKET) return undefined;
  const item = skipSpace(body, at + 1, limit);
  return item < limit && body[item] !== CLOSE_BRACKET ? item : undefined;
}

/** Where the item behind the one that begins here begins. */
export function jsonNextItem(body: Buffer, item: number, limit: number): number | undefined {
  const end = endOf(body, item, limit);
  if (end === undefined) return undefined;
  const at = skipSpace(body, end, limit);
  if (body[at] !== COMMA) return undefined;
  const next = skipSpace(body, at + 1, limit);
  return next < limit ? next : undefined;
}

/** Where the value of a key begins in the object that begins here; of several the first. `key` is ASCII without escapes. */
export function jsonField(body: Buffer, start: number, key: string, limit: number): number | undefined {
  let at = skipSpace(body, start, limit);
  if (body[at] !== OPEN_BRACE) return undefined;
  do {
    const open = skipSpace(body, at + 1, limit);
    if (open >= limit || body[open] !== QUOTE) return undefined;
    const close = stringEnd(body, open + 1, limit);
    const colon = skipSpace(body, close + 1, limit);
    if (colon >= limit || body[colon] !== COLON) return undefined;
    const value = skipSpace(body, colon + 1, limit);
    if (value >= limit) return undefined;
    if (isKey(body, open + 1, close, key)) return value;
    const end = endOf(body, value, limit);
    if (end === undefined) return undefined;
    at = skipSpace(body, end, limit);
  } while (body[at] === COMMA);
  return undefined;
}

/** What stands between the quotes of the string that begins here, byte for byte, escapes and all. */
export function jsonRawString(body: Buffer, start: number, limit: number): string | undefined {
  if (start >= limit || body[start] !== QUOTE) return undefined;
  const end = stringEnd(body, start + 1, limit);
  return end < limit ? body.toString('latin1', start + 1, end) : undefined;
}

function isKey(body: Buffer, start: number, end: number, key: string): boolean {
  if (end - start !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (body[start + at] !== key.charCodeAt(at)) return false;
  return true;
}

/** Behind the value that begins at `start`. A number or a word ends where anything else begins. */
function endOf(body: Buffer, start: number, limit: number): number | undefined {
  let depth = 0;
  for (let at = start; at < limit; at++) {
    const byte = body[at] as number;
    if (byte === QUOTE) {
      at = stringEnd(body, at + 1, limit);
      if (depth === 0) return at < limit ? at + 1 : undefined;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte <= 0x20)) {
      return at;
    }
  }
  return undefined;
}

/** Keys and short values are walked over; what is longer is left to the engine. */
const WALKED_BYTES = 48;

/** The closing quote; `limit` where there is none. */
function stringEnd(body: Buffer, from: number, limit: number): number {
  const walked = Math.min(limit, from + WALKED_BYTES);
  for (let at = from; at < walked; at++) {
    const byte = body[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  for (let at = body.indexOf(QUOTE, walked); at !== -1 && at < limit; at = body.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (body[at - 1 - backslashes] === BACKSLASH && at - 1 - backslashes >= from) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return limit;
}

function skipSpace(body: Buffer, from: number, limit: number): number {
  let at = from;
  while (at < limit && (body[at] as number) <= 0x20) at++;
  return at;
}
