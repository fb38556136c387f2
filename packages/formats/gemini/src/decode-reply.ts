import {
  type ChatReply,
  errors,
  type JsonObject,
  type ReplyInspection,
  SignalboxError,
  type TargetContext,
} from '@signalbox/kit';
import type { GeminiDialect } from './dialect.ts';
import { decodeErrorBody, isError } from './errors.ts';
import { isObject, tagged, text } from './fields.ts';
import { isReply, ReplyReader } from './reply-reader.ts';
import { BlockSink } from './reply-sink.ts';
import { decodeStopReason } from './stop-reason.ts';
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
  if (isReply(body)) return { usage, error: failureOf(body) };
  return { usage, error: errors.malformedReply('The provider answered with something that is no reply of Gemini’s.') };
}

/** What the first candidate's finish reason says of a model that failed, or said nothing. */
function failureOf({ candidates }: JsonObject): SignalboxError | undefined {
  const [candidate] = Array.isArray(candidates) ? candidates : [];
  if (!isObject(candidate)) return undefined;
  const word = text(candidate.finishReason);
  if (word === undefined) return undefined;
  const said = isObject(candidate.content) && Array.isArray(candidate.content.parts) ? candidate.content.parts : [];
  const parts = said.filter(isObject);
  const end = decodeStopReason(word, {
    toolCalls: parts.some(({ functionCall }) => isObject(functionCall)),
    content: parts.some(saysSomething),
    message: text(candidate.finishMessage),
  });
  return SignalboxError.is(end) ? end : undefined;
}

/** Whether a part is content; blanks alone are no text. */
export function saysSomething({ text: said, thought, thoughtSignature }: JsonObject): boolean {
  if (thoughtSignature !== undefined || typeof said !== 'string') return true;
  return thought === true ? said !== '' : said.trim() !== '';
}
