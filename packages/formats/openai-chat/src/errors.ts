import {
  errors,
  type HeaderMap,
  type JsonObject,
  type JsonValue,
  parseJson,
  retryAfterSeconds,
  type SignalboxError,
  type WireError,
  wordOf,
} from '@signalbox/kit';
import type { Dialect, ErrorMeaning } from './dialect.ts';
import { contextOverflowMessage, isContextOverflow, isImageRejection } from './error-wordings.ts';
import { ID, isObject, text } from './fields.ts';

const MAX_MESSAGE_CHARS = 2_000;

/** Codes and types that mean the same wherever they are used. A dialect's own come first. */
const MEANINGS: Readonly<Record<string, ErrorMeaning>> = {
  insufficient_quota: 'quota',
  credit_balance_exhausted: 'billing',
  organization_spend_limit_exceeded: 'billing',
  project_spend_limit_exceeded: 'billing',
  organization_usage_limit_exceeded: 'quota',
  exceeded_current_quota_error: 'billing',
  payment_required: 'billing',
  Arrearage: 'billing',
  rate_limit_exceeded: 'rate-limit',
  rate_limit_reached_error: 'rate-limit',
  engine_overloaded_error: 'overloaded',
  server_is_overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  provider_overloaded: 'overloaded',
  provider_unavailable: 'overloaded',
  unavailable_error: 'overloaded',
  context_length_exceeded: 'context-overflow',
  exceed_context_size_error: 'context-overflow',
  model_not_found: 'model-not-found',
  ModelNotFound: 'model-not-found',
  DeploymentNotFound: 'model-not-found',
  content_policy_violation: 'content-refused',
  content_filter: 'content-refused',
  data_inspection_failed: 'content-refused',
  invalid_api_key: 'auth',
  InvalidApiKey: 'auth',
  invalid_authentication_error: 'auth',
};

interface ProviderError {
  readonly message: string;
  /** Codes and types, the most telling first. */
  readonly words: readonly string[];
  /** A status that the body gives, because the transport's was 200. */
  readonly status: number | undefined;
  readonly metadata: JsonObject;
  readonly body: JsonObject | undefined;
  /** This format's clients can read the body as it is. */
  readonly readable: boolean;
}

/** What a provider said with a status ≥ 400, or with an error inside a 200. `body` may be anything. */
export function decodeError(status: number, headers: HeaderMap, body: string, dialect: Dialect): SignalboxError {
  return decodeErrorBody(status, headers, parse(body), dialect);
}

/** The same for a body, or a frame of a stream, that is parsed already. */
export function decodeErrorBody(
  httpStatus: number,
  headers: HeaderMap,
  body: JsonValue | undefined,
  dialect: Dialect,
): SignalboxError {
  const said = readError(body);
  const status = httpStatus >= 400 ? httpStatus : (said.status ?? 502);
  const meaning = meaningOf(status, said, dialect);
  const message = said.message === '' ? `The provider answered ${status} without a reason.` : said.message;
  const retryAfter = retryAfterSeconds(headers, message);
  const rest = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
  // Only what concerns the request goes on in the provider's words: nothing about credentials or its state.
  const wire =
    said.body === undefined || !said.readable || status < 400 || status >= 500
      ? {}
      : { wire: { format: ID, status, body: said.body } };
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
      return errors.contextOverflow(contextOverflowMessage(message, said.body), wire);
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

function meaningOf(status: number, said: ProviderError, dialect: Dialect): ErrorMeaning {
  for (const word of said.words) {
    if (Object.hasOwn(dialect.errorMeanings, word)) return dialect.errorMeanings[word] ?? 'invalid';
    if (Object.hasOwn(MEANINGS, word)) return MEANINGS[word] ?? 'invalid';
  }
  const { message } = said;
  if (isContextOverflow(message) && status !== 429) return 'context-overflow';
  if (status === 401) return 'auth';
  // OpenRouter: what was flagged, and why. Any other 403 is about the key.
  if (status === 403)
    return said.metadata.reasons !== undefined || said.metadata.flagged_input !== undefined
      ? 'content-refused'
      : 'auth';
  if (status === 402) return 'billing';
  // OpenRouter answers 404 where no endpoint of the model takes images.
  if (status === 404) return isImageRejection(message) ? 'image-rejected' : 'model-not-found';
  if (status === 429) return 'rate-limit';
  if (status === 503 || status === 529 || status === 498) return 'overloaded';
  if (status >= 500 || status === 408 || status === 409) return 'failed';
  return isImageRejection(message) ? 'image-rejected' : 'invalid';
}

function readError(value: JsonValue | undefined): ProviderError {
  const body = Array.isArray(value) ? value[0] : value;
  if (!isObject(body)) {
    return {
      message: readableText(body),
      words: [],
      status: undefined,
      metadata: {},
      body: undefined,
      readable: false,
    };
  }
  const error = body.error ?? body;
  const fields = isObject(error) ? error : body;
  const metadata = isObject(fields.metadata) ? fields.metadata : {};
  const inner = isObject(fields.innererror) ? fields.innererror : {};
  const code = typeof fields.code === 'string' ? Number(fields.code) : fields.code;
  const words = [fields.code, fields.type, metadata.error_type, inner.code, body.code].flatMap((word) =>
    typeof word === 'string' || typeof word === 'number' ? [String(word)] : [],
  );
  const message =
    typeof error === 'string'
      ? error
      : (text(fields.message) ?? detailText(fields.detail) ?? detailText(body.detail) ?? '');
  return {
    message: readableText(message),
    words,
    status: typeof code === 'number' && Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined,
    metadata,
    body,
    readable: isObject(body.error) && text(body.error.message) !== undefined,
  };
}

/** FastAPI's `detail`: a text, or a list of what is wrong where. */
function detailText(detail: JsonValue | undefined): string | undefined {
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return undefined;
  return detail
    .filter(isObject)
    .map(({ loc, msg }) => `${Array.isArray(loc) ? loc.map(wordOf).join('.') : ''}: ${wordOf(msg)}`)
    .join('; ');
}

/** A message that can be shown: no HTML page, and not endless. */
function readableText(value: JsonValue | undefined): string {
  if (typeof value !== 'string' || /<(?:!doctype|html|head|body)\b/i.test(value)) return '';
  return value.trim().slice(0, MAX_MESSAGE_CHARS);
}

function parse(body: string): JsonValue {
  // llama.cpp once wrote its errors as a line of its own: `error: {…}`.
  const json = body.trimStart().replace(/^error:\s*/, '');
  try {
    return parseJson(json);
  } catch {
    return body;
  }
}

/** Error types and codes that OpenAI's clients know, by code of ours. Any other is by status. */
const WIRE_ERRORS: Readonly<
  Record<string, { readonly type: string; readonly code: string | null; readonly status?: number }>
> = {
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
  const known = WIRE_ERRORS[error.code];
  return { status: known?.status ?? error.status, headers: {}, body: encodeErrorBody(error) };
}

export function encodeErrorBody({
  code,
  status,
  message,
}: Pick<SignalboxError, 'code' | 'status' | 'message'>): JsonObject {
  const known = WIRE_ERRORS[code];
  const type = known?.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  return { error: { message, type, param: null, code: known?.code ?? null } };
}
