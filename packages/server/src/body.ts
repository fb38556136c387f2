import type { IncomingMessage } from 'node:http';
import { errors } from '@signalbox/kit';

/**
 * Reads a request body of at most `maxBytes`; `tooLargeMessage` says what to do about a larger one.
 * @throws {SignalboxError} REQUEST_TOO_LARGE, UNSUPPORTED for a compressed body, CLIENT_CLOSED.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  tooLargeMessage = `The request body is larger than ${maxBytes} bytes (server.maxBodyBytes).`,
): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.reject(
      errors.unsupported(`Compressed request bodies (${encoding}) are not supported: send it as it is.`),
    );
  }
  const tooLarge = () => errors.requestTooLarge(tooLargeMessage);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.pause();
        reject(tooLarge());
        return;
      }
      parts.push(chunk);
    });
    const gone = (): void => reject(errors.clientClosed());
    request.on('end', () => {
      request.off('error', gone).off('close', gone);
      resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size));
    });
    request.on('error', gone).on('close', gone);
  });
}
