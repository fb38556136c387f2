import { describe, expect, it } from '@jest/globals';
import { errors, type SignalboxError } from '@signalbox/kit';
import { openaiResponses } from './format.ts';

const decode = (status: number, body: unknown, headers = {}): SignalboxError =>
  openaiResponses.decodeError(status, headers, typeof body === 'string' ? body : JSON.stringify(body));
const said = (code: string | null, message = 'm', type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
});

describe('what a provider’s error means', () => {
  it.each([
    [401, said('invalid_api_key'), 'PROVIDER_AUTH', 502],
    [403, said(null), 'PROVIDER_AUTH', 502],
    [401, said(null, 'm', 'server_error'), 'PROVIDER_AUTH', 502],
    [402, said(null, 'm', 'server_error'), 'PROVIDER_BILLING', 402],
    [413, said(null, 'm', 'server_error'), 'REQUEST_TOO_LARGE', 413],
    [429, said(null, 'm', 'server_error'), 'RATE_LIMITED', 429],
    [404, said('model_not_found'), 'MODEL_NOT_FOUND', 404],
    [404, said('previous_response_not_found'), 'PROVIDER_REJECTED', 404],
    [400, said('previous_response_not_found'), 'PROVIDER_REJECTED', 400],
    [400, said('context_length_exceeded'), 'CONTEXT_OVERFLOW', 400],
    [400, said('unsupported_value', 'The image is invalid.'), 'IMAGE_REJECTED', 400],
    [400, said('unknown_parameter'), 'PROVIDER_REJECTED', 400],
    [429, said('rate_limit_exceeded'), 'RATE_LIMITED', 429],
    [429, said('insufficient_quota'), 'QUOTA_EXHAUSTED', 429],
    [429, said('credit_balance_exhausted'), 'PROVIDER_BILLING', 402],
    [500, said(null, 'm', 'server_error'), 'PROVIDER_FAILED', 500],
    [503, said('server_is_overloaded'), 'PROVIDER_OVERLOADED', 503],
    [502, '<html><h1>Bad gateway</h1></html>', 'PROVIDER_FAILED', 502],
    [504, '', 'PROVIDER_FAILED', 504],
  ])('%s %j', (status, body, code, ours) => {
    expect(decode(status, body)).toMatchObject({ code, status: ours });
  });

  it('F92 keeps how long to wait, and the words that concern the request', () => {
    expect(decode(429, said('rate_limit_exceeded'), { 'retry-after': '3' }).retryAfterSeconds).toBe(3);
    expect(decode(429, said('rate_limit_exceeded', 'Please try again in 1.5s.')).retryAfterSeconds).toBe(1.5);
    expect(decode(400, said('unknown_parameter')).wire).toEqual({
      format: 'openai-responses',
      status: 400,
      body: said('unknown_parameter'),
    });
    expect(decode(401, said('invalid_api_key', 'Incorrect API key provided: sk-1')).message).not.toContain('sk-1');
  });

  it('F10 words a full context as agents know it', () => {
    const message = 'This model’s maximum context length is 8,192 tokens, however you requested 9,000 tokens.';
    expect(decode(400, said(null, message)).message).toBe('prompt is too long: 9000 tokens > 8192 maximum');
  });
});

describe('what a client is told', () => {
  const encode = (error: SignalboxError) => openaiResponses.encodeError(error, { exchangeId: 'sbx_1' });

  it('its status and code', () => {
    expect(encode(errors.quotaExhausted('empty', { retryAfterSeconds: 9 }))).toEqual({
      status: 429,
      headers: {},
      body: said('insufficient_quota', 'empty', 'insufficient_quota'),
    });
    expect(encode(errors.contextOverflow('prompt is too long')).body).toEqual(
      said('context_length_exceeded', 'prompt is too long'),
    );
    expect(encode(errors.cutStream('cut'))).toMatchObject({ status: 502, body: said(null, 'cut', 'server_error') });
  });

  it('the provider’s own words, where they are of this format', () => {
    expect(encode(decode(400, said('unknown_parameter', 'Unknown parameter: x')))).toMatchObject({
      status: 400,
      body: said('unknown_parameter', 'Unknown parameter: x'),
    });
  });
});
