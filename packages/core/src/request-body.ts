import { errors, type JsonObject } from '@signalbox/kit';
import { jsonText } from './json-text.ts';

/** @throws {SignalboxError} INVALID_REQUEST */
export function parseBody(rawBody: Buffer): JsonObject {
  let body: unknown;
  try {
    body = parse(rawBody);
  } catch (error) {
    const reason = rawBody.length === 0 ? 'it is empty' : error instanceof Error ? error.message : String(error);
    throw errors.invalidRequest(`The request body is not valid JSON: ${withoutContents(reason)}.`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw errors.invalidRequest('The request body must be a JSON object.');
  }
  return body as JsonObject;
}

function parse(rawBody: Buffer): unknown {
  try {
    return JSON.parse(jsonText(rawBody));
  } catch {
    // Names the place of the fault in the body as it came.
    return JSON.parse(rawBody.toString('utf8'));
  }
}

/** V8 quotes the text around the fault; the place is enough. */
function withoutContents(message: string): string {
  return message
    .replace(/,? ?(\.\.\.)?".*" is not valid JSON/s, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Not put together before it is known to be small enough. @throws {SignalboxError} REQUEST_TOO_LARGE */
export function joinBody(pieces: readonly string[], maxBytes = Number.POSITIVE_INFINITY): Buffer {
  let bytes = 0;
  for (const piece of pieces) {
    bytes += Buffer.byteLength(piece);
    if (bytes <= maxBytes) continue;
    throw errors.requestTooLarge(
      `The request body with all that it goes on from is larger than ${maxBytes} bytes (server.maxBodyBytes).`,
    );
  }
  return Buffer.from(pieces.join(''));
}
