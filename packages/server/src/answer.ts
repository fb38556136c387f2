import type { ServerResponse } from 'node:http';
import { type ExchangeState, nameTarget, printBody, type RawBody, rawBodyOf } from '@signalbox/core';
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
import { receiptHeader } from './receipt.ts';
import { type Limits, StreamWriter } from './stream-writer.ts';

const MAX_HEADER_CHARS = 256;
/** A provider that finds a request too large says so, too, but of one that was read. */
const LEAVES_BODY: ReadonlySet<string> = new Set(['REQUEST_TOO_LARGE', 'REQUEST_TIMEOUT']);

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
    const known = SignalboxError.from(error);
    const named = exchange.target === undefined ? known : nameTarget(known, exchange.target);
    writer.fail(named);
    throw named;
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

/** Answers with a number of tokens, of which the notes say whether it is an estimate. */
export function answerCount(exchange: ExchangeState, tokens: number, response: ServerResponse, limits: Limits): void {
  const body = Buffer.from(JSON.stringify(exchange.clientFormat.encodeTokenCount?.(tokens) ?? {}));
  send(exchange, response, 200, withReceipt(exchange, replyHeaders(exchange, undefined)), body, limits);
}

/** A whole answer has its notes in a header; a stream, whose notes are known at its end, behind it. */
function withReceipt(exchange: ExchangeState, headers: Record<string, string>): Record<string, string> {
  if (exchange.wantsReceipt) headers['x-signalbox-receipt'] = receiptHeader(exchange.allNotes);
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
    ...targetHeader(exchange),
    ...attemptsHeader(exchange),
  });
  response.end(bytes);
  // What is left of a body that was refused is not read: the connection cannot be used again.
  if (LEAVES_BODY.has(known.code) && !response.req.complete) response.req.destroy();
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
    'x-signalbox-fidelity': fidelityOf(exchange, raw),
    ...targetHeader(exchange),
    ...attemptsHeader(exchange),
  };
  if (exchange.lane !== undefined) headers['x-signalbox-lane'] = exchange.lane;
  if (raw !== undefined) {
    for (const name in raw.headers) {
      const value = raw.headers[name];
      if (value !== undefined && exchange.clientFormat.forwardsReplyHeader(name)) headers[name] = value;
    }
  }
  return headers;
}

/** What is translated while it comes may lose something yet: nobody is told before its end that nothing was lost. */
function fidelityOf({ allNotes, stream, operation }: ExchangeState, raw: RawBody | undefined): string {
  return stream && operation === 'chat' && raw === undefined && allNotes.length === 0
    ? 'lossless so far'
    : summariseNotes(allNotes);
}

/** Who answered, or whose failure it is. */
function targetHeader({ target }: Partial<ExchangeState>): Record<string, string> {
  return target === undefined ? {} : { 'x-signalbox-target': headerText(formatTarget(target)) };
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
