import type { RetryPolicy, SignalboxError } from '@signalbox/kit';
import { diedStale } from './dispatch/stale-connection.ts';

/** One more try, soon or after a short `retry-after`: enough for a hiccup, too little to pile load on an outage. */
export const defaultRetry: RetryPolicy = Object.freeze({
  maxRetries: 1,
  baseDelayMs: 500,
  maxDelayMs: 2_000,
  maxRetryAfterMs: 2_000,
});

/**
 * What may be over with the next try. Not: refusals of the key, the account or the model, which stay; and timeouts,
 * because the client has waited for long enough.
 */
const PASSING = new Set([
  'PROVIDER_UNREACHABLE',
  'PROVIDER_OVERLOADED',
  'PROVIDER_FAILED',
  'RATE_LIMITED',
  'CUT_STREAM',
  'MALFORMED_REPLY',
  'EMPTY_REPLY',
]);

/** Not implemented stays so; a gateway timeout is one by another name. */
const LASTING_STATUS = new Set([501, 504]);

/** The retries that one target has for one request. */
export class RetryBudget {
  readonly #policy: RetryPolicy;
  #retries = 0;
  #staleRetried = false;

  constructor(policy: Partial<RetryPolicy> = {}) {
    this.#policy = { ...defaultRetry, ...policy };
  }

  /** Takes one retry. @returns ms until it is due; `undefined` where the same target should not be asked again. */
  waitMsAfter(error: SignalboxError): number | undefined {
    if (diedStale(error) && !this.#staleRetried) {
      // The provider has not seen the request: for it this is the first try.
      this.#staleRetried = true;
      return 0;
    }
    const { maxRetries, baseDelayMs, maxDelayMs, maxRetryAfterMs } = this.#policy;
    if (this.#retries >= maxRetries || !canPass(error)) return undefined;
    const retryAfterMs = (error.retryAfterSeconds ?? 0) * 1_000;
    if (retryAfterMs > maxRetryAfterMs) return undefined;
    const jitterMs = Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** this.#retries);
    this.#retries++;
    return retryAfterMs + jitterMs;
  }
}

function canPass({ code, status, retryable, shouldRetry, retryAfterSeconds }: SignalboxError): boolean {
  if (!retryable || shouldRetry === false || !PASSING.has(code) || LASTING_STATUS.has(status)) return false;
  // A limit that does not say when it ends lasts for longer than a client likes to wait.
  return code !== 'RATE_LIMITED' || retryAfterSeconds !== undefined;
}
