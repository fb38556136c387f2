import type { Format, JsonObject } from '@signalbox/kit';
import { formatErrorBody, formatErrorFrame } from './own-format.ts';
import { json, type Responder, raw } from './responders.ts';
import { responseObject } from './responses-turn.ts';
import type { RecordedRequest } from './scripted-request.ts';
import type { Headers } from './wire.ts';
import { dialectOf } from './wire-format.ts';

export interface ProviderErrorOptions {
  message: string;
  /** As the format spells it; Gemini's is its `status`, Ollama has none. */
  type?: string;
  /** Where the format has one; Gemini's is the `reason` of its `ErrorInfo`. */
  code?: string;
  param?: string;
  headers?: Headers;
  /** A format of your own, in whose words it is said: it has a message alone. */
  format?: Format;
}

type WireError = Omit<ProviderErrorOptions, 'headers'>;

/** An HTTP error with the body of the format that the request's path belongs to. */
export function providerError(status: number, { headers = {}, ...error }: ProviderErrorOptions): Responder {
  return (request, wire) => json(status, errorBody(request, error, status), headers)(request, wire);
}

/** What some front server answers in a provider's place. */
export function htmlError(status: number): Responder {
  const page = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\r\n`;
  return raw(status, { 'content-type': 'text/html' }, page);
}

/** What ends a stream with an error after a 200, in the format of the request's path: a frame, or Responses' two. */
export function errorFrame(request: RecordedRequest, error: WireError): string {
  if (error.format !== undefined) return formatErrorFrame(error.format, error.message);
  const body = JSON.stringify(errorBody(request, error, 500));
  switch (dialectOf(request)) {
    case 'anthropic-messages':
      return `event: error\ndata: ${body}\n\n`;
    case 'openai-responses':
      return responsesFrames(error);
    case 'ollama':
      return `${body}\n`;
    default:
      return `data: ${body}\n\n`;
  }
}

function errorBody(request: RecordedRequest, error: WireError, status: number): JsonObject {
  const { message, type, code, param, format } = error;
  if (format !== undefined) return formatErrorBody(format, status, message);
  switch (dialectOf(request)) {
    case 'anthropic-messages': {
      const details = code === undefined ? {} : { details: { error_code: code } };
      const id = `req_scripted_${request.index}`;
      return { type: 'error', error: { type: type ?? 'api_error', message, ...details }, request_id: id };
    }
    case 'gemini': {
      const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: code, domain: 'googleapis.com' };
      const details = code === undefined ? {} : { details: [info as JsonObject] };
      return { error: { code: status, message, status: type ?? GOOGLE_STATUS[status] ?? 'UNKNOWN', ...details } };
    }
    case 'ollama':
      return { error: message };
    default:
      return { error: { message, type: type ?? 'server_error', param: param ?? null, code: code ?? null } };
  }
}

const GOOGLE_STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** OpenAI's servers send an error of their own before the response that failed. No frame says which one it is. */
function responsesFrames({ message, type = 'server_error', code = type, param }: WireError): string {
  const frame = (name: string, rest: JsonObject) =>
    `event: ${name}\ndata: ${JSON.stringify({ type: name, ...rest, sequence_number: LATE })}\n\n`;
  const failed = responseObject({ id: 'resp_scripted', status: 'failed', error: { code, message } });
  return (
    frame('error', { error: { type, code, message, param: param ?? null } }) +
    frame('response.failed', { response: failed })
  );
}

/** Behind whatever came before. */
const LATE = 999_999;
