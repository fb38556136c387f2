import {
  type ChatReply,
  errors,
  type Format,
  type HeaderMap,
  type JsonObject,
  type Reply,
  type StreamEvent,
  type StreamRelay,
  type TargetContext,
} from '@signalbox/kit';
import { replaceModel, scanBody } from '../body-scan.ts';
import type { ExchangeState } from '../exchange.ts';
import { countUsage, decode } from './canonical-stream.ts';
import type { ProviderResponse } from './transport.ts';

/** The provider's own bytes, for a client that speaks the provider's format. */
export interface RawBody {
  readonly status: number;
  readonly headers: HeaderMap;
  /** A whole body, or its pieces: one array per read from the network. */
  readonly body: Buffer | AsyncIterable<readonly (Uint8Array | string)[]>;
  /** Whether a keep-alive may be written now without splitting a frame of the provider's. */
  betweenFrames(): boolean;
}

const rawBodies = new WeakMap<object, RawBody>();

/** The raw bytes behind a reply that no tap has changed. */
export function rawBodyOf(reply: Reply): RawBody | undefined {
  return rawBodies.get(reply);
}

/** A whole reply as received. It is decoded only if a tap looks into it. */
export function wholePassThrough(
  body: Buffer,
  response: ProviderResponse,
  format: Format,
  context: TargetContext,
  exchange: ExchangeState,
): Reply {
  const parsed = parseReply(body);
  const { usage, error } = format.inspectReply(parsed);
  if (error !== undefined) throw error;
  if (usage !== undefined) exchange.addUsage(usage);
  const scan = scanBody(body, format.replyModelField);
  const echoes = scan.model === undefined || scan.model === exchange.model || exchange.model === context.model;
  let message: ChatReply | undefined;
  const reply: Reply = {
    kind: 'whole',
    get message() {
      message ??= format.decodeReply(parsed, context);
      return message;
    },
  };
  rawBodies.set(reply, {
    status: response.status,
    headers: response.headers,
    body: echoes ? body : replaceModel(body, scan, exchange.model),
    betweenFrames: () => false,
  });
  return reply;
}

/**
 * A streamed reply as received, from its first content on. Whatever fails before that is thrown, so that another target
 * may still answer.
 */
export async function streamPassThrough(
  response: ProviderResponse,
  format: Format,
  context: TargetContext,
  exchange: ExchangeState,
): Promise<Reply> {
  const relay = format.createStreamRelay({
    echoModel: exchange.model === context.model ? undefined : exchange.model,
  });
  const held: (Uint8Array | string)[] = [];
  const untouched: Buffer[] = [];
  while (!relay.committed && !relay.finished) {
    const chunks = await response.next();
    if (chunks === undefined) {
      push(held, relay.end());
      if (relay.error !== undefined) throw relay.error;
      if (relay.committed || relay.finished) break;
      throw errors.cutStream('The provider closed the stream before it sent any content.');
    }
    for (const chunk of chunks) {
      untouched.push(chunk);
      push(held, relay.push(chunk));
    }
    if (relay.error !== undefined && !relay.committed) {
      response.cancel();
      throw relay.error;
    }
  }
  response.firstEvent();
  let events: AsyncIterable<readonly StreamEvent[]> | undefined;
  const reply: Reply = {
    kind: 'stream',
    get events() {
      // The bytes can be read once: whoever reads the events takes the reply out of the pass-through lane.
      rawBodies.delete(reply);
      events ??= decodeHeld(untouched, response, format, context, exchange);
      return events;
    },
  };
  rawBodies.set(reply, {
    status: response.status,
    headers: response.headers,
    body: relayRest(held, response, relay, exchange),
    betweenFrames: () => relay.betweenFrames,
  });
  return reply;
}

async function* relayRest(
  held: (Uint8Array | string)[],
  response: ProviderResponse,
  relay: StreamRelay,
  exchange: ExchangeState,
): AsyncGenerator<readonly (Uint8Array | string)[]> {
  try {
    if (relay.finished) exchange.complete = true;
    yield held;
    for (let chunks = await response.next(); chunks !== undefined; chunks = await response.next()) {
      const out: (Uint8Array | string)[] = [];
      for (const chunk of chunks) push(out, relay.push(chunk));
      if (relay.finished) exchange.complete = true;
      if (out.length > 0) yield out;
    }
    const cut = !relay.betweenFrames;
    const rest: (Uint8Array | string)[] = [];
    push(rest, relay.end());
    if (rest.length > 0) yield rest;
    if (relay.finished) return;
    if (relay.error === undefined || cut) {
      throw errors.cutStream('The provider closed the stream in the middle of its answer.');
    }
    if (!relay.errorShown) throw relay.error;
    // The client has it in the provider's own words.
    exchange.error = relay.error.info();
  } catch (error) {
    // However the connection ends after the reply has: the client has all of it.
    if (!relay.finished) throw error;
  } finally {
    if (relay.usage !== undefined) exchange.addUsage(relay.usage);
    response.cancel();
  }
}

async function* decodeHeld(
  held: readonly Buffer[],
  response: ProviderResponse,
  format: Format,
  context: TargetContext,
  exchange: ExchangeState,
): AsyncGenerator<readonly StreamEvent[]> {
  let first: readonly Buffer[] | undefined = held;
  const all = {
    next: async () => {
      const chunks = first;
      first = undefined;
      return chunks ?? response.next();
    },
    drain: () => response.drain(),
    cancel: () => response.cancel(),
  };
  for await (const events of decode(all, format, context, undefined)) {
    countUsage(events, exchange);
    yield events;
  }
}

/** @throws {SignalboxError} MALFORMED_REPLY */
export function parseReply(body: Buffer): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw errors.malformedReply('The provider’s answer is not JSON.', { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw errors.malformedReply('The provider’s answer is not a JSON object.');
  }
  return parsed as JsonObject;
}

function push(list: (Uint8Array | string)[], part: Uint8Array | string): void {
  if (part.length > 0) list.push(part);
}
