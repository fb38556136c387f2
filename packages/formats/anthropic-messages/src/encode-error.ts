import { type JsonObject, type SignalboxError, type WireError, wholeSeconds } from '@signalbox/kit';
import { overflowMessage } from './error-wording.ts';
import { FORMAT_ID } from './wire.ts';

/** Claude Code waits for up to this many seconds and gives up at once on more. */
const LONGEST_WAIT_SECONDS = 60;
/** A wait up to here is cut to the longest that the client keeps; a longer one is told as it is. */
const WORTH_WAITING_SECONDS = 600;

/**
 * Codes whose type differs from their status's. No error of ours is `overloaded_error`, on which Claude Code gives up
 * after two retries.
 */
const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
};

/** The error as an HTTP answer. A provider's own body of this format goes out as it came. */
export function encodeError(error: SignalboxError, { exchangeId }: { readonly exchangeId: string }): WireError {
  const wait = waitSeconds(error.retryAfterSeconds === undefined ? undefined : wholeSeconds(error.retryAfterSeconds));
  const headers: Record<string, string> = wait === undefined ? {} : { 'retry-after': String(wait) };
  const { wire } = error;
  if (wire?.format === FORMAT_ID) return { status: wire.status, headers, body: wire.body };
  return { status: error.status, headers, body: { ...encodeErrorBody(error), request_id: exchangeId } };
}

/** The body that an HTTP answer and an `error` event share. */
export function encodeErrorBody(error: SignalboxError): JsonObject {
  return { type: 'error', error: { type: typeOf(error.status), message: messageOf(error) } };
}

function typeOf(status: number): string {
  return TYPE_OF_STATUS[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

/** Two failures are known to clients by their wording alone. */
function messageOf({ code, message }: SignalboxError): string {
  if (code === 'CONTEXT_OVERFLOW') return overflowMessage(message);
  if (code === 'IMAGE_REJECTED' && !/^image exceeds/i.test(message)) return 'Could not process image';
  return message;
}

function waitSeconds(seconds: number | undefined): number | undefined {
  if (seconds === undefined || seconds <= LONGEST_WAIT_SECONDS || seconds > WORTH_WAITING_SECONDS) return seconds;
  return LONGEST_WAIT_SECONDS;
}
