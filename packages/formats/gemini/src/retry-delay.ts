import type { JsonObject, JsonValue } from '@signalbox/kit';
import { count, isObject } from './fields.ts';

/** How long Google wants to be left alone, in seconds, as `RetryInfo` among the details of an error says it. */
export function retryDelay(details: readonly JsonObject[]): number | undefined {
  for (const { retryDelay } of details) {
    const seconds = duration(retryDelay);
    if (seconds !== undefined) return Math.max(0, seconds);
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
