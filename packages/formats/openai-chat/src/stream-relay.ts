import { errors, type JsonValue, SignalboxError, SseDecoder, type StreamRelay, type Usage } from '@signalbox/kit';
import { isError, readUsage } from './decode-reply.ts';
import type { Dialect } from './dialect.ts';
import { decodeErrorBody } from './errors.ts';
import { isObject, text } from './fields.ts';
import { ModelEcho } from './model-echo.ts';

const NOTHING = new Uint8Array();
/** A line end, and a blank line after it. */
const FRAME_END = /(?:\n\r?\n|\r\r)$/;
const FINISH = /"finish_reason"\s*:\s*"/;
const USAGE = /"usage"\s*:\s*\{/;
const ERROR = /"error"\s*:\s*(?!null|""|\{\s*\}|false)/;

export function createStreamRelay(options: { readonly echoModel: string | undefined }, dialect: Dialect): StreamRelay {
  return new ChatStreamRelay(options.echoModel, dialect);
}

/**
 * Frames are parsed until the first content, and after it only where they have usage, an error or the finish reason. The
 * patterns cannot match inside a text, where every quote has a backslash before it.
 */
class ChatStreamRelay implements StreamRelay {
  readonly #dialect: Dialect;
  readonly #sse = new SseDecoder();
  readonly #echo: ModelEcho | undefined;
  committed = false;
  finished = false;
  error: SignalboxError | undefined;
  errorShown = false;
  usage: Usage | undefined;
  /** The last bytes given out, as many as the longest blank line with the line end before it. */
  #given = '\n\n';

  constructor(echoModel: string | undefined, dialect: Dialect) {
    this.#dialect = dialect;
    this.#echo = echoModel === undefined ? undefined : new ModelEcho(echoModel);
  }

  /** Nothing was given out yet, or it ended with the blank line of a frame. */
  get betweenFrames(): boolean {
    return FRAME_END.test(this.#given);
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#scan(() => this.#sse.push(chunk));
    return this.#give(this.#echo === undefined ? chunk : this.#echo.push(chunk));
  }

  end(): Uint8Array {
    this.#scan(() => this.#sse.end());
    return this.#echo === undefined ? NOTHING : this.#give(this.#echo.end());
  }

  #give(bytes: Uint8Array): Uint8Array {
    const last = bytes.subarray(Math.max(0, bytes.length - 4));
    this.#given = (this.#given + String.fromCharCode(...last)).slice(-4);
    return bytes;
  }

  #scan(read: () => readonly { readonly event: string; readonly data: string }[]): void {
    try {
      for (const { event, data } of read()) this.#frame(event, data);
    } catch (error) {
      if (SignalboxError.is(error)) {
        // A dialect's own reading of the usage.
        this.error ??= error;
        return;
      }
      if (!(error instanceof RangeError)) throw error;
      this.error ??= errors.malformedReply('The provider sent a stream frame that is too long.', { cause: error });
    }
  }

  #frame(event: string, data: string): void {
    if (data === '[DONE]' || data.trim() === '[DONE]') {
      this.finished = true;
      return;
    }
    const worthParsing =
      !this.committed || event === 'error' || FINISH.test(data) || USAGE.test(data) || ERROR.test(data);
    if (!worthParsing) {
      if (!data.startsWith('{') || !data.endsWith('}')) this.#parse(data);
      return;
    }
    const chunk = this.#parse(data);
    if (chunk === undefined) return;
    if (!isObject(chunk) || isError(chunk.error) || event === 'error' || chunk.object === 'error') {
      this.error ??= decodeErrorBody(200, {}, chunk, this.#dialect);
      this.errorShown = isObject(chunk) && isError(chunk.error);
      return;
    }
    this.usage = readUsage(chunk, this.#dialect) ?? this.usage;
    if (Array.isArray(chunk.choices)) for (const choice of chunk.choices) this.#choice(choice);
  }

  #choice(choice: JsonValue): void {
    if (!isObject(choice)) return;
    if (isError(choice.error) || choice.finish_reason === 'error') {
      this.error ??= decodeErrorBody(200, {}, { error: choice.error ?? 'The provider broke off.' }, this.#dialect);
      return;
    }
    if (!this.committed && isObject(choice.delta)) {
      const { role: _, ...content } = choice.delta;
      this.committed = Object.values(content).some(
        (value) => isObject(value) || (Array.isArray(value) ? value.length > 0 : text(value) !== undefined),
      );
    }
    const finish = text(choice.finish_reason);
    if (finish === undefined) return;
    if (finish === 'stop' && !this.committed) {
      this.error ??= errors.emptyReply('The provider answered without any content.');
      return;
    }
    this.finished = true;
    this.committed = true;
  }

  #parse(data: string): JsonValue | undefined {
    try {
      return JSON.parse(data) as JsonValue;
    } catch {
      this.error ??= errors.malformedReply('The provider sent a stream frame that is not JSON.');
      return undefined;
    }
  }
}
