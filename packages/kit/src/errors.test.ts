import { describe, expect, it } from '@jest/globals';
import { errors, SignalboxError } from './errors.ts';

describe('SignalboxError', () => {
  it('is told by its brand, across copies of this package', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('signalbox.error')]: true });
    expect(SignalboxError.is(foreign)).toBe(true);
    expect(SignalboxError.is(new SignalboxError('X', 'x'))).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'x', 1, { code: 'X' }])
      expect(SignalboxError.is(other)).toBe(false);
  });

  it('keeps the brand out of what is printed or copied', () => {
    expect(Object.keys(new SignalboxError('X', 'x'))).not.toContain('signalbox.error');
    expect(SignalboxError.is({ ...new SignalboxError('X', 'x') })).toBe(false);
  });

  it('defaults to a failure of the gateway that no retry helps', () => {
    expect(new SignalboxError('X', 'x')).toMatchObject({
      status: 500,
      retryable: false,
      expose: true,
      name: 'SignalboxError',
    });
  });

  it('hides the message of a foreign error from clients, and keeps it for the log', () => {
    const cause = new Error('password=hunter2');
    const error = SignalboxError.from(cause);
    expect(error).toMatchObject({ code: 'INTERNAL', status: 500, cause });
    expect(error.message).not.toContain('hunter2');
    expect(JSON.stringify(error.info())).not.toContain('hunter2');
    const ours = errors.noRoute('n');
    expect(SignalboxError.from(ours)).toBe(ours);
  });

  it('is the same failure in other words', () => {
    const wire = { format: 'f', status: 429, body: { error: 'e' } };
    const error = errors.rateLimited('raw', { retryAfterSeconds: 0.1, shouldRetry: true, wire, cause: new Error('c') });
    error.plugin = 'p';
    error.hook = 'h';
    const said = error.withMessage('said');
    expect(said.message).toBe('said');
    expect({ ...said, message: 'raw', cause: said.cause }).toEqual({ ...error, message: 'raw', cause: error.cause });
    expect(SignalboxError.is(said)).toBe(true);
    expect('cause' in errors.noRoute('n').withMessage('m')).toBe(false);
  });

  it('goes through an event and back', () => {
    const error = errors.rateLimited('slow', { retryAfterSeconds: 7, cause: new Error('raw') });
    expect(error.info()).toEqual({
      code: 'RATE_LIMITED',
      message: 'slow',
      status: 429,
      retryable: true,
      retryAfterSeconds: 7,
    });
    expect(SignalboxError.fromInfo(error.info()).info()).toEqual(error.info());
    expect(errors.noRoute('n').info()).not.toHaveProperty('retryAfterSeconds');
  });
});

describe('errors', () => {
  const made = [
    errors.invalidRequest('m'),
    errors.unsupported('m'),
    errors.unauthenticated('m'),
    errors.forbidden('m'),
    errors.notFound('m'),
    errors.noRoute('m'),
    errors.requestTooLarge('m'),
    errors.requestTimeout('m'),
    errors.clientClosed(),
    errors.unavailable('m'),
    errors.providerAuth('m'),
    errors.providerBilling('m'),
    errors.quotaExhausted('m'),
    errors.rateLimited('m'),
    errors.modelNotFound('m'),
    errors.contextOverflow('m'),
    errors.contentRefused('m'),
    errors.imageRejected('m'),
    errors.providerRejected(422, 'm'),
    errors.providerOverloaded('m'),
    errors.providerFailed(500, 'm'),
    errors.providerUnreachable('m'),
    errors.cutStream('m'),
    errors.malformedReply('m'),
    errors.emptyReply('m'),
    errors.timeout('IDLE', 'm'),
  ];

  it('are all here, each with a code of its own and a status of 400 or more', () => {
    expect(made).toHaveLength(Object.keys(errors).length);
    expect(new Set(made.map(({ code }) => code)).size).toBe(made.length);
    for (const { code, status } of made)
      expect([code, /^[A-Z][A-Z_]*$/.test(code), status >= 400]).toEqual([code, true, true]);
  });

  it('let another target try what only this provider refused', () => {
    const retryable = made.filter((error) => error.retryable).map(({ code }) => code);
    expect(retryable).toEqual([
      'NO_ROUTE',
      'PROVIDER_AUTH',
      'PROVIDER_BILLING',
      'QUOTA_EXHAUSTED',
      'RATE_LIMITED',
      'MODEL_NOT_FOUND',
      'PROVIDER_OVERLOADED',
      'PROVIDER_FAILED',
      'PROVIDER_UNREACHABLE',
      'CUT_STREAM',
      'MALFORMED_REPLY',
      'EMPTY_REPLY',
      'IDLE_TIMEOUT',
    ]);
  });

  it('F92 tell clients not to retry what waiting cannot help', () => {
    const final = made.filter((error) => error.shouldRetry === false).map(({ code }) => code);
    expect(final).toEqual(['UNAUTHENTICATED', 'PROVIDER_AUTH', 'PROVIDER_BILLING', 'QUOTA_EXHAUSTED']);
  });

  it('never give the gateway’s own bad key as the client’s 401', () => {
    expect(errors.providerAuth('m').status).toBe(502);
  });

  it('F94 name the silence that was too long', () => {
    const phases = ['CONNECT', 'HEADERS', 'FIRST_EVENT', 'IDLE', 'TOTAL'] as const;
    expect(phases.map((phase) => errors.timeout(phase, 'm').code)).toEqual(phases.map((phase) => `${phase}_TIMEOUT`));
  });

  it('do not let options change status or retryability', () => {
    const options = { status: 200, retryable: true, retryAfterSeconds: 1 };
    expect(errors.forbidden('m', options)).toMatchObject({ status: 403, retryAfterSeconds: 1 });
  });
});
