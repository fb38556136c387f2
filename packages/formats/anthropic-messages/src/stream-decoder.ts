import {
  type ErrorInfo,
  errors,
  type JsonObject,
  type JsonValue,
  parseJson,
  SignalboxError,
  SseDecoder,
  type SseFrame,
  type StreamDecoder,
  type StreamEvent,
  type TargetContext,
} from '@signalbox/kit';
import { decodeWireError } from './decode-error.ts';
import { tagged } from './reply-blocks.ts';
import { decodeStop } from './stop-reason.ts';
import { StreamBlocks } from './stream-blocks.ts';
import { decodeUsage, mergeWireUsage } from './usage.ts';
import { extrasOf, isObject } from './wire.ts';

const MESSAGE = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage']);
const DELTA = new Set(['stop_reason', 'stop_sequence']);
const DELTA_EVENT = new Set(['type', 'delta', 'usage']);

/**
 * Decodes a provider's stream. Takes what real servers send: unknown events and deltas, no `message_stop` after a stop
 * reason, blocks that interleave, missing `content_block_stop`. A broken frame, an `error` event or an end without a stop
 * reason is an error, never a finished reply.
 */
export class AnthropicStreamDecoder implements StreamDecoder {
  readonly #sse = new SseDecoder();
  readonly #target: TargetContext;
  readonly #blocks: StreamBlocks;
  #events: StreamEvent[] = [];
  #started = false;
  #done = false;
  #closed = false;
  #usage: JsonObject | undefined;
  /** Usage stands between blocks only; what arrives inside one waits for the end. */
  #usageWaits = false;
  #extras: JsonObject | undefined;
  #stop: { reason: JsonValue; sequence: JsonValue | undefined } | undefined;

  constructor(target: TargetContext) {
    this.#target = target;
    this.#blocks = new StreamBlocks(target, (event) => this.#push(event));
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    return this.#read(() => this.#sse.push(chunk));
  }

  end(): readonly StreamEvent[] {
    this.#closed = true;
    const events = this.#read(() => this.#sse.end()) as StreamEvent[];
    if (this.#done) return events;
    if (this.#stop !== undefined) this.#finish();
    else this.#fail(errors.cutStream('The provider ended the stream before the reply was finished.').info());
    return [...events, ...this.#take()];
  }

  #read(frames: () => SseFrame[]): readonly StreamEvent[] {
    if (this.#done) return [];
    try {
      for (const frame of frames()) {
        this.#frame(frame);
        if (this.#done) break;
      }
    } catch (error) {
      const unreadable = errors.malformedReply('The provider sent a stream that cannot be read.');
      this.#fail(SignalboxError.is(error) ? error.info() : unreadable.info());
    }
    return this.#take();
  }

  #take(): StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #push(event: StreamEvent): void {
    if (!this.#started) this.#start({});
    this.#events.push(event);
  }

  #frame({ event, data }: SseFrame): void {
    // Frames that start otherwise are no JSON objects: `[DONE]` is harmless, anything else is broken.
    if (data.startsWith('[DONE]')) return;
    const wire = this.#parse(data);
    if (!isObject(wire)) return;
    switch (wire.type ?? (event === '' && isObject(wire.error) ? 'error' : event)) {
      case 'message_start':
        this.#start(isObject(wire.message) ? wire.message : {});
        break;
      case 'content_block_start':
        this.#blocks.start(wire.index, wire.content_block);
        break;
      case 'content_block_delta':
        this.#blocks.delta(wire.index, wire.delta);
        break;
      case 'content_block_stop':
        this.#blocks.stop(wire.index);
        break;
      case 'message_delta':
        this.#messageDelta(wire);
        break;
      case 'message_stop':
        if (this.#started) this.#finish();
        else this.#fail(errors.malformedReply('The provider ended a message that it never started.').info());
        break;
      case 'error':
        this.#fail(decodeWireError(wire).info());
    }
  }

  /** Half a frame at the very end says only that the provider broke off, which `end()` judges. */
  #parse(data: string): JsonValue | undefined {
    try {
      return parseJson(data);
    } catch (error) {
      if (this.#closed) return undefined;
      throw error;
    }
  }

  #start(message: JsonObject): void {
    if (this.#started) return;
    this.#started = true;
    const { id, model } = message;
    this.#extras = extrasOf(message, MESSAGE);
    this.#events.push({
      type: 'message-start',
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof model === 'string' ? { model } : {}),
      ...tagged(this.#extras),
    });
    this.#report(message.usage);
  }

  #report(usage: JsonValue | undefined): void {
    if (isObject(usage)) this.#usage = mergeWireUsage(this.#usage, usage);
    else if (!this.#usageWaits) return;
    this.#usageWaits = this.#blocks.isOpen;
    const decoded = this.#usageWaits ? undefined : decodeUsage(this.#usage);
    if (decoded !== undefined) this.#push({ type: 'usage', usage: decoded });
  }

  #messageDelta(wire: JsonObject): void {
    const delta = isObject(wire.delta) ? wire.delta : {};
    if (typeof delta.stop_reason === 'string') {
      this.#stop = { reason: delta.stop_reason, sequence: delta.stop_sequence };
      this.#blocks.closeAll();
    }
    this.#report(wire.usage);
    const extras = { ...extrasOf(delta, DELTA), ...extrasOf(wire, DELTA_EVENT) };
    if (Object.keys(extras).length > 0) this.#extras = { ...this.#extras, ...extras };
  }

  #finish(): void {
    this.#blocks.closeAll();
    this.#report(undefined);
    this.#push({
      type: 'message-end',
      ...decodeStop(this.#stop?.reason, this.#stop?.sequence, this.#blocks.toolCalls > 0, this.#target.notes),
      ...tagged(this.#extras),
    });
    this.#done = true;
  }

  #fail(error: ErrorInfo): void {
    this.#done = true;
    this.#events.push({ type: 'error', error });
  }
}
