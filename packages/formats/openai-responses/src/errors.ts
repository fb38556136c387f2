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
import { contextOverflowMessage, isContextOverflow, isImageRejection } from './error-wordings.ts';
import { ID, isObject, text } from './fields.ts';

const MAX_MESSAGE_CHARS = 2_000;

type Meaning =
  | 'auth'
  | 'billing'
  | 'quota'
  | 'rate-limit'
  | 'overloaded'
  | 'failed'
  | 'model-not-found'
  | 'context-overflow'
  | 'content-refused'
  | 'image-rejected'
  | 'invalid';

/** What codes and types mean, whatever the status. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  insufficient_quota: 'quota',
  organization_usage_limit_exceeded: 'quota',
  credit_balance_exhausted: 'billing',
  organization_spend_limit_exceeded: 'billing',
  project_spend_limit_exceeded: 'billing',
  payment_required: 'billing',
  rate_limit_exceeded: 'rate-limit',
  rate_limit_error: 'rate-limit',
  slow_down: 'overloaded',
  server_is_overloaded: 'overloaded',
  service_unavailable_error: 'overloaded',
  overloaded_error: 'overloaded',
  provider_overloaded: 'overloaded',
  provider_unavailable: 'overloaded',
  server_error: 'failed',
  vector_store_timeout: 'failed',
  context_length_exceeded: 'context-overflow',
  model_not_found: 'model-not-found',
  DeploymentNotFound: 'model-not-found',
  content_policy_violation: 'content-refused',
  content_filter: 'content-refused',
  bio_policy: 'content-refused',
  misalignment_policy_violation: 'content-refused',
  data_residency_mismatch: 'invalid',
  invalid_prompt: 'invalid',
  invalid_api_key: 'auth',
  invalid_authentication_error: 'auth',
};

interface ProviderError {
  readonly message: string;
  /** Codes and types, the most telling first. */
  readonly words: readonly string[];
  /** A status that the body gives, because the transport's was 200. */
  readonly status: number | undefined;
  readonly body: JsonObject | undefined;
  /** This format's clients can read the body as it is. */
  readonly readable: boolean;
}

/** What a provider said with a status ≥ 400. `body` may be anything. */
export function decodeError(status: number, headers: HeaderMap, body: string): SignalboxError {
  return decodeErrorBody(status, headers, parse(body));
}

/** The same for a body that is parsed already, a stream's `error` event, or the `error` of a failed response. */
export function decodeErrorBody(httpStatus: number, headers: HeaderMap, body: JsonValue | undefined): SignalboxError {
  const said = readError(body);
  const meaning = meaningOf(httpStatus >= 400 ? httpStatus : said.status, said);
  const status = httpStatus >= 400 ? httpStatus : (said.status ?? (isOfRequest(meaning) ? 400 : 502));
  const message = said.message === '' ? `The provider answered ${status} without a reason.` : said.message;
  const retryAfter = retryAfterSeconds(headers, message);
  const rest = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
  // Only what concerns the request goes on in the provider's words: nothing about credentials or its state.
  const wire =
    said.body === undefined || !said.readable || httpStatus < 400 || httpStatus >= 500
      ? {}
      : { wire: { format: ID, status: httpStatus, body: said.body } };
  switch (meaning) {
    case 'auth':
      return errors.providerAuth(
        `The provider refused the gateway's credential (${status}). Check the key in the gateway's configuration.`,
      );
    case 'billing':
      return errors.providerBilling(message, rest);
    case 'quota':
      return errors.quotaExhausted(message, rest);
    case 'rate-limit':
      return errors.rateLimited(message, rest);
    case 'overloaded':
      return errors.providerOverloaded(message, rest);
    case 'model-not-found':
      return errors.modelNotFound(message, wire);
    case 'context-overflow':
      return errors.contextOverflow(contextOverflowMessage(message), wire);
    case 'content-refused':
      return errors.contentRefused(message, wire);
    case 'image-rejected':
      return errors.imageRejected(message, wire);
    case 'failed':
      return errors.providerFailed(status >= 500 || status === 408 || status === 409 ? status : 502, message, rest);
    case 'invalid':
      if (status === 413) return errors.requestTooLarge(message, wire);
      return errors.providerRejected(status >= 400 && status < 500 ? status : 400, message, wire);
  }
}

