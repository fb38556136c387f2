import { describe, expect, it } from '@jest/globals';
import { errors, type JsonObject } from '@signalbox/kit';
import { gemini } from './index.ts';

const decode = (status: number, error: JsonObject, headers = {}) =>
  gemini.decodeError(status, headers, JSON.stringify({ error }));
const quota = (violation: JsonObject) => [
  { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] },
];
const LOOKS_LIKE_BILLING = 'You exceeded your current quota, please check your plan and billing details.';

describe('errors of Google', () => {
  it.each<[number, JsonObject, string, number]>([
    [400, { message: 'Unknown name "x"', status: 'INVALID_ARGUMENT' }, 'PROVIDER_REJECTED', 400],
    [
      400,
      { message: 'API key not valid. Please pass a valid API key.', details: [{ reason: 'API_KEY_INVALID' }] },
      'PROVIDER_AUTH',
      502,
    ],
    [
      401,
      { message: 'Request had invalid authentication credentials.', status: 'UNAUTHENTICATED' },
      'PROVIDER_AUTH',
      502,
    ],
    [403, { message: 'The caller does not have permission', status: 'PERMISSION_DENIED' }, 'PROVIDER_AUTH', 502],
    [
      403,
      { message: 'This API method requires billing to be enabled.', details: [{ reason: 'BILLING_DISABLED' }] },
      'PROVIDER_BILLING',
      402,
    ],
    [402, { message: 'x' }, 'PROVIDER_BILLING', 402],
    [429, { message: 'Your prepayment credits are depleted.', status: 'RESOURCE_EXHAUSTED' }, 'PROVIDER_BILLING', 402],
    [
      400,
      { message: 'User location is not supported for the API use.', status: 'FAILED_PRECONDITION' },
      'PROVIDER_REJECTED',
      400,
    ],
    [400, { message: 'Unable to process input image.' }, 'IMAGE_REJECTED', 400],
    [404, { message: 'models/x is not found for API version v1beta', status: 'NOT_FOUND' }, 'MODEL_NOT_FOUND', 404],
    [413, { message: 'x' }, 'REQUEST_TOO_LARGE', 413],
    [
      429,
      { message: LOOKS_LIKE_BILLING, details: quota({ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel' }) },
      'RATE_LIMITED',
      429,
    ],
    [
      429,
      { message: LOOKS_LIKE_BILLING, details: quota({ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }) },
      'QUOTA_EXHAUSTED',
      429,
    ],
    [429, { message: `${LOOKS_LIKE_BILLING} Quota exceeded for metric: x, limit: 0` }, 'QUOTA_EXHAUSTED', 429],
    [429, { message: LOOKS_LIKE_BILLING, details: quota({ quotaId: 'x', quotaValue: '0' }) }, 'QUOTA_EXHAUSTED', 429],
    [499, { message: 'The operation was cancelled.', status: 'CANCELLED' }, 'PROVIDER_FAILED', 502],
    [500, { message: 'An internal error has occurred.', status: 'INTERNAL' }, 'PROVIDER_FAILED', 500],
    [503, { message: 'The model is overloaded.', status: 'UNAVAILABLE' }, 'PROVIDER_OVERLOADED', 503],
    [504, { message: 'Deadline expired', status: 'DEADLINE_EXCEEDED' }, 'PROVIDER_FAILED', 504],
    [200, { message: 'x', status: 'RESOURCE_EXHAUSTED' }, 'RATE_LIMITED', 429],
  ])('F92 %i %j is %s', (status, error, code, shown) => {
    expect(decode(status, error)).toMatchObject({ code, status: shown });
  });

  it.each([
    'The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).',
    'The input token count execeeds the maximum number of tokens allowed: 1200293 > 1048576',
  ])('F10 a prompt that is too long has the words that make agents compact: %s', (message) => {
    expect(decode(400, { message })).toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      message: 'prompt is too long: 1200293 tokens > 1048576 maximum',
    });
  });

  it('is also read from an array, from text, and from nothing; a page is not shown', () => {
    const list = JSON.stringify([{ error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } }]);
    expect(gemini.decodeError(503, {}, list)).toMatchObject({ code: 'PROVIDER_OVERLOADED', message: 'Busy.' });
    expect(gemini.decodeError(500, {}, 'upstream died').message).toBe('upstream died');
    expect(gemini.decodeError(502, {}, '<!DOCTYPE html><html>secret</html>').message).not.toContain('secret');
    expect(gemini.decodeError(200, {}, '')).toMatchObject({ status: 502 });
  });

  it('F92 says how long to wait', () => {
    const retry = (retryDelay: unknown) =>
      decode(429, { message: 'x', details: [{ retryDelay } as JsonObject] }).retryAfterSeconds;
    expect(retry('34s')).toBe(34);
    expect(retry('34.07s')).toBe(34.07);
    expect(retry({ seconds: '3', nanos: 500_000_000 })).toBe(3.5);
    expect(decode(429, { message: 'Please retry in 850.5ms.' }).retryAfterSeconds).toBe(0.851);
    expect(decode(429, { message: 'x' }, { 'retry-after': '12' }).retryAfterSeconds).toBe(12);
    expect(decode(429, { message: 'x' }).retryAfterSeconds).toBeUndefined();
    expect(retry('99999999999s')).toBe(604_800);
    expect(
      decode(429, { message: 'x', details: [{ retryDelay: '3s' }] }, { 'retry-after': '12' }).retryAfterSeconds,
    ).toBe(3);
  });

  it('keeps the provider’s own body for a client of this format, but for what concerns its key', () => {
    const body = { error: { code: 400, message: 'Bad.', status: 'INVALID_ARGUMENT' } };
    const own = gemini.encodeError(gemini.decodeError(400, {}, JSON.stringify(body)), { exchangeId: 'e' });
    expect(own).toMatchObject({ status: 400, body });
    expect(decode(403, { message: 'key AIza123 is blocked' }).wire).toBeUndefined();
  });
});

describe('errors for Google’s clients', () => {
  it('have its shape, with a reason and a delay', () => {
    const { status, headers, body } = gemini.encodeError(errors.rateLimited('Slow down.', { retryAfterSeconds: 7 }), {
      exchangeId: 'e',
    });
    expect([status, headers]).toEqual([429, {}]);
    expect(body).toEqual({
      error: {
        code: 429,
        message: 'Slow down.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMITED', domain: 'signalbox' },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' },
        ],
      },
    });
  });

  it('F92 tell a quota from a rate', () => {
    const { body } = gemini.encodeError(errors.quotaExhausted('Gone.'), { exchangeId: 'e' });
    expect(gemini.decodeError(429, {}, JSON.stringify(body)).code).toBe('QUOTA_EXHAUSTED');
  });
});
