import type { HeaderMap } from '@signalbox/kit';

/** A week: what is longer says never, and a number that large is no longer written in digits. */
const MAX_SECONDS = 604_800;
const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 };

/**
 * How long the provider wants to be left alone, in whole seconds, rounded up: from `retry-after-ms`, `retry-after`
 * (seconds or an HTTP date), or words such as "try again in 1m2.5s".
 */
export function retryAfterSeconds(headers: HeaderMap, message: string, now: number = Date.now()): number | undefined {
  const seconds = read(headers, message, now);
  return seconds === undefined ? undefined : Math.min(seconds, MAX_SECONDS);
}

function read(headers: HeaderMap, message: string, now: number): number | undefined {
  const ms = headers['retry-after-ms'];
  if (ms !== undefined && /^\d+(\.\d+)?$/.test(ms)) return Math.ceil(Number(ms) / 1_000);
  const header = headers['retry-after']?.trim();
  if (header !== undefined && /^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header));
  // `Date.parse` takes a negative number for a month.
  if (header !== undefined && !header.startsWith('-')) {
    const date = Date.parse(header);
    if (!Number.isNaN(date)) return Math.max(0, Math.ceil((date - now) / 1_000));
  }
  const words = /(?:try again|retry) (?:in|after) ((?:[\d.]+ ?(?:ms|s|m|h)[a-z]* ?)+)/i.exec(message)?.[1];
  if (words === undefined) return undefined;
  let seconds = 0;
  for (const [, amount, unit = 's'] of words.matchAll(/([\d.]+) ?(ms|s|m|h)/gi)) {
    seconds += Number(amount) * (UNIT_SECONDS[unit.toLowerCase()] ?? 1);
  }
  return Number.isFinite(seconds) ? Math.ceil(Math.round(seconds * 1_000) / 1_000) : undefined;
}
