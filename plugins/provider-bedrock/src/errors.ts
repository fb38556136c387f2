import { errors, type HeaderMap, type JsonValue, type SignalboxError } from '@signalbox/kit';
import { nameOf, readError } from './error-name.ts';
import { isObject, text } from './fields.ts';

const MAX_MESSAGE_CHARS = 2_000;
const OVERFLOW =
  /prompt is too long|input is too long|exceed(?:s|ed)? (?:the )?(?:context|maximum)[^.]{0,40}(?:limit|length|tokens)|maximum (?:context|input|token)|too many (?:input )?tokens in|context (?:length|window)/i;
const IMAGE =
  /(?:image|vision)[^.]{0,60}(?:not support|unsupported|invalid|could not|exceed)|(?:not support|could not process)[^.]{0,40}image/i;
const TOKENS = /([\d,]+)[^\d]{0,20}tokens?\s*>\s*([\d,]+)/i;

/** A signature is good for some minutes: "Signature expired: …", "Signature not yet current: …". */
const CLOCK = /signature (?:expired|not yet current)/i;
const CANNOT_COUNT = /support counting tokens/i;

/** What Bedrock answered with a status ≥ 400. */
export function decodeError(status: number, headers: HeaderMap, body: string): SignalboxError {
  const { type, fields } = readError(headers, body);
  const message = text(fields.message) ?? text(fields.Message) ?? '';
  const retryAfter = Number(headers['retry-after']);
  return errorOf(type, message, status, Number.isInteger(retryAfter) && retryAfter > 0 ? retryAfter : undefined);
}

/** The same for an exception inside a stream, which has a type and a message and no status. */
export function decodeException(type: string, payload: JsonValue | undefined): SignalboxError {
  const message = isObject(payload) ? (text(payload.message) ?? text(payload.Message) ?? '') : '';
  return errorOf(type, message, undefined, undefined);
}

function errorOf(
  type: string,
  said: string,
  status: number | undefined,
  retryAfterSeconds: number | undefined,
): SignalboxError {
  const message =
    said === ''
      ? `Bedrock answered ${type || status || 'an error'} without a reason.`
      : said.slice(0, MAX_MESSAGE_CHARS);
  const rest = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  switch (nameOf(type)) {
    case 'throttling':
      // The daily quota of a model is throttled, too.
      return /per day|daily/i.test(message) ? errors.quotaExhausted(message, rest) : errors.rateLimited(message, rest);
    case 'servicequotaexceeded':
      return errors.quotaExhausted(message, rest);
    case 'validation':
      return invalid(400, message);
    case 'accessdenied':
      return denied(message);
    case 'invalidsignature':
      return CLOCK.test(message) ? wrongClock() : refusedKey(type);
    case 'unrecognizedclient':
    case 'incompletesignature':
    case 'missingauthenticationtoken':
    case 'expiredtoken':
      return refusedKey(type);
    case 'resourcenotfound':
      return errors.modelNotFound(message);
    case 'modelnotready':
    case 'serviceunavailable':
      return errors.providerOverloaded(message, rest);
    case 'modeltimeout':
      return errors.providerFailed(408, message, rest);
    case 'modelerror':
    case 'modelstreamerror':
      // The model's server: what it says about the prompt comes this way, too.
      return OVERFLOW.test(message) ? invalid(400, message) : errors.providerFailed(502, message, rest);
    case 'internalserver':
    case 'internalfailure':
      return errors.providerFailed(500, message, rest);
    default:
      return byStatus(status ?? 502, type, message, rest);
  }
}

function byStatus(
  status: number,
  type: string,
  message: string,
  rest: { readonly retryAfterSeconds?: number },
): SignalboxError {
  if (status === 401 || status === 403) return refusedKey(type === '' ? String(status) : type);
  if (status === 402) return errors.providerBilling(message, rest);
  if (status === 404) return errors.modelNotFound(message);
  if (status === 429) return errors.rateLimited(message, rest);
  if (status === 503) return errors.providerOverloaded(message, rest);
  if (status >= 500 || status === 408 || status === 409 || status === 424) {
    return errors.providerFailed(status === 424 || status < 400 ? 502 : status, message, rest);
  }
  return invalid(status, message);
}

function invalid(status: number, message: string): SignalboxError {
  if (CANNOT_COUNT.test(message)) return errors.providerFailed(501, message);
  if (OVERFLOW.test(message)) return errors.contextOverflow(overflowMessage(message));
  if (IMAGE.test(message)) return errors.imageRejected(message);
  if (/on-demand throughput/i.test(message)) {
    return errors.modelNotFound(`${message} Name an inference profile instead: "us.…", "eu.…", "global.…" or its ARN.`);
  }
  if (/model identifier is invalid/i.test(message)) return errors.modelNotFound(message);
  return errors.providerRejected(status, message);
}

/** Access may be denied to the key, to the model, or for want of a means of payment. */
function denied(message: string): SignalboxError {
  // A permission of its own: chats may be allowed.
  if (message.includes('bedrock:CountTokens')) {
    return errors.providerFailed(
      501,
      'Bedrock does not let the gateway’s credential count tokens (bedrock:CountTokens).',
    );
  }
  if (/payment|billing|marketplace subscription/i.test(message)) return errors.providerBilling(message);
  if (/access to the model|model access|legacy/i.test(message)) return errors.modelNotFound(message);
  return refusedKey('AccessDeniedException');
}

/** Nothing of what it said: that may be about the credential. */
function refusedKey(type: string): SignalboxError {
  return errors.providerAuth(
    `Bedrock refused the gateway’s credential (${type.replace(/:.*$/s, '')}). Check key, region and permissions in the gateway’s configuration.`,
  );
}

function wrongClock(): SignalboxError {
  return errors.providerAuth(
    'Bedrock refused the gateway’s signature, whose time is off by minutes: set the clock of the gateway’s machine.',
  );
}

/** The wording that makes agents compact. */
function overflowMessage(message: string): string {
  const match = TOKENS.exec(message);
  if (match !== null) {
    const [tokens, limit] = [match[1], match[2]].map((digits) => (digits ?? '').replaceAll(',', ''));
    return `prompt is too long: ${tokens} tokens > ${limit} maximum`;
  }
  return message.toLowerCase().startsWith('prompt is too long') ? message : `prompt is too long: ${message}`;
}
