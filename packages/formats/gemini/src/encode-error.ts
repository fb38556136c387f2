import { type JsonObject, type SignalboxError, type WireError, wholeSeconds } from '@signalbox/kit';
import { googleOverflowMessage } from './error-wordings.ts';
import { ID } from './fields.ts';

const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** An error as this format's clients know it. The provider's own body goes out unchanged where it is of this format. */
export function encodeError(error: SignalboxError): WireError {
  if (error.wire?.format === ID) return { status: error.wire.status, headers: {}, body: error.wire.body };
  return { status: error.status, headers: {}, body: encodeErrorBody(error) };
}

/** The body that an HTTP answer and a frame of a stream share: clients act on its numeric `code`. */
export function encodeErrorBody({ code, status, message, retryAfterSeconds }: SignalboxError): JsonObject {
  const details: JsonObject[] = [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: code, domain: 'signalbox' },
  ];
  if (code === 'QUOTA_EXHAUSTED') {
    const violations = [{ quotaId: 'PerDay', description: 'Waiting a minute will not help.' }];
    details.push({ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations });
  }
  if (retryAfterSeconds !== undefined) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: `${wholeSeconds(retryAfterSeconds)}s`,
    });
  }
  return {
    error: {
      code: status,
      message: code === 'CONTEXT_OVERFLOW' ? googleOverflowMessage(message) : message,
      status: CODE_OF_STATUS[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'),
      details,
    },
  };
}
