import {
  type ChatReply,
  errors,
  type Format,
  type HeaderMap,
  type JsonObject,
  parseJson,
  type Reply,
  type StreamEvent,
  type StreamRelay,
  type TargetContext,
} from '@signalbox/kit';
import { replaceModel, scanBody } from '../body-scan.ts';
import type { ExchangeState } from '../exchange.ts';
import { ByteLimit, MAX_HELD_BYTES } from './byte-limit.ts';
import { countUsage, decode } from './canonical-stream.ts';
import { RefusalWatch, refuseRefusalIn } from './refusal.ts';
import type { ProviderResponse } from './transport.ts';

/** The provider's own bytes, for a client that speaks the provider's format. */
export interface RawBody {
  readonly status: number;
  readonly headers: HeaderMap;
  /** A whole body, or its pieces: one array per read from the network. */
  readonly body: Buffer | AsyncIterable<readonly (Uint8Array | string)[]>;
  /** Whether a keep-alive may be written now without splitting a frame of the provider's. */
  betweenFrames(): boolean;
  /** What reads along with a stream. */
  readonly relay?: StreamRelay;
}

/** What goes on for so long behind the start of a thought is one whose words are not shown, and content. */
const SILENT_THOUGHT_MS = 5_000;

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
  refuseRefusalIn(parsed, format, context, exchange);
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
  const watch = exchange.refusalMovesOn ? new RefusalWatch(format, context, exchange) : undefined;
  try {
    await untilCommitted(response, relay, watch, { held, untouched });
  } catch (error) {
    if (relay.usage !== undefined) exchange.addUsage(relay.usage);
    throw error;
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
  const state = { torn: false };
  rawBodies.set(reply, {
    status: response.status,
    headers: response.headers,
    body: relayRest(held, response, relay, exchange, state),
    betweenFrames: () => !state.torn && relay.betweenFrames,
    relay,
  });
  return reply;
}

/**
 * Reads up to the first content; where refusals move on, an answer without any content up to where its decoder knows how it
 * ends. @throws {SignalboxError} what stands in the content's place.
 */
async function untilCommitted(
  response: ProviderResponse,
  relay: StreamRelay,
  watch: RefusalWatch | undefined,
  { held, untouched }: { held: (Uint8Array | string)[]; untouched: Buffer[] },
): Promise<void> {
  const limit = new ByteLimit(MAX_HELD_BYTES);
  let thinkingSince: number | undefined;
  while ((!relay.committed && !relay.finished) || (relay.finished && watch?.undecided === true)) {
    let chunks: readonly Buffer[] | undefined;
    try {
      chunks = await response.next();
    } catch (error) {
      // However the connection ends after the reply has.
      if (!relay.finished) throw error;
    }
    if (chunks === undefined) {
      push(held, relay.end());
      if (relay.error !== undefined) throw relay.error;
      watch?.end();
      if (relay.committed || relay.finished) return;
      throw errors.cutStream('The provider closed the stream before it sent any content.');
    }
    limit.add(chunks);
    for (const chunk of chunks) {
      untouched.push(chunk);
      push(held, relay.push(chunk));
      watch?.push(chunk);
    }
    if (relay.begun === true && !relay.committed) {
      thinkingSince ??= performance.now();
      response.firstEvent();
      if (performance.now() - thinkingSince > SILENT_THOUGHT_MS && relay.error === undefined) return;
    }
    if (relay.error !== undefined && !relay.committed) {
      response.cancel();
      throw relay.error;
    }
  }
}

async function* relayRest(
  held: (Uint8Array | string)[],
  response: ProviderResponse,
  relay: StreamRelay,
  exchange: ExchangeState,
  state: { torn: boolean },
): AsyncGenerator<readonly (Uint8Array | string)[]> {
  try {
    if (relay.finished) exchange.complete = true;
    yield held;
    let broken: unknown;
    for (;;) {
      let chunks: readonly Buffer[] | undefined;
      try {
        chunks = await response.next();
      } catch (error) {
        broken = error;
      }
      if (chunks === undefined) break;
      const out: (Uint8Array | string)[] = [];
      for (const chunk of chunks) push(out, relay.push(chunk));
      if (relay.finished) exchange.complete = true;
      if (out.length > 0) yield out;
    }
    const cut = !relay.betweenFrames;
    const { error } = relay;
    const rest: (Uint8Array | string)[] = [];
    push(rest, relay.end());
    // At its end a relay forgets that it is in the middle of a frame.
    state.torn = cut || rest.length > 0;
    if (rest.length > 0) yield rest;
    // However the connection ends after the reply has: the client has all of it.
    if (relay.finished) return;
    // Half a frame behind a broken connection says nothing more.
    if (broken !== undefined && (error === undefined || cut)) throw broken;
    if (relay.error === undefined || cut) {
      throw errors.cutStream('The provider closed the stream in the middle of its answer.');
    }
    if (!relay.errorShown) throw relay.error;
    // The client has it in the provider's own words.
    exchange.error = relay.error.info();
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
    parsed = parseJson(body.toString('utf8'));
  } catch (error) {
    throw errors.malformedReply('The provider’s answer is not JSON, or nested too deep.', { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw errors.malformedReply('The provider’s answer is not a JSON object.');
  }
  return parsed as JsonObject;
}

function push(list: (Uint8Array | string)[], part: Uint8Array | string): void {
  if (part.length > 0) list.push(part);
}
