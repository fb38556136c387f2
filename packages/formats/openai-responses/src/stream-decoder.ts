import {
  BlockSequencer,
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
import { replyExtras } from './decode-reply.ts';
import { decodeErrorBody } from './errors.ts';
import { isObject, text } from './fields.ts';
import { OutputItem } from './output-item.ts';
import { OutputOrder } from './output-order.ts';
import { decodeStop } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

/** What ends a stream, each with the whole response. */
export const TERMINAL: ReadonlySet<JsonValue | undefined> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
]);

export function createStreamDecoder(target: TargetContext): StreamDecoder {
  return new ResponsesStreamDecoder(target);
}

class ResponsesStreamDecoder implements StreamDecoder {
  readonly #target: TargetContext;
  readonly #sse = new SseDecoder();
  readonly #blocks = new BlockSequencer();
  readonly #order = new OutputOrder((event, index) => this.#itemEvent(event, index));
  readonly #items = new Map<number, OutputItem>();
  readonly #done = new Set<number>();
  #refused = false;
  #closed = false;

  constructor(target: TargetContext) {
    this.#target = target;
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    this.#read(() => this.#sse.push(chunk));
    return this.#blocks.take();
  }

  end(): readonly StreamEvent[] {
    this.#closed = true;
    this.#read(() => this.#sse.end());
    this.#fail(errors.cutStream('The provider closed the stream before the reply was finished.'));
    return this.#blocks.take();
  }

  #read(frames: () => readonly SseFrame[]): void {
    try {
      for (const frame of frames()) this.#frame(frame);
    } catch (error) {
      if (SignalboxError.is(error)) {
        this.#fail(error);
        return;
      }
      if (!(error instanceof RangeError)) throw error;
      this.#fail(errors.malformedReply('The provider sent a stream frame that is too long.', { cause: error }));
    }
  }

  #frame({ event: name, data }: SseFrame): void {
    if (this.#blocks.ended || data.trim() === '[DONE]') return;
    let event: JsonValue;
    try {
      event = parseJson(data);
    } catch {
      // Half a frame at the very end says only that the provider broke off.
      if (this.#closed) return;
      throw errors.malformedReply('The provider sent a stream frame that is not JSON.');
    }
    if (!isObject(event)) throw errors.malformedReply('The provider sent a stream frame that is no JSON object.');
    const type = text(event.type) ?? name;
    event.type = type;
    if (typeof event.output_index === 'number') this.#item(event, event.output_index);
    else if (TERMINAL.has(type)) this.#finish(isObject(event.response) ? event.response : {}, type);
    else if (isFailure(event, type)) throw decodeErrorBody(200, {}, event);
    else if (isObject(event.response)) this.#start(event.response);
  }

  #start(response: JsonObject): void {
    const id = text(response.id);
    const model = text(response.model);
    this.#blocks.start({ ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) });
  }

  /** What still comes of an item that is done says nothing new. */
  #item(event: JsonObject, index: number): void {
    if (!this.#done.has(index)) this.#order.add(event, index);
  }

  #itemEvent(event: JsonObject, index: number): void {
    if (this.#done.has(index)) return;
    const { type } = event;
    const item = this.#itemAt(index);
    switch (type) {
      case 'response.output_item.added':
        if (isObject(event.item)) item.begin(event.item);
        return;
      case 'response.output_item.done':
        this.#endItem(item, index, isObject(event.item) ? event.item : {});
        return;
      case 'response.output_text.delta':
        item.text(indexOf(event.content_index), string(event.delta));
        return;
      case 'response.refusal.delta':
        item.refused = true;
        item.text(indexOf(event.content_index), string(event.delta));
        return;
      case 'response.output_text.done':
        item.wholeText(indexOf(event.content_index), string(event.text));
        return;
      case 'response.output_text.annotation.added':
        if (event.annotation !== undefined) item.annotation(event.annotation);
        return;
      case 'response.reasoning_summary_text.delta':
        item.reasoning('summary', indexOf(event.summary_index), string(event.delta));
        return;
      case 'response.reasoning_text.delta':
        item.reasoning('raw', indexOf(event.content_index), string(event.delta));
        return;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        item.arguments(string(event.delta));
    }
  }

  #itemAt(index: number): OutputItem {
    let item = this.#items.get(index);
    if (item === undefined) {
      item = new OutputItem(index, this.#blocks, this.#target);
      this.#items.set(index, item);
    }
    return item;
  }

  #endItem(item: OutputItem, index: number, whole: JsonObject): void {
    this.#done.add(index);
    item.end(whole);
    if (item.refused) this.#refused = true;
    this.#order.next();
  }

  #finish(response: JsonObject, type: string): void {
    this.#start(response);
    const completed = type === 'response.completed';
    // Some servers tell an item here only; one that is cut off has its end here, if anywhere.
    if (type !== 'response.failed' && Array.isArray(response.output)) {
      response.output.forEach((whole, index) => {
        if (this.#done.has(index) || !isObject(whole)) return;
        if (completed || !this.#items.has(index))
          this.#order.add({ type: 'response.output_item.done', item: whole }, index);
      });
    }
    const usage = decodeUsage(response.usage);
    if (usage !== undefined) this.#blocks.usage(usage);
    const unfinished = this.#order.current;
    if (completed && unfinished !== undefined && !this.#done.has(unfinished)) {
      throw errors.malformedReply('The provider completed a response with an unfinished output item.');
    }
    for (const item of this.#items.values()) if (item.refused) this.#refused = true;
    const { blocks, toolCalls } = this.#blocks;
    const seen = { toolCalls: toolCalls > 0, refused: this.#refused, content: blocks > 0 };
    const status = text(response.status) ?? type.slice('response.'.length);
    const stop = decodeStop({ ...response, status }, seen, this.#target.notes);
    if (SignalboxError.is(stop)) throw stop;
    this.#blocks.close();
    if (this.#blocks.blocks === 0 && stop.stopReason === 'end-turn') {
      throw errors.emptyReply('The provider ended the reply without any content.');
    }
    this.#blocks.end({ ...stop, ...replyExtras(response) });
  }

  #fail(error: SignalboxError): void {
    this.#blocks.fail(error.info());
  }
}

/** An `error` event, or a bare error object as some servers send it. */
export function isFailure(event: JsonObject, type: string): boolean {
  return type === 'error' || type === 'response.error' || (isObject(event.error) && event.response === undefined);
}

function indexOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function string(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
