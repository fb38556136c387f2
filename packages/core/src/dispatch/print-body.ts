import type { JsonObject, JsonValue } from '@signalbox/kit';

/**
 * The UTF-8 bytes of `JSON.stringify(body)`, printed piece by piece where a list is long. One character beyond Latin-1
 * makes a whole JavaScript string two bytes wide; in pieces only the message that has it pays for it.
 */
export function printBody(body: JsonObject): Buffer {
  const parts: Buffer[] = [];
  let text = '{';
  for (const key in body) {
    const value = body[key];
    if (value === undefined) continue;
    text += `${text === '{' && parts.length === 0 ? '' : ','}${JSON.stringify(key)}:`;
    if (!Array.isArray(value) || value.length < 2) {
      text += JSON.stringify(value);
      continue;
    }
    text += '[';
    for (const [index, item] of value.entries()) {
      parts.push(Buffer.from(text + print(item)));
      text = index === value.length - 1 ? ']' : ',';
    }
  }
  parts.push(Buffer.from(`${text}}`));
  return Buffer.concat(parts);
}

function print(item: JsonValue | undefined): string {
  return JSON.stringify(item) ?? 'null';
}
