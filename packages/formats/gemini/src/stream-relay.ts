import {
  errors,
  type JsonValue,
  mergeUsage,
  SignalboxError,
  SseDecoder,
  type StreamRelay,
  type Usage,
} from '@signalbox/kit';
import { BareError } from './bare-error.ts';
import { decodeError, decodeErrorBody, isError } from './errors.ts';
import { isObject, text } from './fields.ts';
import { ModelEcho } from './model-echo.ts';
import { decodeStopReason } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

const NOTHING = new Uint8Array();
/** A line end, and a blank line after it. */
const FRAME_END = /(?:\n\r?\n|\r\r)$/;

/** Reads the frames that go by. Google's are large and few, and each has the usage so far: every one is parsed. */
export class GeminiStreamRelay implements StreamRelay {
  readonly #sse = new SseDecoder();
  readonly #bareError = new BareError();
  readonly #echo: ModelEcho | undefined;
  committed = false;
  finished = false;
  error: SignalboxError | undefined;
  errorShown = false;
  usage: Usage | undefined;
  /** The last bytes given out, as many as the longest blank line with the line end before it. */
  #given = '\n\n';

  constructor(echoModel: string | undefined) {
    this.#echo = echoModel === undefined ? undefined : new ModelEcho(echoModel);
  }

  /** Nothing was given out yet, or it ended with the blank line of a frame. */
  get betweenFrames(): boolean {
    return FRAME_END.test(this.#given);
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#bareError.push(chunk);
    this.#scan(() => this.#sse.push(chunk));
    return this.#give(this.#echo === undefined ? chunk : this.#echo.push(chunk));
  }

  end(): Uint8Array {
    this.#scan(() => this.#sse.end());
    const bare = this.#bareError.text;
    if (bare !== undefined) this.#fail(decodeError(200, {}, bare), true);
    return this.#echo === undefined ? NOTHING : this.#give(this.#echo.end());
  }

  #give(bytes: Uint8Array): Uint8Array {
    const last = bytes.subarray(Math.max(0, bytes.length - 4));
    this.#given = (this.#given + String.fromCharCode(...last)).slice(-4);
    return bytes;
  }

  #scan(read: () => readonly { readonly data: string }[]): void {
    try {
      for (const { data } of read()) this.#frame(data);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail(errors.malformedReply('The provider sent a stream frame that is too long.', { cause: error }), false);
    }
  }

  #frame(data: string): void {
    if (this.error !== undefined || data.trim() === '[DONE]') return;
    let body: JsonValue;
    try {
      body = JSON.parse(data) as JsonValue;
    } catch {
      this.#fail(errors.malformedReply('The provider sent a stream frame that is not JSON.'), false);
      return;
    }
    if (!isObject(body)) {
      this.#fail(errors.malformedReply('The provider sent a stream frame that is no JSON object.'), false);
      return;
    }
    if (isError(body.error)) {
      this.#fail(decodeErrorBody(200, {}, body), true);
      return;
    }
    const usage = decodeUsage(body.usageMetadata);
    if (usage !== undefined) this.usage = mergeUsage(this.usage, usage);
    const feedback = body.promptFeedback;
    if (isObject(feedback) && text(feedback.blockReason) !== undefined) this.#finish();
    if (Array.isArray(body.candidates)) for (const candidate of body.candidates) this.#candidate(candidate);
  }

  #candidate(candidate: JsonValue): void {
    if (!isObject(candidate) || (typeof candidate.index === 'number' && candidate.index > 0)) return;
    const parts = isObject(candidate.content) ? candidate.content.parts : undefined;
    if (Array.isArray(parts) && parts.some((part) => isObject(part) && part.text !== '')) this.committed = true;
    const word = text(candidate.finishReason);
    if (word === undefined || word === 'FINISH_REASON_UNSPECIFIED') return;
    const end = decodeStopReason(word, {
      toolCalls: false,
      content: this.committed,
      message: text(candidate.finishMessage),
    });
    // Clients see the word themselves.
    if (SignalboxError.is(end)) this.#fail(end, true);
    else this.#finish();
  }

  #finish(): void {
    this.finished = true;
    this.committed = true;
  }

  #fail(error: SignalboxError, shown: boolean): void {
    if (this.error !== undefined) return;
    this.error = error;
    this.errorShown = shown;
    this.finished = false;
  }
}
