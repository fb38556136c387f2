import {
  errors,
  type HeaderMap,
  type JsonObject,
  type JsonValue,
  parseJson,
  retryAfterSeconds,
  type SignalboxError,
  type WireError,
} from '@signalbox/kit';
import { count, ID, isObject } from './fields.ts';

const MAX_MESSAGE_CHARS = 2_000;

const OVERFLOW: readonly RegExp[] = [
  /longer than the (?:maximum )?context (?:length|size|window)/i,
  /exceeds? (?:the )?(?:available |maximum |model'?s? )*context (?:length|size|window)/i,
  /input length exceeds/i,
  /prompt is too long/i,
];
const IMAGE = /(?:image|vision|multimodal)/i;
const REFUSED = /(?:support|missing|invalid|decode|process|format)/i;
/** Plans of the hosted models: nothing that waiting a moment would mend. */
const PLAN = /(?:hourly|daily|weekly|monthly|session|usage) (?:usage )?(?:limit|quota)|upgrade/i;

/**
 * What Ollama answered with a status ≥ 400, or as a line of a stream: one message, and no code. The status decides, then
 * the wording.
 */
export function decodeError(status: number, headers: HeaderMap, body: string): SignalboxError {
  let parsed: JsonValue;
  try {
    parsed = parseJson(body);
  } catch {
    parsed = body;
  }
  return decodeErrorBody(status, headers, parsed);
}

/** The same for a body that is parsed already. Lines of a stream may hold the status that came too late. */
export function decodeErrorBody(httpStatus: number, headers: HeaderMap, body: JsonValue): SignalboxError {
  const own = isObject(body) ? count(body.status) : undefined;
  const told = own !== undefined && Number.isInteger(own) && own >= 400 && own <= 599 ? own : undefined;
  const status = httpStatus >= 400 ? httpStatus : (told ?? 502);
  const said = messageOf(body);
  const message = said === '' ? `The provider answered ${status} without a reason.` : said;
  // Ollama itself sends none; what stands before it may.
  const wait = retryAfterSeconds(headers);
  const rest = wait === undefined ? {} : { retryAfterSeconds: wait };
  // Only what concerns the request goes on in the provider's own words, as far as this format's clients can read them.
  const readable = isObject(body) && typeof body.error === 'string' && body.error !== '';
  const wire = readable && status < 500 ? { wire: { format: ID, status, body } } : {};
  if (status !== 429 && isContextOverflow(message)) return errors.contextOverflow(overflowMessage(message), wire);
  switch (status) {
    case 401:
    case 403:
      return errors.providerAuth(
        `The provider refused the gateway's credential (${status}). Check the key in the gateway's configuration, or sign in with "ollama signin".`,
      );
    case 402:
      return errors.providerBilling(message, rest);
    case 404:
      return errors.modelNotFound(message, wire);
    case 408:
    case 409:
      return errors.providerFailed(status, message, rest);
    case 429:
      return PLAN.test(message) ? errors.quotaExhausted(message, rest) : errors.rateLimited(message, rest);
    case 503:
    case 529:
      return errors.providerOverloaded(message, rest);
  }
  if (status >= 500) return errors.providerFailed(status, message, rest);
  if (IMAGE.test(message) && REFUSED.test(message)) return errors.imageRejected(message, wire);
  if (status === 413) return errors.requestTooLarge(message, wire);
  return errors.providerRejected(status, message, wire);
}

export function isContextOverflow(message: string): boolean {
  return OVERFLOW.some((wording) => wording.test(message));
}

/** With the beginning that makes agents compact. Ollama gives no numbers. */
function overflowMessage(message: string): string {
  return /^prompt is too long/i.test(message) ? message : `prompt is too long: ${message}`;
}

/** A message that can be shown: no HTML page, and not endless. */
function messageOf(body: JsonValue): string {
  const error = isObject(body) ? body.error : body;
  const said = isObject(error) ? error.message : error;
  if (typeof said !== 'string' || /<(?:!doctype|html|head|body)\b/i.test(said)) return '';
  return said.trim().slice(0, MAX_MESSAGE_CHARS);
}

/** An error as this format's clients know it. The provider's own body goes out unchanged where it is of this format. */
export function encodeError(error: SignalboxError): WireError {
  if (error.wire?.format === ID) return { status: error.wire.status, headers: {}, body: error.wire.body };
  return { status: error.status, headers: {}, body: encodeErrorBody(error) };
}

export function encodeErrorBody({ code, message }: Pick<SignalboxError, 'code' | 'message'>): JsonObject {
  const overflows = code === 'CONTEXT_OVERFLOW' && !isContextOverflow(message);
  return { error: overflows ? `prompt is too long: ${message}` : message };
}
