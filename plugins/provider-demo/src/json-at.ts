import type { JsonObject } from '@signalbox/kit';

/** The JSON object that begins `skip` characters after `from`, and where it ends; `undefined` where there is none. */
export function jsonAt(text: string, skip: number, from: number): { value: JsonObject; end: number } | undefined {
  const start = from + skip;
  if (text[start] !== '{') return undefined;
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return parse(text.slice(start, at + 1), at + 1);
  }
  return undefined;
}

function parse(json: string, end: number): { value: JsonObject; end: number } | undefined {
  try {
    return { value: JSON.parse(json) as JsonObject, end };
  } catch {
    return undefined;
  }
}
