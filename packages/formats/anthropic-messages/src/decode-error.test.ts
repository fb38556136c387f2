import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from './index.ts';

const decode = (
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
  details?: object,
) =>
  anthropicMessages.decodeError(
    status,
    headers,
    JSON.stringify({ type: 'error', error: { type, message, ...(details === undefined ? {} : { details }) } }),
  );

describe('decodeError', () => {
  it.each([
    [400, 'invalid_request_error', 'bad field', 'PROVIDER_REJECTED', 400],
    [422, 'invalid_request_error', 'bad field', 'PROVIDER_REJECTED', 422],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'CONTEXT_OVERFLOW', 400],
    [400, 'invalid_request_error', "This model's maximum context length is 131072 tokens", 'CONTEXT_OVERFLOW', 400],
    [400, 'invalid_request_error', 'Could not process image', 'IMAGE_REJECTED', 400],
    [400, 'invalid_request_error', 'Your credit balance is too low', 'PROVIDER_BILLING', 402],
    [401, 'authentication_error', 'invalid x-api-key', 'PROVIDER_AUTH', 502],
    [402, 'billing_error', 'no credit', 'PROVIDER_BILLING', 402],
    [403, 'permission_error', 'not yours', 'PROVIDER_AUTH', 502],
    [404, 'not_found_error', 'model: x', 'MODEL_NOT_FOUND', 404],
    [408, '', 'slow', 'PROVIDER_FAILED', 408],
    [409, 'conflict_error', 'busy', 'PROVIDER_FAILED', 409],
    [413, 'request_too_large', 'big', 'REQUEST_TOO_LARGE', 413],
    [429, 'rate_limit_error', 'slow down', 'RATE_LIMITED', 429],
    [500, 'api_error', 'oops', 'PROVIDER_FAILED', 500],
    [503, 'api_error', 'down', 'PROVIDER_OVERLOADED', 503],
    [504, 'timeout_error', 'late', 'PROVIDER_FAILED', 504],
    [520, 'api_error', 'edge', 'PROVIDER_FAILED', 502],
    [529, 'overloaded_error', 'Overloaded', 'PROVIDER_OVERLOADED', 503],
    [200, 'rate_limit_error', 'slow down', 'RATE_LIMITED', 429],
  ])('F95 %d %s "%s" is %s', (status, type, message, code, clientStatus) => {
    expect(decode(status, type, message)).toMatchObject({ code, status: clientStatus });
  });

  it('F10 gives overflow the wording that compacts, with the numbers where there are two', () => {
    const openai =
      "This model's maximum context length is 128,000 tokens. However, your messages resulted in 130,512 tokens";
    expect(decode(400, 'invalid_request_error', openai).message).toBe(
      'prompt is too long: 130512 tokens > 128000 maximum',
    );
    expect(decode(400, 'invalid_request_error', 'context_length_exceeded').message).toBe('prompt is too long');
  });

  it('leaves the wording on which Claude Code lowers its own limit', () => {
    const message =
      'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000, decrease input length';
    expect(decode(400, 'invalid_request_error', message)).toMatchObject({ code: 'PROVIDER_REJECTED', message });
  });

  it('F92 tells a used-up quota from a rate limit', () => {
    const details = { error_code: 'enforced_spend_limit_reached' };
    expect(decode(429, 'rate_limit_error', 'x', {}, details)).toMatchObject({
      code: 'QUOTA_EXHAUSTED',
      shouldRetry: false,
    });
    expect(decode(429, 'rate_limit_error', 'You exceeded your current quota')).toMatchObject({
      code: 'QUOTA_EXHAUSTED',
    });
  });

  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '1.2' }, 1.2],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1.5],
    [{ 'retry-after': new Date(Date.now() + 30_000).toUTCString() }, expect.closeTo(30, -1)],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('F92 reads how long to wait from %j', (headers, expected) => {
    const { retryAfterSeconds } = decode(429, 'rate_limit_error', 'x', headers as Record<string, string>);
    expect(retryAfterSeconds).toEqual(expected);
  });

  it('obeys x-should-retry', () => {
    expect(decode(500, 'api_error', 'x', { 'x-should-retry': 'false' }).shouldRetry).toBe(false);
  });

  it('F101 never repeats what a provider says about a key', () => {
    const shown = [
      decode(401, 'authentication_error', 'invalid key sk-ant-abcdef123456'),
      decode(400, 'invalid_request_error', 'bad header Bearer sk-ant-abcdef123456'),
      anthropicMessages.decodeError(400, {}, 'key sk-ant-abcdef123456 is bad'),
    ];
    for (const error of shown) expect(error.message).not.toContain('abcdef');
    expect(shown[0]?.wire).toBeUndefined();
  });

  it.each(['<html><body>secret-host: 502</body></html>', 'x'.repeat(5000), '', '[1]', 'null'])(
    'never shows the page %#',
    (body) => {
      expect(anthropicMessages.decodeError(502, {}, body)).toMatchObject({
        code: 'PROVIDER_FAILED',
        message: 'The provider answered with status 502.',
      });
    },
  );

  it('keeps Anthropic’s own words for a client of this format, on client errors only', () => {
    expect(decode(400, 'invalid_request_error', 'messages.1: bad').wire).toMatchObject({
      format: 'anthropic-messages',
      status: 400,
    });
    expect(decode(500, 'api_error', 'x').wire).toBeUndefined();
    const reworded = [
      'Your credit balance is too low',
      'maximum context length is 5000',
      'this model does not support image input',
    ];
    for (const message of reworded) expect(decode(400, 'invalid_request_error', message).wire).toBeUndefined();
    expect(anthropicMessages.decodeError(400, {}, '{"error":{"message":"openai words"}}')).toMatchObject({
      message: 'openai words',
      wire: undefined,
    });
  });
});
