import { errors, type HeaderMap, type JsonObject, type SignalboxError } from '@signalbox/kit';
import { errorMetadata, isObject } from './error-metadata.ts';

const RESET = 'x-ratelimit-reset';
/** How OpenRouter names its limits: `free-models-per-min`, `free-models-per-day`. */
const BY_THE_DAY = /per[- ]day|daily/i;

/**
 * OpenRouter's own limits come without `retry-after`: with a header that says when they end, in ms since 1970, which stands
 * in the body as well. What is used up for the day is no matter of waiting.
 */
export function withOwnLimit(
  error: SignalboxError,
  { headers, body }: { headers: HeaderMap; body: string },
  now: number = Date.now(),
): SignalboxError {
  if (error.code !== 'RATE_LIMITED') return error;
  const metadata = errorMetadata(body);
  const source = typeof metadata.limit_source === 'string' ? metadata.limit_source : '';
  const exhausted = BY_THE_DAY.test(error.message) || BY_THE_DAY.test(source);
  const seconds = error.retryAfterSeconds ?? secondsUntil(headers[RESET] ?? inBody(metadata), now);
  if (!exhausted && seconds === error.retryAfterSeconds) return error;
  const rest = {
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    ...(error.wire === undefined ? {} : { wire: error.wire }),
  };
  return exhausted ? errors.quotaExhausted(error.message, rest) : errors.rateLimited(error.message, rest);
}

function secondsUntil(reset: string | undefined, now: number): number | undefined {
  const ms = Number(reset ?? Number.NaN);
  return Number.isFinite(ms) && ms > 0 ? Math.max(0, Math.ceil((ms - now) / 1_000)) : undefined;
}

/** The upstream's headers, as the body quotes them. */
function inBody({ headers }: JsonObject): string | undefined {
  if (!isObject(headers)) return undefined;
  const name = Object.keys(headers).find((key) => key.toLowerCase() === RESET);
  const value = name === undefined ? undefined : headers[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
