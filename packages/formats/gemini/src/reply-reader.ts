import {
  errors,
  type JsonObject,
  type JsonValue,
  newId,
  SignalboxError,
  type StopReason,
  type TargetContext,
} from '@signalbox/kit';
import { MADE_ID } from './decode-parts.ts';
import { decodeErrorBody, isError } from './errors.ts';
import { extrasOf, isAbsent, isObject, text } from './fields.ts';
import { citationDelta } from './grounding.ts';
import type { ReplySink } from './reply-sink.ts';
import { decodeStopReason } from './stop-reason.ts';
import { type SignatureStore, type SignedPart, signedState } from './thought-signature.ts';

const BODY: ReadonlySet<string> = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId', 'error']);
const CANDIDATE: ReadonlySet<string> = new Set(['content', 'finishReason', 'index']);
const TEXT: ReadonlySet<string> = new Set(['text', 'thought', 'thoughtSignature']);
const CALL_PART: ReadonlySet<string> = new Set(['functionCall', 'thoughtSignature']);
const CALL: ReadonlySet<string> = new Set(['id', 'name', 'args', 'willContinue']);

export interface ReplyEnd {
  readonly stopReason: StopReason;
  readonly rawStopReason?: string;
}

/** Reads the parts of a reply, whole or chunk by chunk: a chunk has the shape of a whole reply. */
export class ReplyReader {
  readonly #target: TargetContext;
  readonly #sink: ReplySink;
  readonly #signatures: SignatureStore | undefined;
  readonly #ids = new Set<string>();
  readonly #noted = new Set<string>();
  #finishWord: string | undefined;
  #finishMessage: string | undefined;
  #blockReason: string | undefined;
  #extras: JsonObject | undefined;
  #answer = '';
  /** Where its last text begins. */
  #textStart = 0;
  /** The signature of a text: what cites that text must be said before it. */
  #textSignature: { readonly signature: string; readonly part: SignedPart } | undefined;

  constructor(target: TargetContext, sink: ReplySink, signatures: SignatureStore | undefined) {
    this.#target = target;
    this.#sink = sink;
    this.#signatures = signatures;
  }

  /** The provider has said how the reply ended; more may follow (usage). */
  get finished(): boolean {
    return this.#finishWord !== undefined || this.#blockReason !== undefined;
  }

  /** What only this format says about the reply, so far. */
  get extras(): JsonObject | undefined {
    return this.#extras;
  }

  /** @throws {SignalboxError} what an error in it says, or MALFORMED_REPLY. */
  read(body: JsonObject): void {
    if (isError(body.error)) throw decodeErrorBody(200, {}, body);
    this.#keep(extrasOf(body, BODY));
    if (isObject(body.promptFeedback)) this.#blockReason = text(body.promptFeedback.blockReason) ?? this.#blockReason;
    if (!Array.isArray(body.candidates)) return;
    for (const candidate of body.candidates) if (isObject(candidate)) this.#candidate(candidate);
  }

