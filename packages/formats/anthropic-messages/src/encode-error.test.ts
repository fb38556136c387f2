import { describe, expect, it } from '@jest/globals';
import { errors, type SignalboxError } from '@signalbox/kit';
import { anthropicMessages } from './index.ts';

const encode = (error: SignalboxError) => anthropicMessages.encodeError(error, { exchangeId: 'req_1' });

describe('encodeError', () => {
  it.each([
    [errors.invalidRequest('m'), 400, 'invalid_request_error'],
    [errors.unauthenticated('m'), 401, 'authentication_error'],
    [errors.providerBilling('m'), 402, 'billing_error'],
    [errors.forbidden('m'), 403, 'permission_error'],
    [errors.noRoute('m'), 404, 'not_found_error'],
    [errors.requestTooLarge('m'), 413, 'request_too_large'],
    [errors.rateLimited('m'), 429, 'rate_limit_error'],
    [errors.providerAuth('m'), 502, 'api_error'],
    [errors.providerOverloaded('m'), 503, 'api_error'],
    [errors.timeout('IDLE', 'm'), 504, 'timeout_error'],
  ])('%s', (error, status, type) => {
    const wire = encode(error);
    expect(wire.status).toBe(status);
    expect(wire.body).toEqual({ type: 'error', error: { type, message: 'm' }, request_id: 'req_1' });
  });

  it('F92 says how long to wait where Claude Code would not wait so long', () => {
    expect(encode(errors.rateLimited('m')).headers).not.toHaveProperty('retry-after');
    const after = (retryAfterSeconds: number) =>
      encode(errors.rateLimited('m', { retryAfterSeconds })).headers['retry-after'];
    // Claude Code waits for up to 60 s; what is a little longer is cut, what is much longer is told.
    expect([after(0.1), after(7), after(60), after(90), after(3600)]).toEqual(['1', '7', '60', '60', '3600']);
  });

  it('words overflow and refused images as Claude Code knows them', () => {
    const message = (error: SignalboxError) => (encode(error).body.error as { message: string }).message;
    expect(message(errors.contextOverflow('prompt is too long: 5000 tokens > 4000 maximum'))).toBe(
      'prompt is too long: 5000 tokens > 4000 maximum',
    );
    expect(message(errors.contextOverflow('too big'))).toBe('prompt is too long');
    expect(message(errors.imageRejected('no vision here'))).toBe('Could not process image');
  });

  it('passes a provider’s own body of this format on, and no other', () => {
    const body = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'exact words' },
      request_id: 'theirs',
    };
    const own = errors.providerRejected(422, 'x', { wire: { format: 'anthropic-messages', status: 422, body } });
    expect(encode(own)).toMatchObject({ status: 422, body });
    const foreign = errors.providerRejected(422, 'x', { wire: { format: 'openai-chat', status: 422, body } });
    expect(encode(foreign).body).toMatchObject({ error: { message: 'x' }, request_id: 'req_1' });
  });
});
