import {
  errors,
  type HeaderMap,
  type JsonObject,
  type JsonValue,
  parseJson,
  retryAfterSeconds,
  type SignalboxError,
  type SignalboxErrorOptions,
} from '@signalbox/kit';
import { isBilling, isContentRefusal, isImageRefusal, isOverflow, isQuota, overflowMessage } from './error-wording.ts';
import { FORMAT_ID, isObject } from './wire.ts';

const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};
const LONGEST_PLAIN_TEXT = 300;
const WORD = /^\w{1,100}$/;

interface ProviderFailure {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  /** `''` where the provider said nothing that may be shown. */
  readonly message: string;
  readonly rest: SignalboxErrorOptions;
}

/**
 * What a provider of this format answered with a status ≥ 400. Credentials and billing get our own words, because the
 * provider's may hold a part of the key; HTML never gets through.
 */
export function decodeError(status: number, headers: HeaderMap, body: string): SignalboxError {
  const json = parseObject(body);
  if (json === undefined) return toError({ ...NOTHING, status, message: plainText(body), rest: retryOf(headers) });
  const { type, code, message } = describe(json);
  const isOwn = json.type === 'error' && isReadable(json.error) && status >= 400 && status < 500;
  const wire = isOwn ? { wire: { format: FORMAT_ID, status, body: json } } : {};
  // A failure inside a 200 says only by its type what it is.
  const effective = status >= 400 ? status : statusOf(type);
  return toError({ status: effective, type, code, message, rest: { ...retryOf(headers), ...wire } });
}

/** An `error` event, or an error body inside a 200. */
export function decodeWireError(body: JsonObject): SignalboxError {
  const { type, code, message } = describe(body);
  return toError({ status: statusOf(type), type, code, message, rest: {} });
}

function statusOf(type: string): number {
  return Object.hasOwn(STATUS_OF_TYPE, type) ? (STATUS_OF_TYPE[type] ?? 500) : 500;
}

function toError({ status, type, code, message, rest }: ProviderFailure): SignalboxError {
  const { wire, ...unwired } = rest;
  const said = message === '' ? `The provider answered with status ${status}.` : message;
  if (isOverflow(message) || isOverflow(code)) {
    const text = overflowMessage(message);
    return errors.contextOverflow(text, text === message ? rest : unwired);
  }
  if (status < 500 && isImageRefusal(message)) {
    return errors.imageRejected(said, /could not process image|image exceeds/i.test(message) ? rest : unwired);
  }
  if (status === 402 || type === 'billing_error' || (status === 400 && isBilling(message))) {
    return errors.providerBilling('The provider’s account is out of credit, or its billing needs attention.', {
      ...unwired,
      shouldRetry: false,
    });
  }
  if (status === 401 || status === 403) {
    if (isContentRefusal(message)) return errors.contentRefused(said, rest);
    return errors.providerAuth(
      `The provider refused the gateway's credential (${status}). Check the key in the gateway's configuration.`,
      { ...unwired, shouldRetry: false },
    );
  }
  if (isContentRefusal(message)) return errors.contentRefused(said, rest);
  if (status === 404) return errors.modelNotFound(said, rest);
  if (status === 413) return errors.requestTooLarge(said, rest);
  if (status === 429) {
    return isQuota(message, code)
      ? errors.quotaExhausted(said, { ...rest, shouldRetry: false })
      : errors.rateLimited(said, rest);
  }
  if (status === 529 || status === 503 || type === 'overloaded_error') return errors.providerOverloaded(said, rest);
  if (status === 408 || status === 409 || status === 504) return errors.providerFailed(status, said, rest);
  if (status >= 500) return errors.providerFailed(status > 504 ? 502 : status, said, rest);
  return errors.providerRejected(status, said, rest);
}

const NOTHING = { type: '', code: '', message: '' };

function describe(body: JsonObject): Pick<ProviderFailure, 'type' | 'code' | 'message'> {
  const error = isObject(body.error) ? body.error : body;
  const details = isObject(error.details) ? error.details : {};
  const text = [error.message, body.message, body.error, body.detail].find((value) => typeof value === 'string');
  return {
    type: stringOf(error.type),
    code: stringOf(details.error_code) || stringOf(error.code),
    message: typeof text === 'string' ? withoutKeys(text) : '',
  };
}

/** When to try again, and whether the provider wants a retry at all. */
function retryOf(headers: HeaderMap): Pick<SignalboxErrorOptions, 'retryAfterSeconds' | 'shouldRetry'> {
  const seconds = retryAfterSeconds(headers);
  const should = headers['x-should-retry'];
  return {
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    ...(should === 'true' || should === 'false' ? { shouldRetry: should === 'true' } : {}),
  };
}

/** Whether an error is one that this format's clients can show as it is. */
function isReadable(error: JsonValue | undefined): boolean {
  return isObject(error) && WORD.test(stringOf(error.type)) && stringOf(error.message) !== '';
}

function parseObject(body: string): JsonObject | undefined {
  try {
    const json = parseJson(body);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** A short line of text may be shown; a page, or JSON that is no error, may not. */
function plainText(body: string): string {
  const text = body.trim();
  return text.length > LONGEST_PLAIN_TEXT || /<|^[["]|^null$/.test(text) ? '' : withoutKeys(text);
}

function withoutKeys(text: string): string {
  return text.replace(/\b(?:sk|key|pk)-[\w*.-]{6,}/g, '[key]').replace(/\bBearer\s+\S+/gi, 'Bearer [key]');
}

function stringOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
