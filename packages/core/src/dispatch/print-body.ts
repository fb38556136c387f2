import type { JsonObject, JsonValue } from '@signalbox/kit';

/** One character has at most so many bytes. */
const MOST_BYTES = 3;
const SCRATCH_BYTES = 256 * 1024;
/** What one large body needed is not kept for the next. */
const MOST_SCRATCH_BYTES = 4 * 1024 * 1024;

/** Every body is written here and copied out once, instead of a buffer for every piece. */
let scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * The UTF-8 bytes of `JSON.stringify(body)`, printed piece by piece where a list is long. One character beyond Latin-1
 * makes a whole JavaScript string two bytes wide; in pieces only the message that has it pays for it.
 */
export function printBody(body: JsonObject): Buffer {
  let size = 0;
  let text = '{';
  let first = true;
  for (const key in body) {
    const value = body[key];
    if (value === undefined) continue;
    text += `${first ? '' : ','}${JSON.stringify(key)}:`;
    first = false;
    if (!Array.isArray(value) || value.length < 2) {
      text += JSON.stringify(value);
      continue;
    }
    text += '[';
    for (const item of value) {
      // Apart, or what stands ahead would be copied into the piece first.
      size = write(print(item), write(text, size));
      text = ',';
    }
    text = ']';
  }
  size = write(`${text}}`, size);
  const printed = Buffer.from(scratch.subarray(0, size));
  if (scratch.length > MOST_SCRATCH_BYTES) scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  return printed;
}

/** @returns where the next piece goes. */
function write(text: string, at: number): number {
  const end = at + text.length * MOST_BYTES;
  if (end > scratch.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(end, scratch.length * 2));
    scratch.copy(larger, 0, 0, at);
    scratch = larger;
  }
  return at + scratch.write(text, at);
}

function print(item: JsonValue | undefined): string {
  return JSON.stringify(item) ?? 'null';
}
