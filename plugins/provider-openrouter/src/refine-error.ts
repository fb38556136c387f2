import { type HeaderMap, SignalboxError } from '@signalbox/kit';
import { errorMetadata, isObject } from './error-metadata.ts';

export type DecodeError = (status: number, headers: HeaderMap, body: string) => SignalboxError;

/**
 * OpenRouter says "Provider returned error" and keeps what the provider behind it said in `metadata.raw`. That decides
 * what the error means: a prompt that is too long has to be recognised, or no client compacts.
 */
export function refineError(
  error: SignalboxError,
  { status, headers, body }: { status: number; headers: HeaderMap; body: string },
  decodeError: DecodeError,
): SignalboxError {
  if (error.code !== 'PROVIDER_REJECTED') return error;
  const raw = rawOf(body);
  if (raw === undefined) return error;
  const inner = decodeError(status, headers, raw);
  // A credential that failed behind OpenRouter is not the gateway's own.
  if (inner.code === 'PROVIDER_AUTH') return error;
  const same = inner.code === error.code;
  return new SignalboxError(inner.code, inner.message, {
    status: inner.status,
    retryable: inner.retryable,
    ...(inner.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: inner.retryAfterSeconds }),
    ...(inner.shouldRetry === undefined ? {} : { shouldRetry: inner.shouldRetry }),
    ...(same && error.wire !== undefined ? { wire: error.wire } : {}),
  });
}

function rawOf(body: string): string | undefined {
  const { raw } = errorMetadata(body);
  if (typeof raw === 'string' && raw.trim() !== '') return raw;
  return isObject(raw) ? JSON.stringify(raw) : undefined;
}
