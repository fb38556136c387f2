import type { SignalboxError } from './errors.ts';
import type { HeaderMap } from './format.ts';

/** A week: what is longer says never, and a number that large is no longer written in digits. */
const MAX_SECONDS = 604_800;
const NUMBER = /^\d+(?:\.\d+)?$/;
const WORDS = /(?:try again|retry) (?:in|after) ((?:[\d.]+ ?(?:ms|s|m|h)[a-z]* ?)+)/i;
const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 };

/**
 * How long a provider wants to be left alone, in seconds, exact to the millisecond, a week at most: from `retry-after-ms`,
 * `retry-after` (seconds or an HTTP date), or words of its message such as "try again in 1m2.5s".
 */
export function retryAfterSeconds(headers: HeaderMap, message = '', now: number = Date.now()): number | undefined {
  const seconds = fromHeaders(headers, now) ?? fromWords(message);
  return seconds === undefined ? undefined : Math.min(MAX_SECONDS, Math.max(0, toMs(seconds)));
}

/** Up to the next millisecond, but not for what multiplying has put beside one. */
function toMs(seconds: number): number {
  return Math.ceil(Math.round(seconds * 1e6) / 1e3) / 1e3;
}

function fromHeaders(headers: HeaderMap, now: number): number | undefined {
  const ms = headers['retry-after-ms']?.trim() ?? '';
  if (NUMBER.test(ms)) return Number(ms) / 1_000;
  const header = headers['retry-after']?.trim() ?? '';
  if (NUMBER.test(header)) return Number(header);
  // `Date.parse` takes a negative number for a month.
  const date = header.startsWith('-') ? Number.NaN : Date.parse(header);
  return Number.isNaN(date) ? undefined : (date - now) / 1_000;
}

function fromWords(message: string): number | undefined {
  const words = WORDS.exec(message)?.[1];
  if (words === undefined) return undefined;
  let seconds = 0;
  for (const [, amount, unit = 's'] of words.matchAll(/([\d.]+) ?(ms|s|m|h)/gi)) {
    seconds += Number(amount) * (UNIT_SECONDS[unit.toLowerCase()] ?? 1);
  }
  // Sums of fractions lie a little beside what is meant.
  return Number.isFinite(seconds) ? Math.round(seconds * 1_000) / 1_000 : undefined;
}

/**
 * What an answer tells its client about trying again, whatever its format: when, in whole seconds, and whether at all. The
 * gateway sends it with every error; a format's own headers come before it.
 */
export function retryHeaders({
  retryAfterSeconds: seconds,
  shouldRetry,
}: Pick<SignalboxError, 'retryAfterSeconds' | 'shouldRetry'>): Record<string, string> {
  return {
    ...(seconds === undefined ? {} : { 'retry-after': String(wholeSeconds(seconds)) }),
    ...(shouldRetry === undefined ? {} : { 'x-should-retry': String(shouldRetry) }),
  };
}

/** For the wire, where clients read whole seconds: who waits a little too long is let in. */
export function wholeSeconds(seconds: number): number {
  return Math.ceil(seconds);
}
