import type { ErrorInfo, JsonObject } from '@signalbox/spec';

const BRAND = Symbol.for('signalbox.error');

export interface SignalboxErrorOptions {
  /** HTTP status for the client; 500 unless said. */
  status?: number;
  /** Another target, or the same one later, may succeed. */
  retryable?: boolean;
  /** Seconds to wait, as the provider or a limit asks; clients get whole ones. */
  retryAfterSeconds?: number;
  /** Sent as `x-should-retry`, which the official SDKs and Claude Code obey over the status. */
  shouldRetry?: boolean;
  /** The provider's own error body: goes out unchanged to a client of the same format. */
  wire?: { format: string; status: number; body: JsonObject };
  cause?: unknown;
}

/**
 * Every failure that a client, a log or another plugin may see. `code` is stable (`docs/errors.md`), `message` says what
 * to do. Test with `SignalboxError.is(error)`: `instanceof` fails across two copies of this package.
 */
export class SignalboxError extends Error {
  readonly code: string;
  readonly status: number;
  /** Koa reads it: the message is meant for the client. */
  readonly expose = true;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly shouldRetry: boolean | undefined;
  readonly wire: SignalboxErrorOptions['wire'];
  /** Filled in by the host: which plugin and hook threw. */
  plugin: string | undefined;
  hook: string | undefined;

  constructor(code: string, message: string, options: SignalboxErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SignalboxError';
    this.code = code;
    this.status = options.status ?? 500;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.shouldRetry = options.shouldRetry;
    this.wire = options.wire;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static is(error: unknown): error is SignalboxError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }

  /** The error itself where it is one of ours, else an `INTERNAL` error that hides the foreign message. */
  static from(error: unknown): SignalboxError {
    if (SignalboxError.is(error)) return error;
    return new SignalboxError('INTERNAL', 'Signalbox failed on this request; the log has the reason.', {
      status: 500,
      cause: error,
    });
  }

  static fromInfo(info: ErrorInfo): SignalboxError {
    return new SignalboxError(info.code, info.message, {
      status: info.status,
      retryable: info.retryable,
      ...(info.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: info.retryAfterSeconds }),
      ...(info.shouldRetry === undefined ? {} : { shouldRetry: info.shouldRetry }),
    });
  }

  /** The same failure in other words. */
  withMessage(message: string): SignalboxError {
    const { code, status, retryable, retryAfterSeconds, shouldRetry, wire, plugin, hook, cause } = this;
    const same = new SignalboxError(code, message, {
      status,
      retryable,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(shouldRetry === undefined ? {} : { shouldRetry }),
      ...(wire === undefined ? {} : { wire }),
      ...(cause === undefined ? {} : { cause }),
    });
    same.plugin = plugin;
    same.hook = hook;
    return same;
  }

  info(): ErrorInfo {
    const { code, message, status, retryable, retryAfterSeconds, shouldRetry } = this;
    return {
      code,
      message,
      status,
      retryable,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(shouldRetry === undefined ? {} : { shouldRetry }),
    };
  }
}

type Rest = Omit<SignalboxErrorOptions, 'status' | 'retryable'>;

