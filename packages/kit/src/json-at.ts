import type { JsonValue } from '@signalbox/spec';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/**
 * The JSON value that begins at this byte, parsed by itself: a part of a large body without the rest of it. `undefined`
 * where there is none, it is cut, or it is longer than `maxBytes`.
 */
export function jsonAt(body: Buffer, start: number, maxBytes: number): JsonValue | undefined {
  return read(body, start, Math.min(body.length, start + maxBytes))?.value;
}

/** The items of the array that begins at this byte, one by one as they are asked for; none where it is no array. */
export function* jsonItemsAt(body: Buffer, start: number, maxBytes: number): Generator<JsonValue> {
  const limit = Math.min(body.length, start + maxBytes);
  let at = skipSpace(body, start, limit);
  if (body[at] !== OPEN_BRACKET) return;
  do {
    const item = read(body, at + 1, limit);
    if (item === undefined) return;
    yield item.value;
    at = skipSpace(body, item.end, limit);
  } while (body[at] === COMMA);
}

function read(body: Buffer, from: number, limit: number): { value: JsonValue; end: number } | undefined {
  const start = skipSpace(body, from, limit);
  const end = endOf(body, start, limit);
  if (end === undefined) return undefined;
  try {
    return { value: JSON.parse(body.toString('utf8', start, end)) as JsonValue, end };
  } catch {
    return undefined;
  }
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

function stringEnd(body: Buffer, from: number, limit: number): number {
  for (let at = body.indexOf(QUOTE, from); at !== -1 && at < limit; at = body.indexOf(QUOTE, at + 1)) {
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
