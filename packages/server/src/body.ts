import type { IncomingMessage } from 'node:http';
import type { ServerConfig } from '@signalbox/core';
import { errors } from '@signalbox/kit';

/** `tooLargeMessage` says what to do about a larger body. */
export interface BodyLimits extends Pick<ServerConfig, 'maxBodyBytes' | 'bodyStallMs' | 'bodyTotalMs'> {
  readonly tooLargeMessage?: string;
}

/**
 * Reads a request body within its limits.
 * @throws {SignalboxError} REQUEST_TOO_LARGE, REQUEST_TIMEOUT, UNSUPPORTED for a compressed body, CLIENT_CLOSED.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const { maxBodyBytes, bodyStallMs, bodyTotalMs, tooLargeMessage } = limits;
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.reject(
      errors.unsupported(`Compressed request bodies (${encoding}) are not supported: send it as it is.`),
    );
  }
  const tooLarge = () =>
    errors.requestTooLarge(
      tooLargeMessage ?? `The request body is larger than ${maxBodyBytes} bytes (server.maxBodyBytes).`,
    );
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const fail = (error: Error): void => {
      clearTimeout(stalled);
      clearTimeout(late);
      request.pause();
      reject(error);
    };
    const tooSlow = (name: 'bodyStallMs' | 'bodyTotalMs', what: string) => () =>
      fail(errors.requestTimeout(`The request body ${what} ${limits[name]} ms (server.${name}).`));
    const stalled = setTimeout(tooSlow('bodyStallMs', 'stood still for'), bodyStallMs);
    const late = setTimeout(tooSlow('bodyTotalMs', 'was not complete after'), bodyTotalMs);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) {
        fail(tooLarge());
        return;
      }
      stalled.refresh();
      parts.push(chunk);
    });
    const gone = (): void => fail(errors.clientClosed());
    request.on('end', () => {
      clearTimeout(stalled);
      clearTimeout(late);
      request.off('error', gone).off('close', gone);
      resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size));
    });
    request.on('error', gone).on('close', gone);
  });
}
