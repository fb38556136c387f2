import { errors, type JsonObject, type JsonValue, SignalboxError, type StreamRelay, type Usage } from '@signalbox/kit';
import { decodeErrorBody } from './errors.ts';
import { isObject, isUnsaid } from './fields.ts';
import { ModelEcho } from './model-echo.ts';
import { LineDecoder } from './ndjson.ts';
import { partsOf } from './reply-parts.ts';
import { decodeEnding } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

const NOTHING = new Uint8Array();
const LF = 10;
const DONE = /"done"\s*:\s*true/;
const ERROR = /"error"\s*:/;
const CALLS = '"tool_calls"';

export function createStreamRelay({ echoModel }: { readonly echoModel: string | undefined }): StreamRelay {
  return new OllamaStreamRelay(echoModel);
}

/** Lines are parsed until the first content, and after it only where they may have the end or an error. */
class OllamaStreamRelay implements StreamRelay {
  readonly #lines = new LineDecoder();
  readonly #echo: ModelEcho | undefined;
  committed = false;
  finished = false;
  error: SignalboxError | undefined;
  errorShown = false;
  usage: Usage | undefined;
  /** What was given out so far ends with a whole line, or there is none. */
  betweenFrames = true;
  #toolCalls = false;

  constructor(echoModel: string | undefined) {
    this.#echo = echoModel === undefined ? undefined : new ModelEcho(echoModel);
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#scan(() => this.#lines.push(chunk), false);
    return this.#give(this.#echo === undefined ? chunk : this.#echo.push(chunk));
  }

  end(): Uint8Array {
    this.#scan(() => this.#lines.end(), true);
    return this.#echo === undefined ? NOTHING : this.#give(this.#echo.end());
  }

  #give(bytes: Uint8Array): Uint8Array {
    if (bytes.length > 0) this.betweenFrames = bytes[bytes.length - 1] === LF;
    return bytes;
  }

  #scan(read: () => readonly string[], last: boolean): void {
    try {
      for (const line of read()) if (!this.finished && this.error === undefined) this.#line(line, last);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.error ??= errors.malformedReply('The provider sent a line that is too long.', { cause: error });
    }
  }

  #line(line: string, last: boolean): void {
    const looksWhole = line.startsWith('{') && line.trimEnd().endsWith('}');
    if (this.committed && looksWhole && !DONE.test(line) && !ERROR.test(line)) {
      if (line.includes(CALLS)) this.#toolCalls = true;
      return;
    }
    let body: JsonValue;
    try {
      body = JSON.parse(line) as JsonValue;
    } catch {
      // Half a line at the very end: the reply is unfinished, and that says enough.
      if (!last) this.error = errors.malformedReply('The provider sent a line that is not JSON.');
      return;
    }
    if (isObject(body)) this.#object(body);
    else this.error = errors.malformedReply('The provider sent a line that is no JSON object.');
  }

  #object(body: JsonObject): void {
    if (!isUnsaid(body.error)) {
      this.error = decodeErrorBody(200, {}, body);
      this.errorShown = typeof body.error === 'string';
      return;
    }
    const parts = partsOf(body);
    if (parts === undefined) {
      this.error = errors.malformedReply('The provider sent a line that is no part of a reply.');
      return;
    }
    if (parts.calls.length > 0) this.#toolCalls = true;
    if (parts.content !== '' || parts.thinking !== '' || parts.calls.length > 0) this.committed = true;
    if (body.done !== true) return;
    this.usage = decodeUsage(body);
    const ending = decodeEnding(body, { toolCalls: this.#toolCalls, content: this.committed });
    if (SignalboxError.is(ending)) this.error = ending;
    else this.finished = true;
  }
}
