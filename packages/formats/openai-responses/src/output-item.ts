import {
  type BlockSequencer,
  type JsonObject,
  type JsonValue,
  logProbsDelta,
  type TargetContext,
} from '@signalbox/kit';
import { annotationDelta } from './citations.ts';
import { argumentsOf, kindOfCall } from './client-tools.ts';
import { callHead, decodeItem, noteLostPart, phaseDelta } from './decode-reply.ts';
import { ID, isObject, text } from './fields.ts';
import { decodeReasoningItem } from './reasoning-items.ts';

const PART_SEPARATOR = '\n\n';
/** A part that is further behind the one before it has a wrong number. */
const MAX_STEPS = 100;

/** One output item while it arrives: its deltas become blocks at once, and its end adds what they left out. */
export class OutputItem {
  readonly #blocks: BlockSequencer;
  readonly #target: TargetContext;
  readonly #key: string;
  #part = -1;
  /** Characters of the open part, of the reasoning, or of the arguments that were told. */
  #told = 0;
  #annotations = 0;
  #reasoning: 'summary' | 'raw' | undefined;
  #called = false;
  #custom = false;
  /** What it says from now on are words of refusal. */
  refused = false;

  constructor(index: number, blocks: BlockSequencer, target: TargetContext) {
    this.#key = String(index);
    this.#blocks = blocks;
    this.#target = target;
  }

  /** A call begins as soon as its name is known. */
  begin(item: JsonObject): void {
    const kind = kindOfCall(item);
    if ((kind === 'function' || kind === 'custom') && text(item.name) !== undefined) this.#call(item, kind);
  }

  text(part: number, piece: string): void {
    this.#openPart(part);
    this.#told += piece.length;
    this.#blocks.text(piece, { refusal: this.refused });
  }

  /** The whole of a part, as far as its deltas have not said it. */
  wholeText(part: number, whole: string): void {
    this.#openPart(part);
    if (whole.length > this.#told) this.text(part, whole.slice(this.#told));
  }

  annotation(value: JsonValue): void {
    this.#annotations++;
    if (!this.#blocks.extension(ID, annotationDelta(value))) {
      this.#target.notes.add('annotations', 'dropped', 'there is no text that they could belong to');
    }
  }

  /** Of the summary or of the raw text, whichever comes first. */
  reasoning(kind: 'summary' | 'raw', part: number, piece: string): void {
    this.#reasoning ??= kind;
    if (this.#reasoning !== kind) return;
    const steps = Math.max(0, part - Math.max(0, this.#part));
    const gap = PART_SEPARATOR.repeat(steps > MAX_STEPS ? 1 : steps);
    this.#part = Math.max(part, this.#part);
    this.#told += gap.length + piece.length;
    this.#blocks.reasoning(gap + piece);
  }

  arguments(piece: string): void {
    if (!this.#called) return;
    this.#told += piece.length;
    this.#blocks.toolInput(this.#key, this.#custom ? escaped(piece) : piece);
  }

  /** The item is complete. @throws {SignalboxError} MALFORMED_REPLY for a call without a name. */
  end(item: JsonObject): void {
    const kind = kindOfCall(item);
    if (item.type === 'message') this.#endMessage(item);
    else if (item.type === 'reasoning') this.#endReasoning(item);
    else if (kind === undefined) this.#endOpaque(item);
    else {
      if (!this.#called) this.#call(item, kind);
      const whole = this.#custom ? (text(item.input) ?? '') : argumentsOf(item, kind);
      if (whole.length > this.#told) this.arguments(whole.slice(this.#told));
      if (this.#custom) this.#blocks.toolInput(this.#key, '"}');
      this.#blocks.toolEnd(this.#key);
    }
    // The next item is a block of its own, whatever it is.
    this.#blocks.close();
  }

  #openPart(part: number): void {
    if (part === this.#part) return;
    if (this.#part !== -1) this.#blocks.close();
    this.#part = part;
    this.#told = 0;
    this.#annotations = 0;
  }

  #call(item: JsonObject, kind: NonNullable<ReturnType<typeof kindOfCall>>): void {
    const { id, name, extensions } = callHead(item, kind, this.#target);
    this.#called = true;
    this.#custom = kind === 'custom';
    this.#blocks.toolStart(this.#key, name, id, extensions);
    if (this.#custom) this.#blocks.toolInput(this.#key, '{"input":"');
  }

  #endMessage({ content, phase }: JsonObject): void {
    const parts = Array.isArray(content) ? content : [];
    parts.forEach((part, index) => {
      if (!isObject(part)) return;
      const refusal = text(part.refusal);
      if (refusal !== undefined) this.refused = true;
      const whole = refusal ?? part.text;
      if (typeof whole !== 'string') {
        noteLostPart(part, this.#target);
        return;
      }
      // Only the open part can still be added to.
      if (index < this.#part || whole === '') return;
      this.wholeText(index, whole);
      const annotations = Array.isArray(part.annotations) ? part.annotations : [];
      for (const annotation of annotations.slice(this.#annotations)) this.annotation(annotation);
      if (Array.isArray(part.logprobs) && part.logprobs.length > 0) {
        this.#blocks.extension(ID, logProbsDelta(part.logprobs));
      }
      if (typeof phase === 'string') this.#blocks.extension(ID, phaseDelta(phase));
    });
  }

  #endReasoning(item: JsonObject): void {
    const said = this.#reasoning === 'summary' ? { ...item, content: undefined } : item;
    const { text: whole, state } = decodeReasoningItem(said, this.#target.reasoningOrigin);
    if (whole.length > this.#told) this.#blocks.reasoning(whole.slice(this.#told));
    if (state !== undefined) this.#blocks.reasoningState(state);
  }

  #endOpaque(item: JsonObject): void {
    const block = decodeItem(item, this.#target);
    if (block.type === 'opaque') this.#blocks.opaque(block);
  }
}

/** Free text as the inside of a JSON string. */
function escaped(input: string): string {
  return JSON.stringify(input).slice(1, -1);
}
