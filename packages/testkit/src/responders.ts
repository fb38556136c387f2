import type { RecordedRequest } from './scripted-request.ts';
import type { Cut, Headers, Wire } from './wire.ts';
import { formatOf, modelOf, NDJSON_TYPE } from './wire-format.ts';

/** Answers one request on the socket. What it throws fails the provider's `close()`. */
export type Responder = (request: RecordedRequest, wire: Wire) => void | Promise<void>;

/** A body: text, bytes, or a list of pieces that are written one by one. */
export type Content = string | Uint8Array | readonly string[];

export interface Pacing {
  /** Write pieces of so many bytes. */
  chunkSize?: number;
  /** Write up to each of these byte offsets at a time. */
  splitAt?: readonly number[];
  /** Ms between two writes. */
  delayMs?: number;
}

export interface SseOptions extends Pacing {
  status?: number;
  headers?: Headers;
}

/** A JSON body with its length. `body` may be a value, or text that is sent as it is. */
export function json(status: number, body: object | string, headers: Headers = {}): Responder {
  return raw(
    status,
    { 'content-type': 'application/json', ...headers },
    typeof body === 'string' ? body : JSON.stringify(body),
  );
}

/** Exactly these headers (besides `content-length` and Node's own) and this body. */
export function raw(status: number, headers: Headers, body: string | Uint8Array = ''): Responder {
  const bytes = toBytes(body);
  return async (request, wire) => {
    wire.head(status, { 'content-length': String(bytes.length), ...headers });
    if (request.method !== 'HEAD') await wire.write(bytes);
    await wire.end();
  };
}

/**
 * A stream of server-sent events, byte for byte as given. A list is written piece by piece, a text at once, unless
 * `chunkSize` or `splitAt` say otherwise. The receiver may still read two writes together: use `delayMs` to keep them apart.
 */
export function sse(content: Content, options: SseOptions = {}): Responder {
  const chunks = cutContent(content, options);
  const { status = 200, headers, delayMs = 0 } = options;
  return async (_request, wire) => {
    wire.head(status, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers });
    await writeChunks(wire, chunks, delayMs);
    await wire.end();
  };
}

/** A stream that arrives in small pieces: a byte every 5 ms unless said otherwise. */
export function drip(content: Content, { chunkSize = 1, delayMs = 5, ...rest }: SseOptions = {}): Responder {
  return sse(content, { chunkSize, delayMs, ...rest });
}

/** Takes the request and says nothing, not even headers. */
export function hang(): Responder {
  return (_request, wire) => wire.closed();
}

/** Answers with stream headers and `content`, if any, and then says nothing more. */
export function headersThenHang({
  content = '',
  status = 200,
  headers,
  delayMs = 0,
  ...pacing
}: SseOptions & { content?: Content } = {}): Responder {
  const chunks = cutContent(content, pacing);
  return async (_request, wire) => {
    wire.head(status, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
    await writeChunks(wire, chunks, delayMs);
    await wire.closed();
  };
}

/** What keeps a stream alive and says nothing. Ollama has nothing of the kind: the next best is a line without content. */
function pingOf(request: RecordedRequest): string {
  switch (formatOf(request)) {
    case 'anthropic-messages':
      return 'event: ping\ndata: {"type":"ping"}\n\n';
    case 'openai-responses':
      return 'event: keepalive\ndata: {"type":"keepalive","sequence_number":0}\n\n';
    case 'ollama':
      return `${JSON.stringify({ model: modelOf(request), message: { role: 'assistant', content: '' }, done: false })}\n`;
    default:
      return ': keep-alive\n\n';
  }
}

/** Keeps a stream alive without ever sending content. `frame`: by default that of the request's format. */
export function pingOnly({ everyMs = 50, frame }: { everyMs?: number; frame?: string } = {}): Responder {
  return async (request, wire) => {
    const ping = toBytes(frame ?? pingOf(request));
    const type = formatOf(request) === 'ollama' ? NDJSON_TYPE : 'text/event-stream; charset=utf-8';
    wire.head(200, { 'content-type': type });
    while (!wire.signal.aborted) {
      await wire.write(ping);
      await wire.wait(everyMs);
    }
  };
}

/** Waits before the responder begins, headers included. */
export function slow(ms: number, responder: Responder): Responder {
  return async (request, wire) => {
    await wire.wait(ms);
    await responder(request, wire);
  };
}

/** Lets `bytes` bytes of the responder's body through and then breaks off. */
export function cutAfter(bytes: number, how: Cut, responder: Responder): Responder {
  return async (request, wire) => {
    let left = bytes;
    let cut = false;
    await responder(request, {
      get signal() {
        return wire.signal;
      },
      get headSent() {
        return wire.headSent;
      },
      head: (status, headers = {}) => {
        if (how !== 'end') return wire.head(status, headers);
        // A short body must not announce a length that it does not have.
        const { 'content-length': _length, ...rest } = headers;
        wire.head(status, rest);
      },
      write: async (chunk) => {
        if (cut) return;
        await wire.write(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
        if (left > 0) return;
        cut = true;
        await wire.cut(how);
      },
      end: async () => {
        if (!cut) await wire.end();
      },
      cut: (other) => wire.cut(other),
      wait: async (ms) => {
        if (!cut) await wire.wait(ms);
      },
      closed: () => wire.closed(),
    });
  };
}

/** Closes the connection without an answer. */
export function dropConnection(how: 'fin' | 'rst' = 'rst'): Responder {
  return (_request, wire) => wire.cut(how);
}

/** One responder per request, in order; the last one answers all that follow. */
export function inOrder(...responders: readonly [Responder, ...Responder[]]): Responder {
  let next = 0;
  return (request, wire) => {
    const responder = responders[Math.min(next++, responders.length - 1)] ?? responders[0];
    return responder(request, wire);
  };
}

async function writeChunks(wire: Wire, chunks: readonly Uint8Array[], delayMs: number): Promise<void> {
  let first = true;
  for (const chunk of chunks) {
    if (!first && delayMs > 0) await wire.wait(delayMs);
    first = false;
    await wire.write(chunk);
  }
}

function cutContent(content: Content, { chunkSize, splitAt = [] }: Pacing): Uint8Array[] {
  const pieces = Array.isArray(content)
    ? (content as readonly string[]).map(toBytes)
    : [toBytes(content as string | Uint8Array)];
  if (chunkSize === undefined && splitAt.length === 0) return pieces;
  const bytes = Buffer.concat(pieces);
  const cuts = new Set([0, ...splitAt, bytes.length]);
  if (chunkSize !== undefined) for (let at = chunkSize; at < bytes.length; at += chunkSize) cuts.add(at);
  const offsets = [...cuts].filter((at) => at >= 0 && at <= bytes.length).sort((a, b) => a - b);
  return offsets.slice(1).map((end, i) => bytes.subarray(offsets[i], end));
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content;
}
