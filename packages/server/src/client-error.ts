import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerConfig } from '@signalbox/core';
import { type Format, type HeaderMap, type Logger, MADE_UP, newId, SignalboxError } from '@signalbox/kit';

const REQUEST_LINE = /^([A-Z]+) (\/[^ ?]*)/;

/** How long a client gets to read the answer and to close; the other half of a connection would stay open for ever. */
const LINGER_MS = 1_000;

interface ParserError extends Error {
  readonly code?: string;
  /** What could not be parsed, from where the last read began. */
  readonly rawPacket?: Buffer;
}

export interface ClientErrorState {
  readonly formats: ReadonlyMap<string, Format>;
  readonly server: ServerConfig;
  readonly log: Logger;
  /** Those that have not reached their clients yet. */
  readonly responses: ReadonlySet<ServerResponse>;
}

/** Answers what never became a request, in the format that its path belongs to as far as that can be read. */
export function answerClientError(error: ParserError, socket: Socket, state: ClientErrorState): void {
  const begun = [...state.responses].some((response) => response.socket === socket && response.headersSent);
  const refusal = refusalOf(error, state.server);
  const format = formatOf(error, state.formats);
  // Nobody hears it, or it would stand inside another answer.
  if (refusal === undefined || format === undefined || begun || !socket.writable) {
    socket.destroy();
    return;
  }
  const id = newId(`${MADE_UP}_`);
  state.log.warn({ exchange: id, code: refusal.code, reason: error.code }, refusal.message);
  const { status, headers, body } = format.encodeError(refusal, { exchangeId: id });
  const text = JSON.stringify(body);
  const head = {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-signalbox-id': id,
    connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
}

function refusalOf({ code = '' }: ParserError, { maxHeaderBytes }: ServerConfig): SignalboxError | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = `The head of the request is larger than ${maxHeaderBytes} bytes (server.maxHeaderBytes).`;
    return new SignalboxError('REQUEST_TOO_LARGE', message, { status: 431 });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new SignalboxError('REQUEST_TIMEOUT', 'The request did not come in time.', { status: 408 });
  }
  if (!code.startsWith('HPE_')) return undefined;
  return new SignalboxError('INVALID_REQUEST', 'This is no HTTP request that can be read.', { status: 400 });
}

function formatOf({ rawPacket }: ParserError, formats: ReadonlyMap<string, Format>): Format | undefined {
  const [, method, path] = REQUEST_LINE.exec(rawPacket?.toString('latin1', 0, 2_048) ?? '') ?? [];
  const all = [...formats.values()];
  if (method === undefined || path === undefined) return all[0];
  const own = all.find(({ ingress }) => ingress.some((route) => route.method === method && route.path === path));
  const headers: HeaderMap = {};
  return own ?? all.find((format) => format.recognises({ method, path, headers })) ?? all[0];
}
