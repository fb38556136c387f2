import {
  BlockSequencer,
  errors,
  type JsonObject,
  type JsonValue,
  logProbsDelta,
  parseJson,
  SignalboxError,
  SseDecoder,
  type SseFrame,
  type StreamDecoder,
  type StreamEvent,
  type TargetContext,
  type Usage,
} from '@signalbox/kit';
import { BareError } from './bare-error.ts';
import { logProbsOf, NO_TEXT } from './beside-text.ts';
import { CallFragments } from './call-fragments.ts';
import { annotationDelta } from './citations.ts';
import { detailsText } from './decode-reasoning.ts';
import { isError, NO_STATE, noteChoiceLosses, noteLosses, readContent, readUsage } from './decode-reply.ts';
import type { Dialect } from './dialect.ts';
import { decodeError, decodeErrorBody } from './errors.ts';
import { ID, isObject, text } from './fields.ts';
import { DetailFragments } from './reasoning-details.ts';
import { RepeatedDeltas } from './repeated-deltas.ts';
import { ReplyExtras } from './reply-extras.ts';
import { decodeStopReason } from './stop-reason.ts';
import { ThinkTags } from './think-tags.ts';
import { sameUsage } from './usage.ts';

export function createStreamDecoder(target: TargetContext, dialect: Dialect): StreamDecoder {
  return new ChatStreamDecoder(target, dialect);
}

class ChatStreamDecoder implements StreamDecoder {
  readonly #target: TargetContext;
  readonly #dialect: Dialect;
  readonly #sse = new SseDecoder();
  readonly #bareError = new BareError();
  readonly #blocks = new BlockSequencer();
  readonly #deltas = new RepeatedDeltas();
  readonly #calls: CallFragments;
  readonly #tags: ThinkTags | undefined;
  readonly #addText = (part: string): void => this.#text(part);
  readonly #addReasoning = (part: string): void => this.#reasoning(part);
  #details: DetailFragments | undefined;
  #inReasoning = false;
  /** Of the whole answer so far, and where the last text block begins in it. */
  #textLength = 0;
  #textStartsAt = 0;
  #finishWord: string | undefined;
  #closed = false;
  #stopSequence: string | undefined;
  #refused = false;
  /** The last one that went out. */
  #usage: Usage | undefined;
  readonly #extras = new ReplyExtras();
  readonly #noted = new Set<string>();
  readonly #noteOnce = (path: string, reason: string): void => {
    if (this.#noted.has(path)) return;
    this.#noted.add(path);
    this.#target.notes.add(path, 'dropped', reason);
  };

  constructor(target: TargetContext, dialect: Dialect) {
    this.#target = target;
    this.#dialect = dialect;
    this.#calls = new CallFragments(this.#blocks, target);
    if (dialect.reasoningInContent) this.#tags = new ThinkTags(this.#addReasoning, this.#addText);
  }

