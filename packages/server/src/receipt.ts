import { countNotes, type FidelityNote } from '@signalbox/kit';

/** Clients and proxies limit what a header may hold. */
const MAX_HEADER_CHARS = 8_000;

/** The notes as a header: JSON in ASCII. What does not fit is counted in a last entry `{"more": n}`. */
export function receiptHeader(notes: readonly FidelityNote[]): string {
  const entries: string[] = [];
  let length = 0;
  for (const note of notes) {
    const entry = ascii(JSON.stringify(note));
    length += entry.length + 1;
    if (length > MAX_HEADER_CHARS) {
      entries.push(`{"more":${countNotes(notes.slice(entries.length))}}`);
      break;
    }
    entries.push(entry);
  }
  return `[${entries.join(',')}]`;
}

/** The notes as the last comment of an event stream, which its readers skip. */
export function receiptComment(notes: readonly FidelityNote[]): string {
  return `: signalbox-receipt ${JSON.stringify(notes)}\n\n`;
}

function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
