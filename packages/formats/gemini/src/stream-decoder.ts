import {
  BlockSequencer,
  errors,
  type JsonObject,
  type JsonValue,
  parseJson,
  SignalboxError,
  SseDecoder,
  type StreamDecoder,
  type StreamEvent,
  type TargetContext,
  type Usage,
} from '@signalbox/kit';
import { BareError } from './bare-error.ts';
import type { GeminiDialect } from './dialect.ts';
import { decodeError } from './errors.ts';
import { isObject, tagged, text } from './fields.ts';
import { ReplyReader } from './reply-reader.ts';
import { StreamSink } from './reply-sink.ts';
import { decodeUsage, sameUsage } from './usage.ts';

/**
 * Decodes a provider's stream: every frame is a reply of its own whose parts go on with the ones before. The end is the
 * connection's; without a finish reason before it the reply was cut.
 */
export class GeminiStreamDecoder implements StreamDecoder {
  readonly #sse = new SseDecoder();
  readonly #bareError = new BareError();
  readonly #blocks = new BlockSequencer();
  readonly #reader: ReplyReader;
  #closed = false;
  /** The last one that went out. */
  #usage: Usage | undefined;

  constructor(target: TargetContext, { signatures }: GeminiDialect) {
    this.#reader = new ReplyReader(target, new StreamSink(this.#blocks), signatures);
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    this.#bareError.push(chunk);
    this.#guard(() => {
      for (const { data } of this.#sse.push(chunk)) this.#frame(data);
    });
    return this.#blocks.take();
  }

  end(): readonly StreamEvent[] {
    this.#closed = true;
    this.#guard(() => {
      for (const { data } of this.#sse.end()) this.#frame(data);
      if (!this.#blocks.ended) this.#finish();
    });
    return this.#blocks.take();
  }

  #frame(data: string): void {
    if (this.#blocks.ended || data.trim() === '[DONE]') return;
    let body: JsonValue;
    try {
      body = parseJson(data);
    } catch {
      // Half a frame at the very end says only that the provider broke off, which the end judges.
      if (this.#closed) return;
      throw errors.malformedReply('The provider sent a stream frame that is not JSON.');
    }
    if (!isObject(body)) throw errors.malformedReply('The provider sent a stream frame that is no JSON object.');
    this.#chunk(body);
  }

  #chunk(body: JsonObject): void {
    if (!this.#blocks.started && Object.keys(body).length > 0) {
      const id = text(body.responseId);
      const model = text(body.modelVersion);
      this.#blocks.start({ ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) });
    }
    this.#reader.read(body);
    const usage = decodeUsage(body.usageMetadata);
    if (usage === undefined || sameUsage(usage, this.#usage)) return;
    this.#usage = usage;
    this.#blocks.usage(usage);
  }

  #finish(): void {
    const bare = this.#bareError.text;
    if (bare !== undefined) throw decodeError(200, {}, bare);
    const end = this.#reader.end();
    this.#blocks.end({ ...end, ...tagged(this.#reader.extras) });
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (SignalboxError.is(error)) this.#blocks.fail(error.info());
      else if (error instanceof RangeError) {
        this.#blocks.fail(errors.malformedReply('The provider sent a stream frame that is too long.').info());
      } else throw error;
    }
  }
}
