import {
  errors,
  type JsonValue,
  mergeUsage,
  parseJson,
  SignalboxError,
  type SseFrame,
  SseRelay,
  type Usage,
} from '@signalbox/kit';
import { BareError } from './bare-error.ts';
import { saysSomething } from './decode-reply.ts';
import { decodeError, decodeErrorBody, isError } from './errors.ts';
import { isObject, text } from './fields.ts';
import { ModelEcho } from './model-echo.ts';
import { decodeStopReason } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

/** What ends a reply, or makes it fail. Inside a text every quote has a backslash before it. */
const ENDING = /"(?:finishReason|error|promptFeedback)"\s*:/;
const USAGE = '"usageMetadata"';

/**
 * Reads the frames that go by. They are parsed until the first content, and after it only where they have an end or an
 * error. Each has the usage so far: of those that only go on the last one is parsed when somebody asks.
 */
export class GeminiStreamRelay extends SseRelay {
  readonly #bareError = new BareError();
  #usage: Usage | undefined;
  /** The last frame with usage that was not parsed. */
  #unread: string | undefined;

  constructor(echoModel: string | undefined) {
    super(echoModel === undefined ? undefined : new ModelEcho(echoModel));
  }

  get usage(): Usage | undefined {
    const unread = this.#unread;
    this.#unread = undefined;
    if (unread !== undefined) this.#count(parsed(unread));
    return this.#usage;
  }

  override push(chunk: Uint8Array): Uint8Array {
    this.#bareError.push(chunk);
    return super.push(chunk);
  }

  override end(): Uint8Array {
    const rest = super.end();
    const bare = this.#bareError.text;
    if (bare !== undefined) this.fail(decodeError(200, {}, bare), true);
    return rest;
  }

  protected frame({ data }: SseFrame): void {
    if (this.error !== undefined || data.trim() === '[DONE]') return;
    if (this.committed && data.startsWith('{') && data.endsWith('}') && !ENDING.test(data)) {
      if (data.includes(USAGE)) this.#unread = data;
      return;
    }
    const body = parsed(data);
    if (body === undefined) {
      this.fail(errors.malformedReply('The provider sent a stream frame that is not JSON.'));
      return;
    }
    if (!isObject(body)) {
      this.fail(errors.malformedReply('The provider sent a stream frame that is no JSON object.'));
      return;
    }
    if (isError(body.error)) {
      this.fail(decodeErrorBody(200, {}, body), true);
      return;
    }
    this.#count(body);
    const feedback = body.promptFeedback;
    if (isObject(feedback) && text(feedback.blockReason) !== undefined) this.#finish();
    if (Array.isArray(body.candidates)) for (const candidate of body.candidates) this.#candidate(candidate);
  }

  /** What a later report leaves out stays as it was. */
  #count(body: JsonValue | undefined): void {
    const usage = isObject(body) ? decodeUsage(body.usageMetadata) : undefined;
    if (usage !== undefined) this.#usage = mergeUsage(this.usage, usage);
  }

  #candidate(candidate: JsonValue): void {
    if (!isObject(candidate) || (typeof candidate.index === 'number' && candidate.index > 0)) return;
    const parts = isObject(candidate.content) ? candidate.content.parts : undefined;
    if (Array.isArray(parts) && parts.some((part) => isObject(part) && saysSomething(part))) this.committed = true;
    const word = text(candidate.finishReason);
    if (word === undefined || word === 'FINISH_REASON_UNSPECIFIED') return;
    const end = decodeStopReason(word, {
      toolCalls: false,
      content: this.committed,
      message: text(candidate.finishMessage),
    });
    // Clients see the word themselves.
    if (SignalboxError.is(end)) this.fail(end, true);
    else this.#finish();
  }

  #finish(): void {
    this.finished = true;
    this.committed = true;
  }

  protected override fail(error: SignalboxError, shown = false): void {
    super.fail(error, shown);
    this.finished = false;
  }
}

function parsed(data: string): JsonValue | undefined {
  try {
    return parseJson(data);
  } catch {
    return undefined;
  }
}
