import {
  type EventMapper,
  errors,
  type Format,
  mapBatch,
  type Reply,
  SignalboxError,
  type StreamEvent,
  type TargetContext,
} from '@signalbox/kit';
import type { ExchangeState } from '../exchange.ts';
import { ByteLimit, MAX_DECODED_BYTES } from './byte-limit.ts';
import { emptyEnd, isContent } from './first-content.ts';
import { refusalIn } from './refusal.ts';
import type { ProviderResponse } from './transport.ts';

/**
 * A translated stream, from its first content on. Whatever fails before that is thrown, so that another target may
 * still answer.
 * @throws {SignalboxError} what the provider's error says, CUT_STREAM, EMPTY_REPLY.
 */
export async function canonicalStream(
  response: ProviderResponse,
  format: Format,
  context: TargetContext,
  map: EventMapper | undefined,
  exchange: ExchangeState,
): Promise<Reply> {
  const events = decode(response, format, context, map);
  return { kind: 'stream', events: await untilCommitted(events, () => response.firstEvent(), exchange) };
}

/**
 * Reads up to the first content, which is from then on part of the stream that is returned. Usage is counted as it goes
 * by, before any tap can change it. `onBegun`: told when the model has begun, be it with thoughts that it keeps to itself.
 * @throws {SignalboxError} what stands in the content's place.
 */
export async function untilCommitted(
  events: AsyncIterable<readonly StreamEvent[]>,
  onBegun: () => void,
  exchange: ExchangeState,
): Promise<AsyncIterable<readonly StreamEvent[]>> {
  const iterator = events[Symbol.asyncIterator]();
  const held: StreamEvent[] = [];
  let committed = false;
  while (!committed) {
    const { value, done } = await iterator.next();
    if (done) throw errors.cutStream('The provider closed the stream before it sent any content.');
    for (const event of value) {
      const failure = committed ? undefined : (failureIn(event) ?? refusalIn(event, exchange));
      if (failure !== undefined) {
        countUsage(held, exchange);
        await iterator.return?.();
        throw failure;
      }
      held.push(event);
      if (isContent(event) || event.type === 'message-end') committed = true;
      else if (event.type === 'block-start' && event.block.type === 'reasoning') onBegun();
    }
  }
  onBegun();
  return (async function* () {
    try {
      countUsage(held, exchange);
      yield held;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        countUsage(next.value, exchange);
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  })();
}

/** What makes an event that comes before any content a failure of the whole attempt. */
function failureIn(event: StreamEvent): SignalboxError | undefined {
  if (event.type === 'error') return SignalboxError.fromInfo(event.error);
  return event.type === 'message-end' ? emptyEnd(event.stopReason) : undefined;
}

/** Takes down what the provider reports, before any tap can change it. */
export function countUsage(events: readonly StreamEvent[], exchange: ExchangeState): void {
  for (const event of events) if (event.type === 'usage') exchange.addUsage(event.usage);
}

/** The events of an answer. Once the reply is whole, its connection is free for the next call. */
export async function* decode(
  response: Pick<ProviderResponse, 'next' | 'drain' | 'cancel'>,
  format: Format,
  context: TargetContext,
  map: EventMapper | undefined,
): AsyncGenerator<readonly StreamEvent[]> {
  const decoder = format.createStreamDecoder(context);
  const limit = new ByteLimit(MAX_DECODED_BYTES);
  try {
    let broken: unknown;
    for (;;) {
      let chunks: readonly Buffer[] | undefined;
      try {
        chunks = await response.next();
      } catch (error) {
        broken = error;
      }
      if (chunks === undefined) break;
      limit.add(chunks);
      const events =
        chunks.length === 1 && chunks[0] !== undefined ? decoder.push(chunks[0]) : pushAll(decoder, chunks);
      if (events.length === 0) continue;
      if (events[events.length - 1]?.type === 'message-end') response.drain();
      const mapped = map === undefined ? events : mapBatch(events, map);
      if (mapped.length === 0) continue;
      yield mapped;
      const last = mapped[mapped.length - 1];
      if (last?.type === 'message-end' || last?.type === 'error') return;
    }
    const rest = decoder.end();
    // However the connection ends after the reply has: all of it is here.
    if (broken !== undefined && rest[rest.length - 1]?.type !== 'message-end') throw broken;
    yield map === undefined ? rest : mapBatch(rest, map);
  } finally {
    response.cancel();
  }
}

function pushAll(
  decoder: { push(chunk: Uint8Array): readonly StreamEvent[] },
  chunks: readonly Buffer[],
): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (const chunk of chunks) for (const event of decoder.push(chunk)) events.push(event);
  return events;
}
