import type { JsonObject } from '@signalbox/kit';
import providerGemini from '@signalbox/provider-gemini';
import { geminiTurn } from '@signalbox/testkit';
import { type ClientKind, changeData, type ProviderError, type ProviderKind, QUESTION, SSE } from '../kinds.ts';

export const geminiClient: ClientKind = {
  id: 'gemini',
  path: (stream) => `/v1beta/models/asked-for:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  headers: { 'x-goog-api-key': 'client' },
  body: () => ({ contents: [{ role: 'user', parts: [{ text: QUESTION }] }] }),
  visible: (raw) => raw,
  // A prompt that is blocked has no answer, and that is the end of it.
  success: /"finishReason":"(?:STOP|SAFETY|MAX_TOKENS)"|"blockReason":"SAFETY"/,
  error: /"error":\{"code":\d+,"message":"[^"]/,
};

const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

/** Google has no codes beside the status: details and wordings say what it is about. */
function error({ message, status = 500, code, retryAfterMs }: ProviderError): JsonObject {
  const overflow = 'The input token count (9000) exceeds the maximum number of tokens allowed (8192).';
  const details: JsonObject[] = [];
  if (code === 'insufficient_quota') {
    const violations = [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel', quotaValue: '50' }];
    details.push({ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations });
  }
  if (retryAfterMs !== undefined) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterMs / 1_000}s` });
  }
  return {
    error: {
      code: status,
      message: code === 'context_length_exceeded' ? overflow : message,
      status: STATUS[status] ?? 'UNKNOWN',
      ...(details.length === 0 ? {} : { details }),
    },
  };
}

export const geminiProvider: ProviderKind = {
  id: 'gemini',
  plugin: (name, baseUrl, timeouts) => [providerGemini, { name, baseUrl, apiKey: 'provider-key', timeouts }],
  answer: (turn) => geminiTurn(turn, { model: 'theirs' }),
  withoutUsage: ({ body: { usageMetadata: _usage, ...body }, frames }) => ({
    body,
    frames: frames.map((frame) => changeData(frame, ({ usageMetadata: _counts, ...data }) => data)),
  }),
  error,
  errorFrame: (failure) => `data: ${JSON.stringify(error(failure))}\n\n`,
  retryAfter: () => ({}),
  ping: ': keep-alive\n\n',
  brokenFrame: 'data: {"candidates":[{"content":{"par\n\n',
  terminators: 1,
  epilogue: 0,
  streamType: SSE,
};
