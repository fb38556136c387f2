import type { ServerResponse } from 'node:http';
import { type ExchangeState, printBody, type RawBody, rawBodyOf } from '@signalbox/core';
import {
  collectReply,
  formatTarget,
  messageToEvents,
  type Reply,
  retryHeaders,
  SignalboxError,
  summariseNotes,
} from '@signalbox/kit';
import { endResponse } from './end-response.ts';
import { receiptHeader, wantsReceipt } from './receipt.ts';
import { type Limits, StreamWriter } from './stream-writer.ts';

const MAX_HEADER_CHARS = 256;

/**
 * Writes what the pipeline gives for one chat request. Until the first content everything that goes wrong is an HTTP
 * error in the client's format; after it, an error event and the end of the stream.
 */
export async function answerChat(
  exchange: ExchangeState,
  pipeline: () => Promise<Reply>,
  response: ServerResponse,
  limits: Limits,
): Promise<void> {
  if (!exchange.stream) {
    await answerWhole(exchange, await pipeline(), response, limits);
    return;
  }
  const writer = new StreamWriter(exchange, response, limits);
  try {
    writer.openAfterSilence();
    const reply = await pipeline();
    // A stream that was opened already has its start: the provider's bytes would bring a second one.
    const raw = writer.opened ? undefined : rawBodyOf(reply);
    if (raw === undefined && exchange.lane === 'pass-through') exchange.lane = 'canonical';
    if (raw !== undefined && !Buffer.isBuffer(raw.body)) {
      await writer.relay({ ...raw, body: raw.body }, replyHeaders(exchange, raw));
    } else {
      writer.open(replyHeaders(exchange, undefined));
      await writer.translate(reply.kind === 'stream' ? reply.events : [messageToEvents(reply.message)]);
    }
  } catch (thrown) {
    const error = exchange.stopped ?? thrown;
    if (!writer.opened) throw error;
    writer.fail(SignalboxError.from(error));
    throw error;
  } finally {
    writer.stop();
  }
}

async function answerWhole(
  exchange: ExchangeState,
  reply: Reply,
  response: ServerResponse,
  limits: Limits,
): Promise<void> {
  const raw = rawBodyOf(reply);
  if (raw !== undefined && Buffer.isBuffer(raw.body)) {
    send(exchange, response, raw.status, withReceipt(exchange, replyHeaders(exchange, raw)), raw.body, limits);
    return;
  }
  const message = await collectReply(reply);
  const body = printBody(exchange.clientFormat.encodeReply(message, exchange));
  const headers = withReceipt(exchange, replyHeaders(exchange, undefined));
  send(exchange, response, 200, headers, body, limits);
}

/** A whole answer has its notes in a header; a stream, whose notes are known at its end, in its last comment. */
function withReceipt(exchange: ExchangeState, headers: Record<string, string>): Record<string, string> {
  if (wantsReceipt(exchange)) headers['x-signalbox-receipt'] = receiptHeader(exchange.allNotes);
  return headers;
}

/** Answers with an error in the client's format. */
export function answerError(
  exchange: Pick<ExchangeState, 'id' | 'clientFormat'> & Partial<ExchangeState>,
  error: unknown,
  response: ServerResponse,
): number {
  const known = SignalboxError.from(error);
  const { status, headers, body } = exchange.clientFormat.encodeError(known, { exchangeId: exchange.id });
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    [exchange.clientFormat.requestIdHeader]: exchange.id,
    ...retryHeaders(known),
    ...headers,
    'content-type': 'application/json',
    'content-length': bytes.length,
    'x-signalbox-id': exchange.id,
    ...attemptsHeader(exchange),
  });
  response.end(bytes);
  // What is left of a body that was refused is not read: the connection cannot be used again.
  if (known.code === 'REQUEST_TOO_LARGE') response.req.destroy();
  return status;
}

function send(
  exchange: ExchangeState,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Buffer,
  { clientStallMs }: Limits,
): void {
  exchange.status = status;
  exchange.firstByteMs = exchange.elapsedMs();
  exchange.bytesOut = body.length;
  headers['content-length'] = String(body.length);
  response.writeHead(status, headers);
  endResponse(response, body, clientStallMs);
}

/** What the client is told about the answer, beside those of the provider's headers that its format knows. */
function replyHeaders(exchange: ExchangeState, raw: RawBody | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': raw?.headers['content-type'] ?? 'application/json',
    [exchange.clientFormat.requestIdHeader]: exchange.id,
    'x-signalbox-id': exchange.id,
    'x-signalbox-fidelity': summariseNotes(exchange.allNotes),
    ...attemptsHeader(exchange),
  };
  if (exchange.target !== undefined) headers['x-signalbox-target'] = headerText(formatTarget(exchange.target));
  if (exchange.lane !== undefined) headers['x-signalbox-lane'] = exchange.lane;
  if (raw !== undefined) {
    for (const name in raw.headers) {
      const value = raw.headers[name];
      if (value !== undefined && exchange.clientFormat.forwardsReplyHeader(name)) headers[name] = value;
    }
  }
  return headers;
}

/** How many tries it took, where that is more than one. */
function attemptsHeader({ attempts = [], openAttempt }: Partial<ExchangeState>): Record<string, string> {
  const called = attempts.filter(({ outcome }) => outcome !== 'skipped');
  const count = called.length + (openAttempt === undefined ? 0 : 1);
  return count > 1 ? { 'x-signalbox-attempts': String(count) } : {};
}

/** A header value holds visible ASCII, and clients limit its length; anything else would make the answer fail. */
function headerText(text: string): string {
  return text.slice(0, MAX_HEADER_CHARS).replace(/[^\x20-\x7e]/g, '?');
}