  /** @throws {SignalboxError} for an end that is none: the model failed, or there is no answer. */
  end(): ReplyEnd {
    this.#flushSignature();
    if (this.#finishWord === undefined) {
      if (this.#blockReason !== undefined) return { stopReason: 'refusal', rawStopReason: this.#blockReason };
      throw errors.cutStream('The provider ended the reply before it was finished.');
    }
    const seen = {
      toolCalls: this.#sink.toolCalls > 0,
      content: this.#sink.blocks > 0,
      message: this.#finishMessage,
    };
    const stopReason = decodeStopReason(this.#finishWord, seen, this.#target.notes);
    if (SignalboxError.is(stopReason)) throw stopReason;
    return { stopReason, rawStopReason: this.#finishWord };
  }

  #candidate(candidate: JsonObject): void {
    if (typeof candidate.index === 'number' && candidate.index > 0) {
      this.#noteOnce('candidates', 'only the first candidate is kept');
      return;
    }
    this.#keep(extrasOf(candidate, CANDIDATE));
    const content = isObject(candidate.content) ? candidate.content : {};
    if (Array.isArray(content.parts)) for (const part of content.parts) if (isObject(part)) this.#part(part);
    if (isObject(candidate.groundingMetadata)) this.#cite(candidate.groundingMetadata);
    this.#finishMessage = text(candidate.finishMessage) ?? this.#finishMessage;
    const word = text(candidate.finishReason);
    if (word !== undefined && word !== 'FINISH_REASON_UNSPECIFIED') this.#finishWord = word;
    // An answer that failed must not be committed as if it went on.
    if (word !== undefined) {
      const meaning = decodeStopReason(word, { toolCalls: false, content: true, message: this.#finishMessage });
      if (SignalboxError.is(meaning)) throw meaning;
    }
  }

  #part(part: JsonObject): void {
    const signature = text(part.thoughtSignature);
    if (typeof part.text === 'string') {
      this.#noteExtras(part, TEXT);
      this.#text(part.text, part.thought === true, signature);
      return;
    }
    this.#flushSignature();
    if (isObject(part.functionCall)) {
      this.#noteExtras(part, CALL_PART);
      this.#call(part.functionCall, signature);
      // The rest stays whole, a signature included.
    } else if (Object.keys(part).length > (signature === undefined ? 0 : 1)) this.#sink.opaque(part);
    else if (signature !== undefined) this.#textSignature = { signature, part: 'empty' };
  }

  #text(said: string, thought: boolean, signature: string | undefined): void {
    if (thought) {
      this.#flushSignature();
      if (said !== '') this.#sink.reasoning(said);
      if (said === '' && signature === undefined) return;
      this.#sink.state(signedState(this.#target.reasoningOrigin, signature));
      if (signature !== undefined) this.#sink.close();
      return;
    }
    if (said !== '') {
      this.#flushSignature();
      // A signed text stays what was signed.
      if (signature !== undefined) this.#sink.close();
      const { blocks } = this.#sink;
      this.#sink.text(said);
      if (this.#sink.blocks > blocks) this.#textStart = this.#answer.length;
      this.#answer += said;
    }
    if (signature === undefined) return;
    this.#flushSignature();
    this.#textSignature = { signature, part: said === '' ? 'empty' : 'text' };
  }

  #call(call: JsonObject, signature: string | undefined): void {
    const name = text(call.name);
    if (name === undefined) throw errors.malformedReply('The provider sent a tool call without a name.');
    if (call.willContinue === true || Array.isArray(call.partialArgs)) {
      throw errors.malformedReply('The provider sent the arguments of a tool call in pieces, which nobody asked for.');
    }
    const id = this.#claim(text(call.id));
    if (signature !== undefined) {
      this.#sink.state(signedState(this.#target.reasoningOrigin, signature, 'call', id));
      this.#signatures?.set(id, signature);
    }
    const args = isObject(call.args) ? call.args : isAbsent(call.args) ? {} : { value: call.args };
    this.#sink.call(id, this.#target.toolNames.original(name), args);
    this.#noteExtras(call, CALL);
  }

  #claim(given: string | undefined): string {
    const id = given === undefined || this.#ids.has(given) ? newId(MADE_ID) : given;
    this.#ids.add(id);
    return id;
  }

  #flushSignature(): void {
    const waiting = this.#textSignature;
    if (waiting === undefined) return;
    this.#textSignature = undefined;
    this.#sink.close();
    this.#sink.state(signedState(this.#target.reasoningOrigin, waiting.signature, waiting.part));
    this.#sink.close();
  }

  #cite(metadata: JsonObject): void {
    const delta = citationDelta(metadata, this.#answer, this.#textStart);
    if (delta === undefined || this.#sink.cite(delta)) return;
    this.#noteOnce('groundingMetadata', 'there is no text that the citations could belong to');
  }

  #keep(extras: JsonObject | undefined): void {
    if (extras !== undefined) this.#extras = { ...this.#extras, ...extras };
  }

  #noteExtras(value: JsonObject, known: ReadonlySet<string>): void {
    for (const key in value) {
      if (!known.has(key) && !isAbsent(value[key])) this.#noteOnce(`parts.${key}`, 'it is not translated');
    }
  }

  #noteOnce(path: string, reason: string): void {
    if (this.#noted.has(path)) return;
    this.#noted.add(path);
    this.#target.notes.add(path, 'dropped', reason);
  }
}

/** Whether a body has the shape of a reply at all. */
export function isReply(body: JsonObject): boolean {
  const { candidates, promptFeedback, usageMetadata } = body;
  return Array.isArray(candidates) || isObject(promptFeedback as JsonValue) || isObject(usageMetadata);
}
