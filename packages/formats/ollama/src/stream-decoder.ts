import {
  BlockSequencer,
  errors,
  type JsonObject,
  type JsonValue,
  type Notes,
  parseJson,
  SignalboxError,
  type StreamDecoder,
  type StreamEvent,
  type TargetContext,
} from '@signalbox/kit';
import { CallIds, NO_STATE } from './decode-reply.ts';
import { decodeErrorBody } from './errors.ts';
import { isObject, isUnsaid, text } from './fields.ts';
import { LineDecoder } from './ndjson.ts';
import { noteLosses, partsOf, readCall } from './reply-parts.ts';
import { decodeEnding } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

export function createStreamDecoder(target: TargetContext): StreamDecoder {
  return new OllamaStreamDecoder(target);
}

class OllamaStreamDecoder implements StreamDecoder {
  readonly #target: TargetContext;
  readonly #lines = new LineDecoder();
  readonly #blocks = new BlockSequencer();
  readonly #ids = new CallIds();
  #inReasoning = false;
  readonly #noted = new Set<string>();
  readonly #notes: Pick<Notes, 'add'> = {
    add: (path, action, reason) => {
      if (this.#noted.has(path)) return;
      this.#noted.add(path);
      this.#target.notes.add(path, action, reason);
    },
  };

  constructor(target: TargetContext) {
    this.#target = target;
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    this.#guarded(() => {
      for (const line of this.#lines.push(chunk)) this.#line(line);
    });
    return this.#blocks.take();
  }

  end(): readonly StreamEvent[] {
    this.#guarded(() => {
      for (const line of this.#lines.end()) this.#line(line, true);
    });
    this.#fail(errors.cutStream('The provider closed the stream before the reply was finished.'));
    return this.#blocks.take();
  }

  /** Half a line at the very end says only that the provider broke off, which `end()` says. */
  #line(line: string, last = false): void {
    if (this.#blocks.ended) return;
    let body: JsonValue;
    try {
      body = parseJson(line);
    } catch {
      if (!last) this.#fail(errors.malformedReply('The provider sent a line that is not JSON.'));
      return;
    }
    if (isObject(body)) this.#object(body);
    else this.#fail(errors.malformedReply('The provider sent a line that is no JSON object.'));
  }

  #object(body: JsonObject): void {
    if (!isUnsaid(body.error)) {
      this.#fail(decodeErrorBody(200, {}, body));
      return;
    }
    const parts = partsOf(body);
    if (parts === undefined) {
      this.#fail(errors.malformedReply('The provider sent a line that is no part of a reply.'));
      return;
    }
    if (!this.#blocks.started) {
      const model = text(body.model);
      this.#blocks.start(model === undefined ? {} : { model });
    }
    noteLosses(body, this.#notes);
    if (parts.thinking !== '') this.#reasoning(parts.thinking);
    if (parts.content !== '') {
      this.#inReasoning = false;
      this.#blocks.text(parts.content);
    }
    for (const call of parts.calls) this.#call(call);
    if (body.done === true) this.#finish(body);
  }

  #reasoning(part: string): void {
    this.#blocks.reasoning(part);
    if (this.#inReasoning) return;
    this.#inReasoning = true;
    this.#blocks.reasoningState({ origin: this.#target.reasoningOrigin, data: NO_STATE });
  }

  /** A call comes whole: its place among the calls is its key, because `index` may be 0 for every one. */
  #call(value: JsonValue): void {
    this.#inReasoning = false;
    const { id, name, input } = readCall(value);
    const key = String(this.#blocks.toolCalls);
    this.#blocks.toolStart(key, this.#target.toolNames.original(name), this.#ids.claim(id));
    this.#blocks.toolInput(key, JSON.stringify(input));
    this.#blocks.toolEnd(key);
  }

  #finish(body: JsonObject): void {
    const usage = decodeUsage(body);
    if (usage !== undefined) this.#blocks.usage(usage);
    const { blocks, toolCalls } = this.#blocks;
    const ending = decodeEnding(body, { toolCalls: toolCalls > 0, content: blocks > 0 }, this.#target.notes);
    if (SignalboxError.is(ending)) this.#fail(ending);
    else this.#blocks.end(ending);
  }

  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (SignalboxError.is(error)) this.#fail(error);
      else if (error instanceof RangeError) {
        this.#fail(errors.malformedReply('The provider sent a line that is too long.', { cause: error }));
      } else throw error;
    }
  }

  #fail(error: SignalboxError): void {
    this.#blocks.fail(error.info());
  }
}