/** The failures that more than one package raises, so that a code has one status and one meaning. */
export const errors = {
  invalidRequest: (message: string, rest?: Rest) =>
    new SignalboxError('INVALID_REQUEST', message, { ...rest, status: 400 }),
  /** The client asked for something that this route cannot do without losing its meaning. */
  unsupported: (message: string, rest?: Rest & { retryable?: boolean }) =>
    new SignalboxError('UNSUPPORTED', message, { ...rest, status: 400 }),
  unauthenticated: (message: string, rest?: Rest) =>
    new SignalboxError('UNAUTHENTICATED', message, { shouldRetry: false, ...rest, status: 401 }),
  forbidden: (message: string, rest?: Rest) => new SignalboxError('FORBIDDEN', message, { ...rest, status: 403 }),
  notFound: (message: string, rest?: Rest) => new SignalboxError('NOT_FOUND', message, { ...rest, status: 404 }),
  noRoute: (message: string, rest?: Rest) =>
    new SignalboxError('NO_ROUTE', message, { ...rest, status: 404, retryable: true }),
  requestTooLarge: (message: string, rest?: Rest) =>
    new SignalboxError('REQUEST_TOO_LARGE', message, { ...rest, status: 413 }),
  /** The client began a request and did not finish it in time. */
  requestTimeout: (message: string, rest?: Rest) =>
    new SignalboxError('REQUEST_TIMEOUT', message, { ...rest, status: 408 }),
  clientClosed: () => new SignalboxError('CLIENT_CLOSED', 'The client closed the connection.', { status: 499 }),
  /** The gateway itself is at its limit or on its way down. */
  unavailable: (message: string, rest?: Rest) =>
    new SignalboxError('UNAVAILABLE', message, { retryAfterSeconds: 1, ...rest, status: 503 }),

  /** The provider refused the gateway's own credential: never the client's 401. */
  providerAuth: (message: string, rest?: Rest) =>
    new SignalboxError('PROVIDER_AUTH', message, { shouldRetry: false, ...rest, status: 502, retryable: true }),
  /** Out of credit or over a spend limit: retrying the same key cannot help. */
  providerBilling: (message: string, rest?: Rest) =>
    new SignalboxError('PROVIDER_BILLING', message, { shouldRetry: false, ...rest, status: 402, retryable: true }),
  quotaExhausted: (message: string, rest?: Rest) =>
    new SignalboxError('QUOTA_EXHAUSTED', message, { shouldRetry: false, ...rest, status: 429, retryable: true }),
  rateLimited: (message: string, rest?: Rest) =>
    new SignalboxError('RATE_LIMITED', message, { ...rest, status: 429, retryable: true }),
  modelNotFound: (message: string, rest?: Rest) =>
    new SignalboxError('MODEL_NOT_FOUND', message, { ...rest, status: 404, retryable: true }),
  contextOverflow: (message: string, rest?: Rest) =>
    new SignalboxError('CONTEXT_OVERFLOW', message, { ...rest, status: 400 }),
  contentRefused: (message: string, rest?: Rest) =>
    new SignalboxError('CONTENT_REFUSED', message, { ...rest, status: 400 }),
  imageRejected: (message: string, rest?: Rest) =>
    new SignalboxError('IMAGE_REJECTED', message, { ...rest, status: 400 }),
  /** The provider refused the request as such; its status class is kept. */
  providerRejected: (status: number, message: string, rest?: Rest) =>
    new SignalboxError('PROVIDER_REJECTED', message, { ...rest, status }),
  providerOverloaded: (message: string, rest?: Rest) =>
    new SignalboxError('PROVIDER_OVERLOADED', message, { ...rest, status: 503, retryable: true }),
  providerFailed: (status: number, message: string, rest?: Rest) =>
    new SignalboxError('PROVIDER_FAILED', message, { ...rest, status, retryable: true }),
  providerUnreachable: (message: string, rest?: Rest) =>
    new SignalboxError('PROVIDER_UNREACHABLE', message, { ...rest, status: 502, retryable: true }),
  /** The provider's stream ended before the reply was finished. */
  cutStream: (message: string, rest?: Rest) =>
    new SignalboxError('CUT_STREAM', message, { ...rest, status: 502, retryable: true }),
  malformedReply: (message: string, rest?: Rest) =>
    new SignalboxError('MALFORMED_REPLY', message, { ...rest, status: 502, retryable: true }),
  emptyReply: (message: string, rest?: Rest) =>
    new SignalboxError('EMPTY_REPLY', message, { ...rest, status: 502, retryable: true }),
  timeout: (phase: 'CONNECT' | 'HEADERS' | 'FIRST_EVENT' | 'IDLE' | 'TOTAL', message: string, rest?: Rest) =>
    new SignalboxError(`${phase}_TIMEOUT`, message, { ...rest, status: 504, retryable: true }),
} as const;