  push(chunk: Uint8Array): readonly StreamEvent[] {
    const ahead = this.#bareError.aheadIn(chunk);
    this.#read(ahead === chunk.length ? chunk : chunk.subarray(0, ahead));
    if (ahead < chunk.length && !this.#blocks.ended) {
      this.#bareError.take(chunk);
      this.#read(chunk.subarray(ahead));
    }
    return this.#blocks.take();
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const frame of this.#sse.push(chunk)) this.#frame(frame);
    } catch (error) {
      this.#failUnreadable(error);
    }
  }

  end(): readonly StreamEvent[] {
    this.#closed = true;
    try {
      for (const frame of this.#sse.end()) this.#frame(frame);
    } catch (error) {
      this.#failUnreadable(error);
    }
    if (!this.#blocks.ended) {
      if (this.#finishWord === undefined && this.#bareError.text === undefined) {
        this.#fail(errors.cutStream('The provider closed the stream before the reply was finished.'));
      } else {
        this.#finish(this.#finishWord);
      }
    }
    return this.#blocks.take();
  }

  #frame({ event, data }: SseFrame): void {
    if (this.#blocks.ended) return;
    const repeated = event === '' ? this.#deltas.textOf(data) : undefined;
    if (repeated !== undefined) {
      this.#repeated(repeated);
      return;
    }
    if (data === '[DONE]' || data.trim() === '[DONE]') {
      this.#finish(this.#finishWord);
      return;
    }
    let chunk: JsonValue;
    try {
      chunk = parseJson(data);
    } catch {
      // Half a frame at the very end says only that the provider broke off, which `end()` judges.
      if (this.#closed) return;
      if (event === 'error') this.#fail(decodeError(200, {}, data, this.#dialect));
      else this.#fail(errors.malformedReply('The provider sent a stream frame that is not JSON.'));
      return;
    }
    if (!isObject(chunk)) {
      this.#fail(errors.malformedReply('The provider sent a stream frame that is no JSON object.'));
    } else if (isError(chunk.error) || event === 'error' || chunk.object === 'error') {
      this.#fail(decodeErrorBody(200, {}, chunk, this.#dialect));
    } else {
      this.#chunk(chunk);
      this.#deltas.learn(chunk, data);
    }
  }

  #repeated(text: string): void {
    switch (this.#deltas.kind) {
      case 'content':
        if (text !== '') this.#content(text);
        break;
      case 'arguments':
        this.#toolCalls([{ index: this.#deltas.toolIndex, function: { arguments: text } }]);
        break;
      default:
        this.#reasoning(text);
    }
  }

  #chunk(chunk: JsonObject): void {
    this.#extras.add(chunk);
    if (!this.#blocks.started) {
      const id = text(chunk.id);
      const model = text(chunk.model);
      this.#blocks.start({
        ...(id === undefined ? {} : { id }),
        ...(model === undefined ? {} : { model }),
        ...this.#extras.take(),
      });
    }
    if (Array.isArray(chunk.choices)) for (const choice of chunk.choices) if (isObject(choice)) this.#choice(choice);
    if (this.#blocks.ended) return;
    const usage = readUsage(chunk, this.#dialect);
    // Some servers repeat it on every chunk.
    if (usage === undefined || sameUsage(usage, this.#usage)) return;
    this.#usage = usage;
    this.#blocks.usage(usage);
  }

  #choice(choice: JsonObject): void {
    if (typeof choice.index === 'number' && choice.index > 0) {
      this.#noteOnce('choices', 'only the first choice is kept');
      return;
    }
    if (isError(choice.error)) {
      this.#fail(decodeErrorBody(200, {}, { error: choice.error }, this.#dialect));
      return;
    }
    noteChoiceLosses(choice, this.#noteOnce);
    this.#extras.addChoice(choice);
    // Some servers send the whole message where a delta belongs.
    const delta = isObject(choice.delta) ? choice.delta : choice.message;
    if (isObject(delta)) this.#delta(delta);
    if (isObject(choice.logprobs)) this.#logProbs(logProbsOf(choice));
    const word = text(choice.finish_reason);
    if (word === undefined) return;
    this.#finishWord = word;
    this.#stopSequence = text(choice.stop_reason) ?? this.#stopSequence;
    const reason = decodeStopReason(word, this.#dialect, { toolCalls: false, refused: false, content: true });
    if (SignalboxError.is(reason)) this.#fail(reason);
  }

  #delta(delta: JsonObject): void {
    const details = delta.reasoning_details;
    const plain = text(delta.reasoning_content) ?? text(delta.reasoning);
    if (Array.isArray(details) && details.length > 0) this.#reasoningDetails(plain ?? detailsText(details), details);
    else if (plain !== undefined) this.#reasoning(plain);
    const { content } = delta;
    if (typeof content === 'string') {
      if (content !== '') this.#content(content);
    } else if (content !== undefined && content !== null) {
      readContent(content, this.#addReasoning, (part) => this.#content(part), this.#noteOnce);
    }
    const refusal = text(delta.refusal);
    if (refusal !== undefined) {
      this.#refused = true;
      this.#text(refusal, true);
    }
    if (Array.isArray(delta.annotations) && delta.annotations.length > 0) {
      const placed = this.#blocks.extension(ID, annotationDelta(delta.annotations, this.#textStartsAt));
      if (!placed) this.#noteOnce('annotations', NO_TEXT);
    }
    if (Array.isArray(delta.tool_calls)) this.#toolCalls(delta.tool_calls);
    else if (isObject(delta.function_call)) this.#toolCalls([{ index: 0, function: delta.function_call }]);
    noteLosses(delta, this.#noteOnce);
  }

  #logProbs(tokens: JsonValue[]): void {
    if (tokens.length === 0 || this.#blocks.extension(ID, logProbsDelta(tokens))) return;
    this.#noteOnce('choices[0].logprobs', NO_TEXT);
  }

  #toolCalls(fragments: readonly JsonValue[]): void {
    if (fragments.length === 0) return;
    this.#tags?.end();
    this.#inReasoning = false;
    for (const fragment of fragments) if (isObject(fragment)) this.#calls.add(fragment);
  }

  #content(part: string): void {
    if (this.#tags === undefined) this.#text(part);
    else this.#tags.push(part);
  }

  #text(part: string, refusal = false): void {
    if (part === '') return;
    this.#inReasoning = false;
    const { blocks } = this.#blocks;
    this.#blocks.text(part, { refusal });
    if (this.#blocks.blocks > blocks) this.#textStartsAt = this.#textLength;
    this.#textLength += part.length;
  }

  #reasoning(part: string): void {
    if (part === '') return;
    this.#blocks.reasoning(part);
    if (this.#inReasoning) return;
    this.#inReasoning = true;
    this.#details = undefined;
    this.#blocks.reasoningState({ origin: this.#target.reasoningOrigin, data: NO_STATE });
  }

  #reasoningDetails(part: string, fragments: readonly JsonValue[]): void {
    const known = this.#inReasoning ? this.#details : undefined;
    // Details that come after the same text without them repeat it.
    const repeats = this.#inReasoning && known === undefined;
    this.#inReasoning = true;
    if (part !== '' && !repeats) this.#blocks.reasoning(part);
    const details = known ?? new DetailFragments();
    details.add(fragments);
    if (known !== undefined) return;
    // The array grows until the block closes, which is when the state is sent.
    this.#details = details;
    this.#blocks.reasoningState({ origin: this.#target.reasoningOrigin, data: details.merged });
  }

  /** The provider is done: with its mark `[DONE]`, or by closing after a finish reason. */
  #finish(word: string | undefined): void {
    this.#tags?.end();
    const bareError = this.#bareError.text;
    const problem = bareError === undefined ? this.#calls.end() : decodeError(200, {}, bareError, this.#dialect);
    if (problem !== undefined) this.#fail(problem);
    if (this.#blocks.ended) return;
    this.#blocks.close();
    const { blocks, toolCalls } = this.#blocks;
    // At a stop sequence that comes first there is nothing to say.
    const content = blocks > 0 || this.#stopSequence !== undefined;
    const seen = { toolCalls: toolCalls > 0, refused: this.#refused, content };
    const reason = decodeStopReason(word ?? 'stop', this.#dialect, seen, this.#target.notes);
    if (SignalboxError.is(reason)) {
      this.#fail(reason);
    } else {
      const stopSequence = this.#stopSequence;
      this.#blocks.end({
        stopReason: stopSequence !== undefined && reason === 'end-turn' ? 'stop-sequence' : reason,
        ...(word === undefined ? {} : { rawStopReason: word }),
        ...(stopSequence === undefined ? {} : { stopSequence }),
        ...this.#extras.take(),
      });
    }
  }

  #failUnreadable(error: unknown): void {
    if (SignalboxError.is(error)) {
      // A dialect's own reading of the usage.
      this.#fail(error);
      return;
    }
    if (!(error instanceof RangeError)) throw error;
    this.#fail(errors.malformedReply('The provider sent a stream frame that is too long.', { cause: error }));
  }

  #fail(error: SignalboxError): void {
    this.#blocks.fail(error.info());
  }
}
