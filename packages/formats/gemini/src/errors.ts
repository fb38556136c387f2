import {
  errors,
  type HeaderMap,
  type JsonObject,
  type JsonValue,
  parseJson,
  retryAfterSeconds,
  type SignalboxError,
} from '@signalbox/kit';
import { isBilling, isImageRejection, isOverflow, overflowMessage } from './error-wordings.ts';
import { count, ID, isObject, text } from './fields.ts';
import { retryDelay } from './retry-delay.ts';

const MAX_MESSAGE_CHARS = 2_000;

/** HTTP statuses of Google's error codes, for what comes without one: inside a 200, or in a stream. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};
/** Reasons in `ErrorInfo` that concern the key, whatever the status. */
const KEY_REASONS = /^(?:API_KEY_|ACCESS_TOKEN_|CREDENTIALS_|ACCOUNT_STATE_INVALID|SERVICE_DISABLED|IAM_PERMISSION_)/;

interface ProviderError {
  readonly status: number;
  readonly message: string;
  readonly reason: string;
  readonly details: readonly JsonObject[];
  /** The body as a client of this format may see it. */
  readonly body: JsonObject | undefined;
}

/** What a provider said with a status ≥ 400, or with an error inside a 200. `body` may be anything. */
export function decodeError(status: number, headers: HeaderMap, body: string): SignalboxError {
  return decodeErrorBody(status, headers, parse(body));
}

/** `error` is on no healthy reply; `null` and `{}` say nothing. */
export function isError(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false;
  return !isObject(value) || Object.keys(value).length > 0;
}

/** The same for a body, or a frame of a stream, that is parsed already. */
export function decodeErrorBody(httpStatus: number, headers: HeaderMap, value: JsonValue | undefined): SignalboxError {
  const said = readError(httpStatus, value);
  const { status, reason, details } = said;
  const message = said.message === '' ? `The provider answered ${status} without a reason.` : said.message;
  const delay = retryDelay(details);
  const seconds = retryAfterSeconds(delay === undefined ? headers : { 'retry-after': delay.toFixed(3) }, message);
  const rest = seconds === undefined ? {} : { retryAfterSeconds: seconds };
  // Only what concerns the request goes on in the provider's words: nothing about credentials or its state.
  const wire = said.body === undefined || status >= 500 ? {} : { wire: { format: ID, status, body: said.body } };
  if (KEY_REASONS.test(reason) || status === 401) return keyRefused(status);
  if (isOverflow(message) && status !== 429) return errors.contextOverflow(overflowMessage(message), wire);
  if (status === 402 || reason === 'BILLING_DISABLED' || isBilling(message))
    return errors.providerBilling(message, rest);
  if (status === 403) return keyRefused(status);
  if (status === 404) return errors.modelNotFound(message, wire);
  if (status === 413) return errors.requestTooLarge(message, wire);
  if (status === 429)
    return isQuota(details, message) ? errors.quotaExhausted(message, rest) : errors.rateLimited(message, rest);
  if (status === 503 || status === 529) return errors.providerOverloaded(message, rest);
  // Another gateway's client left; Google itself says the same of a call that it dropped.
  if (reason === 'CLIENT_CLOSED') return errors.providerRejected(status, message);
  if (status >= 500 || status === 408 || status === 409 || status === 499) {
    return errors.providerFailed(status === 499 || status === 501 ? 502 : status, message, rest);
  }
  return isImageRejection(message)
    ? errors.imageRejected(message, wire)
    : errors.providerRejected(status, message, wire);
}

function keyRefused(status: number): SignalboxError {
  return errors.providerAuth(
    `The provider refused the gateway's credential (${status}). Check the key, and what it may use, in the gateway's configuration.`,
  );
}

/**
 * Whether waiting a minute cannot help: a limit per day, or one that is 0. The text on any other limit names "quota" and
 * "billing details", too.
 */
function isQuota(details: readonly JsonObject[], message: string): boolean {
  if (/\blimit: 0\b/.test(message)) return true;
  return details.some(({ violations }) => {
    if (!Array.isArray(violations)) return false;
    return violations.some((violation) => {
      if (!isObject(violation)) return false;
      const { quotaId, quotaValue } = violation;
      return (typeof quotaId === 'string' && /PerDay/i.test(quotaId)) || quotaValue === '0' || quotaValue === 0;
    });
  });
}

function readError(httpStatus: number, value: JsonValue | undefined): ProviderError {
  // Without `alt=sse` an error is the one element of an array.
  const body = Array.isArray(value) ? value[0] : value;
  if (!isObject(body)) {
    const status = httpStatus >= 400 ? httpStatus : 502;
    return { status, message: readableText(body), reason: '', details: [], body: undefined };
  }
  const error = isObject(body.error) ? body.error : body;
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  const message = typeof body.error === 'string' ? body.error : (text(error.message) ?? '');
  return {
    status: statusOf(httpStatus, error),
    message: readableText(message),
    reason: details.map(({ reason }) => text(reason)).find((reason) => reason !== undefined) ?? '',
    details,
    // Only what this format's clients can read is shown to them as it is.
    body: isObject(body.error) && text(body.error.message) !== undefined && isCode(body.error.code) ? body : undefined,
  };
}

function statusOf(httpStatus: number, { code, status }: JsonObject): number {
  if (httpStatus >= 400) return httpStatus;
  const known =
    typeof status === 'string' && Object.hasOwn(STATUS_OF_CODE, status) ? STATUS_OF_CODE[status] : undefined;
  const number = count(code);
  if (number !== undefined && Number.isInteger(number) && number >= 400 && number <= 599) return number;
  return known ?? 502;
}

function isCode(code: JsonValue | undefined): boolean {
  return code === undefined || typeof code === 'number';
}

/** A message that can be shown: no HTML page, and not endless. */
function readableText(value: JsonValue | undefined): string {
  if (typeof value !== 'string' || /<(?:!doctype|html|head|body)\b/i.test(value)) return '';
  return value.trim().slice(0, MAX_MESSAGE_CHARS);
}

function parse(body: string): JsonValue {
  try {
    return parseJson(body);
  } catch {
    return body;
  }
}
