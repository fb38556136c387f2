import {
  errors,
  type JsonValue,
  parseJson,
  type SseFrame,
  SseRelay,
  type StreamRelay,
  type Usage,
} from '@signalbox/kit';
import { emptyEnd, hasContent, isError, readUsage } from './decode-reply.ts';
import type { Dialect } from './dialect.ts';
import { decodeErrorBody } from './errors.ts';
import { isObject, text } from './fields.ts';
import { ModelEcho } from './model-echo.ts';

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
class ChatStreamRelay extends SseRelay {
  readonly #dialect: Dialect;
  usage: Usage | undefined;
  constructor(echoModel: string | undefined, dialect: Dialect) {
    super(echoModel === undefined ? undefined : new ModelEcho(echoModel));
    this.#dialect = dialect;
  }

  protected frame({ event, data }: SseFrame): void {
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
      this.fail(decodeErrorBody(200, {}, chunk, this.#dialect));
      this.errorShown = isObject(chunk) && isError(chunk.error);
      return;
    }
    this.usage = readUsage(chunk, this.#dialect) ?? this.usage;
    if (Array.isArray(chunk.choices)) for (const choice of chunk.choices) this.#choice(choice);
  }

  #choice(choice: JsonValue): void {
    if (!isObject(choice)) return;
    if (isError(choice.error) || choice.finish_reason === 'error') {
      this.fail(decodeErrorBody(200, {}, { error: choice.error ?? 'The provider broke off.' }, this.#dialect));
      return;
    }
    if (!this.committed && isObject(choice.delta)) this.committed = hasContent(choice.delta);
    if (text(choice.finish_reason) === undefined) return;
    const failure = this.committed ? undefined : emptyEnd(choice, {}, this.#dialect);
    if (failure !== undefined) {
      this.fail(failure);
      return;
    }
    this.finished = true;
    this.committed = true;
  }

  #parse(data: string): JsonValue | undefined {
    try {
      return parseJson(data);
    } catch {
      this.fail(errors.malformedReply('The provider sent a stream frame that is not JSON.'));
      return undefined;
    }
  }
}
