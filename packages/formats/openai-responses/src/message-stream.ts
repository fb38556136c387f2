import {
  addAll,
  citationsIn,
  type JsonObject,
  type JsonValue,
  logProbsIn,
  type Notes,
  untoldReason,
} from '@signalbox/kit';
import { ownAnnotations, urlCitation } from './citations.ts';
import { ID } from './fields.ts';
import { json, type OpenItem, type OutputFrames } from './output-frames.ts';
import { messageItem, newItemId, refusalPart, textPart } from './output-items.ts';

/** The messages of a stream. One stays open over neighbouring texts, which providers cut wherever a citation ends. */
export class MessageStream {
  readonly #frames: OutputFrames;
  readonly #notes: Notes;
  #open: OpenItem | undefined;
  #annotations: JsonValue[] = [];
  /** Told where the message ends. */
  #logProbs: JsonValue[] = [];
  /** Citations of the text that is being told; where it ends is known at its end. */
  #cited: { readonly format: string; readonly value: JsonObject }[] = [];
  #textStartsAt = 0;
  #phase: JsonValue | undefined;
  /** Whether the reply has any text at all. */
  hasText = false;

  constructor(frames: OutputFrames, notes: Notes) {
    this.#frames = frames;
    this.#notes = notes;
  }

  beginText(): void {
    this.#textStartsAt = this.#open?.said.length ?? 0;
  }

  text(piece: string): string {
    let out = '';
    if (this.#open === undefined) {
      const id = newItemId('msg');
      const place = `${this.#frames.place(id)},"content_index":0`;
      this.#open = this.#frames.open(id, `${place},"delta":`, ',"logprobs":[]');
      out =
        this.#frames.added(messageItem(id, 'in_progress', [], undefined)) +
        this.#frames.frame('response.content_part.added', `${place},"part":${json(textPart('', []))}`);
    }
    this.hasText = true;
    this.#open.said += piece;
    return out + this.#frames.delta('response.output_text.delta', this.#open, piece);
  }

  /** A message that declines, in words that no provider gave. */
  refusal(words: string): string {
    const id = newItemId('msg');
    const place = `${this.#frames.place(id)},"content_index":0`;
    const open = this.#frames.open(id, `${place},"delta":`, '');
    const part = refusalPart(words);
    return (
      this.#frames.added(messageItem(id, 'in_progress', [], undefined)) +
      this.#frames.frame('response.content_part.added', `${place},"part":${json(refusalPart(''))}`) +
      this.#frames.delta('response.refusal.delta', open, words) +
      this.#frames.frame('response.refusal.done', `${place},"refusal":${json(words)}`) +
      this.#frames.frame('response.content_part.done', `${place},"part":${json(part)}`) +
      this.#frames.done(messageItem(id, 'completed', [part], undefined))
    );
  }

  cite(format: string, value: JsonObject): void {
    const logProbs = logProbsIn(value);
    if (logProbs !== undefined) addAll(this.#logProbs, logProbs);
    else this.#cited.push({ format, value });
  }

  /** Tells the citations of the text block that ends. */
  endText(index: number): string {
    if (this.#cited.length === 0) return '';
    const cited = this.#cited;
    this.#cited = [];
    const open = this.#open;
    const untold = new Set<string>();
    let out = '';
    for (const { format, value } of cited) {
      if (format === ID && value.phase !== undefined) this.#phase = value.phase;
      const annotations = open === undefined ? undefined : this.#annotationsIn(format, value, open);
      if (open === undefined || annotations === undefined) untold.add(untoldReason(format, value));
      else for (const annotation of annotations) out += this.#annotation(open, annotation);
    }
    for (const reason of untold) this.#notes.add(`content[${index}]`, 'dropped', reason);
    // A message of the provider's own ends where the provider ended it.
    return this.#phase === undefined ? out : out + this.close('completed');
  }

  #annotationsIn(format: string, value: JsonObject, { said }: OpenItem): readonly JsonValue[] | undefined {
    if (format === ID) return ownAnnotations(value, this.#textStartsAt);
    return citationsIn(value)?.map((citation) => urlCitation(citation, this.#textStartsAt, said.length));
  }

  close(status: string): string {
    const open = this.#open;
    if (open === undefined) return '';
    const { id, said, index } = open;
    const part = textPart(said, this.#annotations, this.#logProbs);
    const logProbs = json(this.#logProbs);
    const place = `${this.#frames.place(id, index)},"content_index":0`;
    const item = messageItem(id, status, [part], this.#phase);
    this.#open = undefined;
    this.#annotations = [];
    this.#logProbs = [];
    this.#phase = undefined;
    return (
      this.#frames.frame('response.output_text.done', `${place},"text":${json(said)},"logprobs":${logProbs}`) +
      this.#frames.frame('response.content_part.done', `${place},"part":${json(part)}`) +
      this.#frames.done(item)
    );
  }

  #annotation({ id, index }: OpenItem, annotation: JsonValue): string {
    const at = this.#annotations.push(annotation) - 1;
    const place = `${this.#frames.place(id, index)},"content_index":0,"annotation_index":${at}`;
    return this.#frames.frame('response.output_text.annotation.added', `${place},"annotation":${json(annotation)}`);
  }
}
