import { errors, type JsonValue, SignalboxError, SseDecoder, type StreamRelay, type Usage } from '@signalbox/kit';
import { isEmpty } from './decode-reply.ts';
import { decodeErrorBody } from './errors.ts';
import { isObject, text } from './fields.ts';
import { ModelEcho } from './model-echo.ts';
import { decodeStop } from './stop-reason.ts';
import { isFailure, TERMINAL } from './stream-decoder.ts';
import { decodeUsage } from './usage.ts';

const NOTHING = new Uint8Array();
/** A line end, and a blank line after it. */
const FRAME_END = /(?:\n\r?\n|\r\r)$/;
/** The frame's own type: inside a text every quote has a backslash before it. */
const TYPE = /"type"\s*:\s*"((?:response\.[\w.]+|error))"/;
/** From here on the client has content. */
const CONTENT = /\.delta$|^response\.output_item\.done$/;

export function createStreamRelay(options: { readonly echoModel: string | undefined }): StreamRelay {
  return new ResponsesStreamRelay(options.echoModel);
}

/** Of each frame the type is looked up; only those that end a stream, and frames without a type, are parsed. */
class ResponsesStreamRelay implements StreamRelay {
  readonly #sse = new SseDecoder();
  readonly #echo: ModelEcho | undefined;
  #closed = false;
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
    this.#scan(() => this.#sse.push(chunk));
    return this.#give(this.#echo === undefined ? chunk : this.#echo.push(chunk));
  }

  end(): Uint8Array {
    this.#closed = true;
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
      if (!(error instanceof RangeError)) throw error;
      this.error ??= errors.malformedReply('The provider sent a stream frame that is too long.', { cause: error });
    }
  }

  #frame(name: string, data: string): void {
    if (this.finished || this.error !== undefined || data.trim() === '[DONE]') return;
    const type = TYPE.exec(data)?.[1] ?? name;
    if (CONTENT.test(type)) {
      const whole = data.startsWith('{') && data.trimEnd().endsWith('}');
      if (whole || this.#parse(data) !== undefined) this.committed = true;
      return;
    }
    const ends = TERMINAL.has(type) || type === 'error' || type === 'response.error';
    if (!ends && type.startsWith('response.') && data.trimEnd().endsWith('}')) return;
    const event = this.#parse(data);
    if (event === undefined) return;
    if (!isObject(event)) {
      this.error = errors.malformedReply('The provider sent a stream frame that is no JSON object.');
    } else if (TERMINAL.has(type)) {
      this.#end(isObject(event.response) ? event.response : {}, type);
    } else if (isFailure(event, text(event.type) ?? name)) {
      this.error = decodeErrorBody(200, {}, event);
    }
  }

  #end(response: { [key: string]: JsonValue | undefined }, type: string): void {
    this.usage = decodeUsage(response.usage) ?? this.usage;
    const status = text(response.status) ?? type.slice('response.'.length);
    const stop = decodeStop({ ...response, status }, { toolCalls: false, refused: false });
    if (SignalboxError.is(stop)) {
      this.error = stop;
      this.errorShown = type === 'response.failed';
      return;
    }
    if (!this.committed && isEmpty({ ...response, status })) {
      this.error = errors.emptyReply('The provider ended the reply without any content.');
      return;
    }
    this.committed = true;
    this.finished = true;
  }

  #parse(data: string): JsonValue | undefined {
    try {
      return JSON.parse(data) as JsonValue;
    } catch {
      if (!this.#closed) this.error ??= errors.malformedReply('The provider sent a stream frame that is not JSON.');
      return undefined;
    }
  }
}
