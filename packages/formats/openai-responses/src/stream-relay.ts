import {
  errors,
  type JsonValue,
  parseJson,
  SignalboxError,
  type SseFrame,
  SseRelay,
  type StreamRelay,
  type Usage,
} from '@signalbox/kit';
import { isEmpty, saysNothing } from './decode-reply.ts';
import { decodeErrorBody } from './errors.ts';
import { isObject, text } from './fields.ts';
import { ModelEcho } from './model-echo.ts';
import { decodeStop } from './stop-reason.ts';
import { isFailure, TERMINAL } from './stream-decoder.ts';
import { StreamPlace } from './stream-place.ts';
import { decodeUsage } from './usage.ts';

/** The frame's own type: inside a text every quote has a backslash before it. */
const TYPE = /"type"\s*:\s*"((?:response\.[\w.]+|error))"/;
/** From here on the client has content. */
const CONTENT = /\.delta$|^response\.output_item\.done$/;

/** Words that are none. */
const BLANK = /"delta"\s*:\s*"(?:\s|\\[nrt])*"/;
const WORDS = /^response\.(?:output_text|refusal)\.delta$/;

export function createStreamRelay(options: { readonly echoModel: string | undefined }): StreamRelay {
  return new ResponsesStreamRelay(options.echoModel);
}

/** Of each frame the type is looked up; only those that end a stream, and frames without a type, are parsed. */
export class ResponsesStreamRelay extends SseRelay {
  readonly place = new StreamPlace();
  usage: Usage | undefined;

  constructor(echoModel: string | undefined) {
    super(echoModel === undefined ? undefined : new ModelEcho(echoModel));
  }

  protected frame({ event: name, data }: SseFrame, last: boolean): void {
    if (this.finished || this.error !== undefined || data.trim() === '[DONE]') return;
    if (!last || this.#parse(data, last) !== undefined) this.place.pass(data);
    const type = TYPE.exec(data)?.[1] ?? name;
    if (CONTENT.test(type)) {
      const whole = data.startsWith('{') && data.trimEnd().endsWith('}');
      if (!whole && this.#parse(data, last) === undefined) return;
      if (!this.committed) this.committed = this.#saysSomething(type, data, last);
      return;
    }
    const ends = TERMINAL.has(type) || type === 'error' || type === 'response.error';
    if (!ends && type.startsWith('response.') && data.trimEnd().endsWith('}')) return;
    const event = this.#parse(data, last);
    if (event === undefined) return;
    if (!isObject(event)) {
      this.fail(errors.malformedReply('The provider sent a stream frame that is no JSON object.'));
    } else if (TERMINAL.has(type)) {
      this.#end(isObject(event.response) ? event.response : {}, type);
    } else if (isFailure(event, text(event.type) ?? name)) {
      this.fail(decodeErrorBody(200, {}, event));
    }
  }

  #saysSomething(type: string, data: string, last: boolean): boolean {
    if (WORDS.test(type)) return !BLANK.test(data);
    if (!type.endsWith('.done')) return true;
    const event = this.#parse(data, last);
    return isObject(event) && !saysNothing(event.item);
  }

  #end(response: { [key: string]: JsonValue | undefined }, type: string): void {
    this.usage = decodeUsage(response.usage) ?? this.usage;
    const status = text(response.status) ?? type.slice('response.'.length);
    const stop = decodeStop({ ...response, status }, { toolCalls: false, refused: false, content: true });
    if (SignalboxError.is(stop)) {
      this.fail(stop, type === 'response.failed');
      return;
    }
    if (!this.committed && isEmpty({ ...response, status })) {
      this.fail(errors.emptyReply('The provider ended the reply without any content.'));
      return;
    }
    this.committed = true;
    this.finished = true;
  }

  #parse(data: string, last: boolean): JsonValue | undefined {
    try {
      return parseJson(data);
    } catch {
      if (!last) this.fail(errors.malformedReply('The provider sent a stream frame that is not JSON.'));
      return undefined;
    }
  }
}
