import { describe, expect, it } from '@jest/globals';
import { errors } from '@signalbox/kit';
import fc from 'fast-check';
import { openaiChat } from './format.ts';

const decode = (status: number, error: unknown, headers = {}) =>
  openaiChat.decodeError(status, headers, typeof error === 'string' ? error : JSON.stringify(error));
const openai = (message: string, type: string, code: string | null = null) => ({
  error: { message, type, param: null, code },
});

describe('errors of providers', () => {
  it.each([
    [400, openai('x', 'invalid_request_error'), 'PROVIDER_REJECTED', 400],
    [413, openai('x', 'invalid_request_error'), 'REQUEST_TOO_LARGE', 413],
    [
      401,
      openai('Incorrect API key provided: sk-abc', 'invalid_request_error', 'invalid_api_key'),
      'PROVIDER_AUTH',
      502,
    ],
    [403, openai('no', 'permission_error'), 'PROVIDER_AUTH', 502],
    [
      403,
      { error: { code: 403, message: 'flagged', metadata: { reasons: ['x'], flagged_input: 'y' } } },
      'CONTENT_REFUSED',
      400,
    ],
    [402, { error: { code: 402, message: 'more credits' } }, 'PROVIDER_BILLING', 402],
    [404, openai('no such model', 'invalid_request_error', 'model_not_found'), 'MODEL_NOT_FOUND', 404],
    [422, { detail: [{ loc: ['body', 'stop'], msg: 'bad', type: 'x' }] }, 'PROVIDER_REJECTED', 422],
    [429, openai('slow down', 'requests', 'rate_limit_exceeded'), 'RATE_LIMITED', 429],
    [429, openai('quota', 'insufficient_quota', 'insufficient_quota'), 'QUOTA_EXHAUSTED', 429],
    [429, openai('arrears', 'exceeded_current_quota_error'), 'PROVIDER_BILLING', 402],
    [429, openai('busy', 'engine_overloaded_error'), 'PROVIDER_OVERLOADED', 503],
    [500, openai('oops', 'server_error'), 'PROVIDER_FAILED', 500],
    [502, '<!DOCTYPE html><html><body>Bad gateway at 10.0.0.7</body></html>', 'PROVIDER_FAILED', 502],
    [503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, 'PROVIDER_OVERLOADED', 503],
    [529, openai('full', 'x'), 'PROVIDER_OVERLOADED', 503],
    [
      400,
      { error: { message: 'x', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
      'CONTENT_REFUSED',
      400,
    ],
    [400, openai('This model does not support image input', 'invalid_request_error'), 'IMAGE_REJECTED', 400],
    [404, { error: { code: 404, message: 'No endpoints found that support image input' } }, 'IMAGE_REJECTED', 400],
    [400, { code: 'Some code', error: 'plain text' }, 'PROVIDER_REJECTED', 400],
    [400, [{ error: { message: 'in a list' } }], 'PROVIDER_REJECTED', 400],
    [200, { error: { code: 429, message: 'upstream limit' } }, 'RATE_LIMITED', 429],
    [200, { object: 'error', message: 'flat', code: 3000 }, 'PROVIDER_FAILED', 502],
  ])('reads %s %j as %s', (status, body, code, clientStatus) => {
    expect(decode(status, body)).toMatchObject({ code, status: clientStatus });
  });

  it('never shows what a provider says about the key, nor a page of HTML', () => {
    const auth = decode(401, openai('Incorrect API key provided: sk-abc123', 'invalid_request_error'));
    expect(auth.message).not.toContain('sk-abc');
    expect(auth).toMatchObject({ wire: undefined, shouldRetry: false });
    expect(decode(502, '<html><body>10.0.0.7</body></html>').message).not.toContain('10.0.0.7');
  });

  it.each([
    "This model's maximum context length is 4097 tokens. However, your messages resulted in 5000 tokens.",
    "This model's maximum context length is 4097 tokens, however you requested 5000 tokens (4000 in your prompt; 1000 for the completion).",
    'prompt is too long: 5000 tokens > 4097 maximum',
    'the request (5,000 tokens) exceeds the available context size (4,097 tokens)',
  ])('F10 words the overflow so that agents compact: %s', (message) => {
    expect(decode(400, openai(message, 'invalid_request_error'))).toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      message: 'prompt is too long: 5000 tokens > 4097 maximum',
    });
  });

  it('F10 knows llama.cpp’s numbers, and words without numbers', () => {
    const counted = {
      error: { code: 400, message: 'too big', type: 'exceed_context_size_error', n_prompt_tokens: 9, n_ctx: 8 },
    };
    expect(decode(400, counted).message).toBe('prompt is too long: 9 tokens > 8 maximum');
    expect(decode(400, openai('Input exceeds the context window of this model.', 'x')).message).toMatch(
      /^prompt is too long: Input exceeds/,
    );
  });

  it('keeps a 4xx body for clients of this format', () => {
    const body = openai('bad stop', 'invalid_request_error', 'unsupported_parameter');
    const error = decode(400, body);
    expect(openaiChat.encodeError(error, { exchangeId: 'x1' })).toEqual({
      status: 400,
      headers: {},
      body,
    });
    expect(decode(500, openai('at /srv/app.py', 'server_error')).wire).toBeUndefined();
  });

  it('reads what a dialect says about codes before the status', () => {
    const glm = openaiChat.with({ errorMeanings: { '1113': 'billing', '1305': 'overloaded' } });
    expect(glm.decodeError(429, {}, '{"error":{"code":"1113","message":"arrears"}}').code).toBe('PROVIDER_BILLING');
    expect(glm.decodeError(429, {}, '{"error":{"code":1305,"message":"load"}}').code).toBe('PROVIDER_OVERLOADED');
    expect(glm.decodeError(429, {}, '{"error":{"code":"1302","message":"rate"}}').code).toBe('RATE_LIMITED');
  });

  it('F92 reads how long to wait from the headers, else from the words', () => {
    expect(decode(429, 'x', { 'retry-after': '2.1' }).retryAfterSeconds).toBe(2.1);
    expect(decode(429, 'x', { 'retry-after-ms': '1200', 'retry-after': '9' }).retryAfterSeconds).toBe(1.2);
    expect(decode(429, openai('Please try again in 1.5s.', 'tokens')).retryAfterSeconds).toBe(1.5);
    expect(decode(429, 'x').retryAfterSeconds).toBeUndefined();
  });

  it('takes any body', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.json(), fc.string()), (status, body) => {
        const error = decode(status, body);
        expect(error).toMatchObject({ name: 'SignalboxError', code: expect.any(String) });
        expect(error.status).toBeGreaterThanOrEqual(400);
        expect(error.message).not.toBe('');
      }),
    );
  });
});

describe('errors for clients', () => {
  it.each([
    [errors.invalidRequest('m'), 400, 'invalid_request_error', null],
    [errors.unauthenticated('m'), 401, 'invalid_request_error', 'invalid_api_key'],
    [errors.noRoute('m'), 404, 'invalid_request_error', 'model_not_found'],
    [errors.contextOverflow('m'), 400, 'invalid_request_error', 'context_length_exceeded'],
    [errors.providerBilling('m'), 429, 'insufficient_quota', 'insufficient_quota'],
    [errors.rateLimited('m'), 429, 'rate_limit_error', 'rate_limit_exceeded'],
    [errors.providerOverloaded('m'), 503, 'service_unavailable_error', 'server_is_overloaded'],
    [errors.providerAuth('m'), 502, 'server_error', null],
    [errors.timeout('IDLE', 'm'), 504, 'server_error', null],
  ])('words %s', (error, status, type, code) => {
    const wire = openaiChat.encodeError(error, { exchangeId: 'x1' });
    expect(wire).toMatchObject({ status, body: { error: { message: 'm', type, param: null, code } } });
  });
});
