import type { JsonValue } from '@signalbox/spec';

/** Far more than anybody writes; `JSON.stringify` gives up at a few thousand, and so does whatever walks over a value. */
export const MAX_JSON_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The value of a text that somebody else wrote: a frame, a reply, the arguments of a call. What is nested too deep could
 * not be said again, and is refused here. Short texts cost no more than `JSON.parse`.
 * @throws {SyntaxError} for what is no JSON, or deeper than `MAX_JSON_DEPTH`.
 */
export function parseJson(text: string): JsonValue {
  if (text.length > 2 * MAX_JSON_DEPTH && isTooDeep(text)) throw new SyntaxError('the JSON is nested too deep');
  return JSON.parse(text) as JsonValue;
}

/** Texts are skipped with the engine's own search: they are nearly all of what there is. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = textEnd(text, at + 1);
      if (at === -1) return false;
    } else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth--;
  }
  return false;
}

function textEnd(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1) {
    let backslashes = 0;
    while (end - 1 - backslashes >= from && text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return -1;
}
