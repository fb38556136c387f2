import { setTimeout as delay } from 'node:timers/promises';
import { type ChatReply, errors, messageToEvents, type StreamEvent } from '@signalbox/kit';

/** Whole code points, so that no surrogate pair is split. */
const PIECE = /.{1,24}/gsu;

/**
 * The events of an answer, a few words at a time.
 * @throws {SignalboxError} CLIENT_CLOSED as soon as the client has left.
 */
export async function* streamPieces(
  reply: ChatReply,
  chunkDelayMs: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StreamEvent[]> {
  let batch: StreamEvent[] = [];
  for (const event of messageToEvents(reply)) {
    for (const piece of pieces(event)) {
      batch.push(piece);
      if (!piece.type.endsWith('-delta') && piece.type !== 'message-end') continue;
      yield batch;
      batch = [];
      if (piece.type !== 'message-end') await pause(chunkDelayMs, signal);
    }
  }
}

function* pieces(event: StreamEvent): Generator<StreamEvent> {
  if (event.type === 'text-delta' || event.type === 'reasoning-delta') {
    for (const text of cutText(event.text)) yield { ...event, text };
  } else if (event.type === 'tool-input-delta') {
    for (const json of cutText(event.json)) yield { ...event, json };
  } else {
    yield event;
  }
}

function cutText(text: string): string[] {
  return text.match(PIECE) ?? [];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    throw errors.clientClosed();
  }
}