function isOfRequest(meaning: Meaning): boolean {
  return meaning === 'invalid' || meaning === 'content-refused' || meaning === 'image-rejected';
}

/** @param status `undefined`: an error inside a 200 that gives none, which is the provider's fault unless it says more. */
function meaningOf(status: number | undefined, { words, message }: ProviderError): Meaning {
  for (const word of words) {
    const meaning = Object.hasOwn(MEANINGS, word) ? MEANINGS[word] : undefined;
    // Some servers call everything a server error: a 4xx says more.
    if (meaning === 'failed' && status !== undefined && status < 500) continue;
    if (meaning !== undefined) return meaning;
  }
  if (isContextOverflow(message) && status !== 429) return 'context-overflow';
  const image = words.some((word) => word.includes('image')) || isImageRejection(message);
  if (status === undefined) {
    if (image) return 'image-rejected';
    return words.includes('invalid_request_error') ? 'invalid' : 'failed';
  }
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'billing';
  if (status === 404) return words.includes('previous_response_not_found') ? 'invalid' : 'model-not-found';
  if (status === 429) return 'rate-limit';
  if (status === 503 || status === 529) return 'overloaded';
  if (status >= 500 || status === 408 || status === 409) return 'failed';
  return image ? 'image-rejected' : 'invalid';
}

function readError(value: JsonValue | undefined): ProviderError {
  const body = Array.isArray(value) ? value[0] : value;
  if (!isObject(body))
    return { message: readableText(body), words: [], status: undefined, body: undefined, readable: false };
  const error = body.error ?? body;
  const fields = isObject(error) ? error : body;
  const code = typeof fields.code === 'string' ? Number(fields.code) : fields.code;
  const words = [fields.code, fields.type, body.code].flatMap((word) =>
    typeof word === 'string' || typeof word === 'number' ? [String(word)] : [],
  );
  const said = typeof error === 'string' ? error : (text(fields.message) ?? text(fields.detail) ?? text(body.detail));
  return {
    message: readableText(said ?? ''),
    words,
    status: typeof code === 'number' && Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined,
    body,
    readable: isObject(body.error) && text(body.error.message) !== undefined,
  };
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

interface WireWords {
  readonly type: string;
  readonly code: string | null;
  readonly status?: number;
}

/** Error types and codes that OpenAI's clients know, by code of ours. Any other is by status. */
const WIRE_ERRORS: Readonly<Record<string, WireWords>> = {
  UNAUTHENTICATED: { type: 'invalid_request_error', code: 'invalid_api_key' },
  FORBIDDEN: { type: 'permission_error', code: null },
  NO_ROUTE: { type: 'invalid_request_error', code: 'model_not_found' },
  MODEL_NOT_FOUND: { type: 'invalid_request_error', code: 'model_not_found' },
  CONTEXT_OVERFLOW: { type: 'invalid_request_error', code: 'context_length_exceeded' },
  CONTENT_REFUSED: { type: 'invalid_request_error', code: 'content_policy_violation' },
  PROVIDER_BILLING: { type: 'insufficient_quota', code: 'insufficient_quota', status: 429 },
  QUOTA_EXHAUSTED: { type: 'insufficient_quota', code: 'insufficient_quota' },
  RATE_LIMITED: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  PROVIDER_OVERLOADED: { type: 'service_unavailable_error', code: 'server_is_overloaded' },
};

/** An error as this format's clients know it. The provider's own body goes out unchanged where it is of this format. */
export function encodeError(error: SignalboxError): WireError {
  if (error.wire?.format === ID) return { status: error.wire.status, headers: {}, body: error.wire.body };
  const { type, code, status = error.status } = wireWords(error);
  return { status, headers: {}, body: { error: { message: error.message, type, param: null, code } } };
}

/** What the error is called inside a stream, where it must have a code. */
export function streamError(error: SignalboxError): { type: string; code: string; message: string } {
  const { type, code } = wireWords(error);
  const { message } = error;
  return { type, code: code ?? (error.status >= 500 ? 'server_error' : 'invalid_prompt'), message };
}

function wireWords({ code, status }: SignalboxError): WireWords {
  const known = WIRE_ERRORS[code];
  if (known !== undefined) return known;
  return status >= 500 ? { type: 'server_error', code: null } : { type: 'invalid_request_error', code: null };
}
