import type { HeaderMap, JsonObject, JsonValue } from '@signalbox/kit';
import { isObject, text } from './fields.ts';

/** What it says of a credential that was good once, or that it does not know (any more). */
const EXPIRED = new Set(['expiredtoken', 'unrecognizedclient', 'invalidclienttokenid']);

/** Whether it was refused because the credential is not valid any more. */
export function isExpired(headers: HeaderMap, body: string): boolean {
  return EXPIRED.has(nameOf(readError(headers, body).type));
}

/** What an answer with an error says: its type, wherever that stands, and the fields of its body. */
export function readError(headers: HeaderMap, body: string): { type: string; fields: JsonObject } {
  let parsed: JsonValue = null;
  try {
    parsed = JSON.parse(body) as JsonValue;
  } catch {
    // A front server's page: the status has to do.
  }
  const fields = isObject(parsed) ? parsed : {};
  return { type: headers['x-amzn-errortype'] ?? text(fields.__type) ?? '', fields };
}

/** @param type `ThrottlingException`, perhaps with a namespace before or a URL behind it. */
export function nameOf(type: string): string {
  return (type.split('#').pop() ?? '')
    .replace(/:.*$/s, '')
    .replace(/Exception$/, '')
    .toLowerCase();
}
