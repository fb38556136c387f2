import {
  errors,
  type JsonObject,
  type JsonValue,
  parseJson,
  SignalboxError,
  type StreamRelay,
  type Usage,
} from '@signalbox/kit';
import { decodeErrorBody } from './errors.ts';
import { isObject, isUnsaid } from './fields.ts';
import { ModelEcho } from './model-echo.ts';
import { LineDecoder } from './ndjson.ts';
import { partsOf } from './reply-parts.ts';
import { decodeEnding } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';
import { startOfLine, WholeLines } from './whole-lines.ts';

const NOTHING = new Uint8Array();
const LF = 10;
const DONE = /"done"\s*:\s*true/;
const ERROR = /"error"\s*:/;
const CALLS = '"tool_calls"';

export function createStreamRelay({ echoModel }: { readonly echoModel: string | undefined }): StreamRelay {
  return new OllamaStreamRelay(echoModel);
}

/**
 * Lines are parsed until the first content, and after it only where they may have the end or an error. They go out whole,
 * once they are known: an end that finishes nothing is kept back, because clients go by its `done` alone.
 */
class OllamaStreamRelay implements StreamRelay {
  readonly #lines = new LineDecoder();
  readonly #whole = new WholeLines();
  readonly #echo: ModelEcho | undefined;
  committed = false;
  finished = false;
  error: SignalboxError | undefined;
  errorShown = false;
  usage: Usage | undefined;
  /** What was given out so far ends with a whole line, or there is none. */
  betweenFrames = true;
  #toolCalls = false;
  #falseEnd = false;
  #silent = false;

  constructor(echoModel: string | undefined) {
    this.#echo = echoModel === undefined ? undefined : new ModelEcho(echoModel);
  }

  push(chunk: Uint8Array): Uint8Array {
    const falseEnd = this.#scan(() => this.#lines.push(chunk), false);
    const bytes = this.#whole.push(chunk);
    if (falseEnd !== undefined) return this.#give(bytes.subarray(0, startOfLine(bytes, falseEnd)));
    // What is broken is not waited for.
    return this.#give(this.error === undefined ? bytes : Buffer.concat([bytes, this.#whole.end()]));
  }

  end(): Uint8Array {
    const falseEnd = this.#scan(() => this.#lines.end(), true);
    const rest = this.#give(falseEnd === undefined ? this.#whole.end() : NOTHING);
    if (this.#echo === undefined) return rest;
    const last = this.#echo.end();
    this.#follow(last);
    return Buffer.concat([rest, last]);
  }

  #give(bytes: Uint8Array): Uint8Array {
    if (this.#silent) return NOTHING;
    // Nothing that comes behind it is the client's.
    if (this.#falseEnd) this.#silent = true;
    return this.#follow(this.#echo === undefined ? bytes : this.#echo.push(bytes));
  }

  #follow(bytes: Uint8Array): Uint8Array {
    if (bytes.length > 0) this.betweenFrames = bytes[bytes.length - 1] === LF;
    return bytes;
  }

  /** @returns which of the lines says that the reply has ended although it has not; `undefined`: none does. */
  #scan(read: () => readonly string[], last: boolean): number | undefined {
    if (this.finished || this.error !== undefined) return undefined;
    try {
      for (const [index, line] of read().entries()) {
        if (this.finished || this.error !== undefined) break;
        this.#line(line, last);
        if (this.#falseEnd) return index;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.error ??= errors.malformedReply('The provider sent a line that is too long.', { cause: error });
    }
    return undefined;
  }

  #line(line: string, last: boolean): void {
    const looksWhole = line.startsWith('{') && line.trimEnd().endsWith('}');
    if (this.committed && looksWhole && !DONE.test(line) && !ERROR.test(line)) {
      if (line.includes(CALLS)) this.#toolCalls = true;
      return;
    }
    let body: JsonValue;
    try {
      body = parseJson(line);
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
    if (parts.content.trim() !== '' || parts.thinking !== '' || parts.calls.length > 0) this.committed = true;
    if (body.done !== true) return;
    this.usage = decodeUsage(body);
    const ending = decodeEnding(body, { toolCalls: this.#toolCalls, content: this.committed });
    if (SignalboxError.is(ending)) {
      this.error = ending;
      // Before any content nothing has gone out, and nothing will.
      this.#falseEnd = this.committed;
    } else this.finished = true;
  }
}
