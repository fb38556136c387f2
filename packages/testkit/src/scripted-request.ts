import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '@signalbox/kit';

/** A request as the scripted provider received it. Times in ms on the clock of `performance.now()`. */
export interface RecordedRequest {
  /** Position among all requests of this provider, from 0. */
  readonly index: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With its `?`, or `''`. */
  readonly query: string;
  /** Names in lower case; a header that came twice is joined with `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  /** The body as JSON; `undefined` where it is not a JSON object. */
  readonly body: JsonObject | undefined;
  readonly receivedAt: number;
  /** When the client closed the connection before the answer was finished. */
  readonly abortedAt: number | undefined;
  /** Settles with `abortedAt`; stays pending for a request that was answered to its end. */
  readonly aborted: Promise<number>;
  /** When the answer was finished, or cut by the script. */
  readonly finishedAt: number | undefined;
}

/** The record while its exchange goes on. */
export interface OpenRecord {
  readonly request: RecordedRequest;
  markAborted(): void;
  markFinished(): void;
}

export function openRecord(index: number, incoming: IncomingMessage, rawBody: Buffer): OpenRecord {
  const url = incoming.url ?? '/';
  const queryAt = url.indexOf('?');
  const { promise, resolve } = Promise.withResolvers<number>();
  const request = {
    index,
    method: incoming.method ?? '',
    path: queryAt === -1 ? url : url.slice(0, queryAt),
    query: queryAt === -1 ? '' : url.slice(queryAt),
    headers: joinHeaders(incoming),
    rawBody,
    body: parseObject(rawBody),
    receivedAt: performance.now(),
    abortedAt: undefined as number | undefined,
    aborted: promise,
    finishedAt: undefined as number | undefined,
  };
  return {
    request,
    markAborted: () => {
      request.abortedAt = performance.now();
      resolve(request.abortedAt);
    },
    markFinished: () => {
      request.finishedAt = performance.now();
    },
  };
}

export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function joinHeaders(incoming: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headersDistinct)) headers[name] = value?.join(', ');
  return headers;
}

function parseObject(rawBody: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(rawBody.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
