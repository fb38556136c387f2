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
): Promise<Reply> {
  const events = decode(response, format, context, map);
  return { kind: 'stream', events: await untilCommitted(events, () => response.firstEvent()) };
}

/** Reads up to the first content, which is from then on part of the stream that is returned. */
export async function untilCommitted(
  events: AsyncIterable<readonly StreamEvent[]>,
  onCommitted: () => void,
): Promise<AsyncIterable<readonly StreamEvent[]>> {
  const iterator = events[Symbol.asyncIterator]();
  const held: StreamEvent[] = [];
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) throw errors.cutStream('The provider closed the stream before it sent any content.');
    let committed = false;
    for (const event of value) {
      if (event.type === 'error' && !committed) {
        await iterator.return?.();
        throw SignalboxError.fromInfo(event.error);
      }
      held.push(event);
      if (event.type === 'block-start' || event.type === 'message-end') committed = true;
    }
    if (committed) break;
  }
  onCommitted();
  return (async function* () {
    try {
      yield held;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

async function* decode(
  response: ProviderResponse,
  format: Format,
  context: TargetContext,
  map: EventMapper | undefined,
): AsyncGenerator<readonly StreamEvent[]> {
  const decoder = format.createStreamDecoder(context);
  try {
    for (let chunks = await response.next(); chunks !== undefined; chunks = await response.next()) {
      const events =
        chunks.length === 1 && chunks[0] !== undefined ? decoder.push(chunks[0]) : pushAll(decoder, chunks);
      if (events.length === 0) continue;
      const mapped = map === undefined ? events : mapBatch(events, map);
      if (mapped.length === 0) continue;
      yield mapped;
      const last = mapped[mapped.length - 1];
      if (last?.type === 'message-end' || last?.type === 'error') return;
    }
    const rest = decoder.end();
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
