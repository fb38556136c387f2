import type { JsonObject } from '@signalbox/kit';
import { json, type Responder, raw } from './responders.ts';
import type { RecordedRequest } from './scripted-request.ts';
import type { Headers } from './wire.ts';

export interface ProviderErrorOptions {
  message: string;
  type?: string;
  /** Where the format has one. */
  code?: string;
  param?: string;
  headers?: Headers;
}

/** An HTTP error with the body of the format that the request's path belongs to. */
export function providerError(status: number, { headers = {}, ...error }: ProviderErrorOptions): Responder {
  return (request, wire) => json(status, errorBody(request, error), headers)(request, wire);
}

/** What some front server answers in a provider's place. */
export function htmlError(status: number): Responder {
  const page = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\r\n`;
  return raw(status, { 'content-type': 'text/html' }, page);
}

/** The frame that ends a stream with an error after a 200, in the format of the request's path. */
export function errorFrame(request: RecordedRequest, error: Omit<ProviderErrorOptions, 'headers'>): string {
  const data = `data: ${JSON.stringify(errorBody(request, error))}\n\n`;
  return speaksAnthropic(request) ? `event: error\n${data}` : data;
}

function errorBody(request: RecordedRequest, error: Omit<ProviderErrorOptions, 'headers'>): JsonObject {
  const { message, type, code, param } = error;
  if (speaksAnthropic(request)) {
    const details = code === undefined ? {} : { details: { error_code: code } };
    const id = `req_scripted_${request.index}`;
    return { type: 'error', error: { type: type ?? 'api_error', message, ...details }, request_id: id };
  }
  return { error: { message, type: type ?? 'server_error', param: param ?? null, code: code ?? null } };
}

function speaksAnthropic({ path, headers }: RecordedRequest): boolean {
  return /\/messages(\/|$)/.test(path) || headers['anthropic-version'] !== undefined;
}
