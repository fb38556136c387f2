import { type ChatReply, errors, type JsonObject, type ReplyInspection, type TargetContext } from '@signalbox/kit';
import type { GeminiDialect } from './dialect.ts';
import { decodeErrorBody, isError } from './errors.ts';
import { tagged, text } from './fields.ts';
import { isReply, ReplyReader } from './reply-reader.ts';
import { BlockSink } from './reply-sink.ts';
import { decodeUsage } from './usage.ts';

/**
 * The canonical reply of a whole answer, of its first candidate.
 * @throws {SignalboxError} MALFORMED_REPLY, EMPTY_REPLY, or what an error inside a 200 says.
 */
export function decodeReply(body: JsonObject, target: TargetContext, { signatures }: GeminiDialect): ChatReply {
  const { usage, error } = inspectReply(body);
  if (error !== undefined) throw error;
  const sink = new BlockSink();
  const reader = new ReplyReader(target, sink, signatures);
  reader.read(body);
  if (!reader.finished) throw errors.malformedReply('The provider answered without saying how its answer ended.');
  const end = reader.end();
  const id = text(body.responseId);
  const model = text(body.modelVersion);
  return {
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    content: sink.content,
    ...end,
    ...(usage === undefined ? {} : { usage }),
    ...tagged(reader.extras),
  };
}

/** Usage and failure of a whole reply that passes through. */
export function inspectReply(body: JsonObject): ReplyInspection {
  const usage = decodeUsage(body.usageMetadata);
  if (isError(body.error)) return { usage, error: decodeErrorBody(200, {}, body) };
  if (isReply(body)) return { usage, error: undefined };
  return { usage, error: errors.malformedReply('The provider answered with something that is no reply of Gemini’s.') };
}
