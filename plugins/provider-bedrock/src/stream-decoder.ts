import {
  BlockSequencer,
  errors,
  type JsonObject,
  type JsonValue,
  type StreamDecoder,
  type StreamEvent,
  type TargetContext,
  wordOf,
} from '@signalbox/kit';
import { decodeException } from './errors.ts';
import { type EventFrame, EventFrames } from './event-frames.ts';
import { objectOf, text } from './fields.ts';
import { asFailure, decodeEnd } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

/**
 * Decodes `converse-stream`. Text and reasoning blocks begin with their first delta; the counts come last, after the stop
 * reason, so the reply ends with them, or with the stream.
 */
export class ConverseStreamDecoder implements StreamDecoder {
  readonly #target: TargetContext;
  readonly #frames = new EventFrames();
  readonly #blocks = new BlockSequencer();
  readonly #noted = new Set<string>();
  #signature = '';
  #stopped: JsonObject | undefined;

  constructor(target: TargetContext) {
    this.#target = target;
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    this.#guard(() => {
      for (const frame of this.#frames.push(chunk)) if (!this.#blocks.ended) this.#frame(frame);
    });
    return this.#blocks.take();
  }

  end(): readonly StreamEvent[] {
    this.#guard(() => {
      if (this.#blocks.ended) return;
      if (this.#stopped === undefined || this.#frames.pending) {
        throw errors.cutStream('The provider closed the stream before the reply was finished.');
      }
      this.#finish(this.#stopped);
    });
    return this.#blocks.take();
  }

  #frame({ kind, name, payload }: EventFrame): void {
    if (kind !== 'event') throw decodeException(name, payload);
    const event = objectOf(payload);
    const key = wordOf(event.contentBlockIndex);
    switch (name) {
      case 'messageStart':
        this.#blocks.start();
        break;
      case 'contentBlockStart':
        this.#blockStart(objectOf(event.start), key);
        break;
      case 'contentBlockDelta':
        this.#delta(objectOf(event.delta), key);
        break;
      case 'contentBlockStop':
        this.#signature = '';
        // Blocks come one after the other, and only this says where one of text ends.
        this.#blocks.close();
        break;
      case 'messageStop':
        this.#stopped = event;
        break;
      case 'metadata': {
        const usage = decodeUsage(event.usage);
        if (usage !== undefined) this.#blocks.usage(usage);
        if (this.#stopped !== undefined) this.#finish(this.#stopped);
      }
    }
  }

  #blockStart(start: JsonObject, key: string): void {
    const { toolUse, ...others } = start;
    if (toolUse === undefined) {
      for (const kind in others) this.#noteOnce(kind);
      return;
    }
    const { name, toolUseId } = objectOf(toolUse);
    const said = text(name);
    if (said === undefined) throw errors.malformedReply('The provider sent a tool call without a name.');
    this.#blocks.toolStart(key, this.#target.toolNames.original(said), text(toolUseId));
  }

  #delta(delta: JsonObject, key: string): void {
    const { text: part, toolUse, reasoningContent, ...others } = delta;
    if (typeof part === 'string') this.#blocks.text(part);
    if (toolUse !== undefined) this.#blocks.toolInput(key, text(objectOf(toolUse).input) ?? '');
    if (reasoningContent !== undefined) this.#reasoning(objectOf(reasoningContent));
    for (const kind in others) this.#noteOnce(kind);
  }

  #reasoning(content: JsonObject): void {
    const { reasoningOrigin: origin } = this.#target;
    const redacted = text(content.redactedContent);
    if (redacted !== undefined) {
      this.#blocks.reasoningState({ origin, data: redacted }, { redacted: true });
      return;
    }
    const thought = text(content.text);
    this.#signature += text(content.signature) ?? '';
    if (thought !== undefined) this.#blocks.reasoning(thought);
    const data: JsonValue = this.#signature === '' ? {} : this.#signature;
    if (thought !== undefined || this.#signature !== '') this.#blocks.reasoningState({ origin, data });
  }

  #finish(stopped: JsonObject): void {
    this.#blocks.close();
    const { blocks, toolCalls } = this.#blocks;
    const own = stopped.additionalModelResponseFields;
    this.#blocks.end(decodeEnd(text(stopped.stopReason), own, { blocks, toolCalls }, this.#target.notes));
  }

  #noteOnce(kind: string): void {
    if (this.#noted.has(kind)) return;
    this.#noted.add(kind);
    this.#target.notes.add(kind, 'dropped', `${kind} in replies is not translated`);
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#blocks.fail(asFailure(error).info());
    }
  }
}
