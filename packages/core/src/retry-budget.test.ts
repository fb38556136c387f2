import { describe, expect, it } from '@jest/globals';
import { errors, type SignalboxError, type SignalboxErrorOptions } from '@signalbox/kit';
import fc from 'fast-check';
import { defaultRetry, RetryBudget } from './retry-budget.ts';

const failed = (rest: Omit<SignalboxErrorOptions, 'status' | 'retryable'> = {}, status = 500) =>
  errors.providerFailed(status, 'oops', rest);
const firstWait = (error: SignalboxError, policy = {}) => new RetryBudget(policy).waitMsAfter(error);

describe('RetryBudget', () => {
  it.each<[string, SignalboxError]>([
    ['no connection', errors.providerUnreachable('x')],
    ['an overload', errors.providerOverloaded('x')],
    ['a 500', failed()],
    ['a 409', failed({}, 409)],
    ['a cut', errors.cutStream('x')],
    ['an answer that cannot be read', errors.malformedReply('x')],
    ['an empty answer', errors.emptyReply('x')],
    ['a rate limit that ends soon', errors.rateLimited('x', { retryAfterSeconds: 2 })],
  ])('gives one retry after %s', (_name, error) => {
    const budget = new RetryBudget();
    expect(budget.waitMsAfter(error)).toBeGreaterThanOrEqual(0);
    expect(budget.waitMsAfter(error)).toBeUndefined();
  });

  it.each<[string, SignalboxError]>([
    ['a refused key', errors.providerAuth('x')],
    ['an empty account', errors.providerBilling('x')],
    ['a used-up quota', errors.quotaExhausted('x', { retryAfterSeconds: 1 })],
    ['an unknown model', errors.modelNotFound('x')],
    ['an unknown provider', errors.noRoute('x')],
    ['refused content', errors.contentRefused('x')],
    ['a refused request', errors.providerRejected(400, 'x')],
    ['a timer', errors.timeout('HEADERS', 'x')],
    ['a gateway timeout', failed({}, 504)],
    ['what is not implemented', failed({}, 501)],
    ['a rate limit without an end', errors.rateLimited('x')],
    ['a rate limit that lasts', errors.rateLimited('x', { retryAfterSeconds: 3 })],
    ['an overload that lasts', errors.providerOverloaded('x', { retryAfterSeconds: 3 })],
    ['a provider that says not to', failed({ shouldRetry: false })],
  ])('F92 gives none after %s', (_name, error) => {
    expect(firstWait(error, { maxRetries: 5 })).toBeUndefined();
  });

  it('draws the wait from 0 to a limit that doubles up to its own', () => {
    const policy = fc.record({
      maxRetries: fc.integer({ min: 0, max: 8 }),
      baseDelayMs: fc.integer({ min: 0, max: 1_000 }),
      maxDelayMs: fc.integer({ min: 0, max: 3_000 }),
    });
    fc.assert(
      fc.property(policy, ({ maxRetries, baseDelayMs, maxDelayMs }) => {
        const budget = new RetryBudget({ maxRetries, baseDelayMs, maxDelayMs });
        for (let retry = 0; retry < maxRetries; retry++) {
          const wait = budget.waitMsAfter(failed());
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(Math.min(maxDelayMs, baseDelayMs * 2 ** retry));
        }
        expect(budget.waitMsAfter(failed())).toBeUndefined();
      }),
    );
    const waits = Array.from({ length: 200 }, () => firstWait(failed()) ?? 0);
    expect(Math.min(...waits)).toBeLessThan(defaultRetry.baseDelayMs / 4);
    expect(Math.max(...waits)).toBeGreaterThan((defaultRetry.baseDelayMs * 3) / 4);
  });

  it('never comes back before the retry-after, and not long behind it', () => {
    const wait = firstWait(errors.rateLimited('x', { retryAfterSeconds: 2 }), { baseDelayMs: 10 });
    expect(wait).toBeGreaterThanOrEqual(2_000);
    expect(wait).toBeLessThanOrEqual(2_010);
    // To the millisecond.
    expect(firstWait(errors.rateLimited('x', { retryAfterSeconds: 0.1 }), { baseDelayMs: 0 })).toBe(100);
    expect(firstWait(failed({ retryAfterSeconds: 5 }), { maxRetryAfterMs: 5_000 })).toBeGreaterThanOrEqual(5_000);
  });
});
