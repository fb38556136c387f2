import type { HeaderMap, JsonObject, JsonValue } from '@signalbox/kit';
import { count, isObject } from './fields.ts';

/** A week: what is longer says never, and a number that large is no longer written in digits. */
const MAX_SECONDS = 604_800;

/**
 * How long Google wants to be left alone, in whole seconds, rounded up: from `RetryInfo` in the details, `retry-after`
 * (seconds or an HTTP date), or the words "Please retry in 34.07s".
 */
export function retryAfterSeconds(
  headers: HeaderMap,
  details: readonly JsonObject[],
  message: string,
  now: number = Date.now(),
): number | undefined {
  const seconds = fromDetails(details) ?? fromHeader(headers['retry-after'], now) ?? fromWords(message);
  return seconds === undefined ? undefined : Math.min(MAX_SECONDS, Math.max(0, Math.ceil(seconds)));
}

function fromDetails(details: readonly JsonObject[]): number | undefined {
  for (const { retryDelay } of details) {
    const seconds = duration(retryDelay);
    if (seconds !== undefined) return seconds;
  }
  return undefined;
}

/** `34s`, `0.5s`, or an object of seconds and nanoseconds. */
function duration(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'string') {
    const match = /^(\d+(?:\.\d+)?)s$/.exec(value);
    return match === null ? undefined : Number(match[1]);
  }
  if (!isObject(value)) return undefined;
  const seconds = count(value.seconds) ?? (typeof value.seconds === 'string' ? Number(value.seconds) : Number.NaN);
  return Number.isFinite(seconds) ? seconds + (count(value.nanos) ?? 0) / 1e9 : undefined;
}

function fromHeader(header: string | undefined, now: number): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value);
  // `Date.parse` takes a negative number for a month.
  const date = value === '' || value.startsWith('-') ? Number.NaN : Date.parse(value);
  return Number.isNaN(date) ? undefined : (date - now) / 1_000;
}

function fromWords(message: string): number | undefined {
  const match = /retry (?:in|after) (\d+(?:\.\d+)?) ?(ms|s|m|h)/i.exec(message);
  if (match === null) return undefined;
  const unit = { ms: 0.001, s: 1, m: 60, h: 3_600 }[(match[2] ?? 's').toLowerCase()] ?? 1;
  return Number(match[1]) * unit;
}
