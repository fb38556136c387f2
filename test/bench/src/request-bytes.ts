import type { LoadCommand } from './load-protocol.ts';

/** One POST as bytes, with the kind and number of headers that a coding agent sends. */
export function requestBytes(
  port: number,
  { path, body, headers = [], session = true }: Pick<LoadCommand, 'path' | 'body' | 'headers' | 'session'>,
): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'accept: application/json',
    'authorization: Bearer bench-token',
    'content-type: application/json',
    'user-agent: bench-agent/1.0 (external, bench)',
    ...(session ? ['x-session-id: 00000000-0000-4000-8000-000000000000'] : []),
    'x-runtime: node',
    'x-runtime-version: v24.0.0',
    'x-retry-count: 0',
    'x-timeout: 600',
    ...headers,
    'connection: keep-alive',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
