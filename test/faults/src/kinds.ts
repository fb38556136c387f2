import type { JsonObject, Plugin } from '@signalbox/kit';
import type { Turn, WireFormat } from '@signalbox/testkit';

/** A client format as the wall sees it: how to ask, and how to tell from the raw bytes what a client would believe. */
export interface ClientKind {
  readonly id: string;
  path(stream: boolean): string;
  readonly headers: Readonly<Record<string, string>>;
  body(stream: boolean): object;
  /** The parts of an answer's bytes that a client shows, each once. */
  visible(raw: string): string;
  /** The same as a client keeps it, where the format says a streamed answer once more for that. */
  kept?(raw: string): string;
  /** The bytes hold this format's mark of success. */
  readonly success: RegExp;
  /** The bytes hold an error in this format. */
  readonly error: RegExp;
}

export const QUESTION = 'Say the words.';

/** A provider format as the wall sees it: where it is asked, and what its answers look like. */
export interface ProviderKind {
  readonly id: WireFormat;
  plugin(name: string, baseUrl: string, timeouts: JsonObject): readonly [Plugin, JsonObject];
  /** A whole answer, and the frames of a streamed one. */
  answer(turn: Turn): Answer;
  /** The same without any count of tokens. */
  withoutUsage(answer: Answer): Answer;
  /** The body of an error, in the provider's own words where it has some. */
  error(error: ProviderError): JsonObject;
  /** The same inside a stream. */
  errorFrame(error: ProviderError): string;
  /** Headers that ask to be left alone for so long, where it is not the body that asks. */
  retryAfter(ms: number): Readonly<Record<string, string>>;
  /** What keeps the connection alive and says nothing. */
  readonly ping: string;
  /** What stands in a frame's place when it is broken. */
  readonly brokenFrame: string;
  /** How many frames at the end carry the mark of success and nothing of the answer. */
  readonly terminators: number;
  /** How many of them come behind the mark itself, and say nothing that matters. */
  readonly epilogue: number;
  readonly streamType: string;
}

export interface Answer {
  readonly body: JsonObject;
  readonly frames: readonly string[];
}

export interface ProviderError {
  readonly message: string;
  /** Of the HTTP answer; inside a 200: what it would have been. */
  readonly status?: number;
  /** As Anthropic and OpenAI spell it. */
  readonly type?: string;
  readonly code?: 'model_not_found' | 'insufficient_quota' | 'context_length_exceeded';
  readonly retryAfterMs?: number;
}

export const SSE = 'text/event-stream; charset=utf-8';

/** A frame of server-sent events with another value in its data. */
export function changeData(frame: string, change: (data: JsonObject) => JsonObject): string {
  return frame.replace(
    /^data: (\{.*\})$/m,
    (_line, data: string) => `data: ${JSON.stringify(change(JSON.parse(data)))}`,
  );
}

/** As Anthropic and OpenAI have it: to the millisecond. */
export function inMs(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after-ms': String(ms) };
}

/** Whole seconds, as HTTP has it. */
export function inSeconds(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.floor(ms / 1_000)) };
}
