import {
  addAll,
  type ClientContext,
  type Extensions,
  type JsonObject,
  mergeUsage,
  newId,
  type ReasoningState,
  ReplyCallIds,
  SignalboxError,
  type StreamBlock,
  type StreamEncoder,
  type StreamEvent,
  type ToolCallBlock,
  toolCall,
  type Usage,
} from '@signalbox/kit';
import { clientWishes } from './client-wishes.ts';
import { encodeErrorBody } from './encode-error.ts';
import { argumentsOf, CUT_CALL, isBroken } from './encode-reply.ts';
import { ID } from './fields.ts';
import { citationsIn, groundingOf } from './grounding.ts';
import { ReasoningParts } from './reasoning-parts.ts';
import { splitExtras } from './reply-extras.ts';
import { CUT, encodeStopReason } from './stop-reason.ts';
import { ArrayFrames, EventFrames, type Frames } from './stream-frames.ts';
import { encodeUsage, noteUntold } from './usage.ts';

type Citations = ReturnType<typeof citationsIn>['citations'][number][];

/** Writes a stream as Google does: every frame a reply of its own, calls whole, usage and finish reason in the last. */
export class GeminiStreamEncoder implements StreamEncoder {
  readonly #client: ClientContext;
  readonly #frames: Frames;
  readonly #reasoning: ReasoningParts;
  readonly #ids: ReplyCallIds;
  /** What stands behind the candidates of each frame. */
  readonly #tail: string;
  #ended = false;
  #open: StreamBlock | undefined;
  /** What the open block has said, where its end needs that: calls and reasoning. */
  #said = '';
  #state: ReasoningState | undefined;
  /** The whole answer so far; citations count in it. */
  #answer = '';
  #textStart = 0;
  #citations: Citations = [];
  /** Citations of the open block. */
  #cited: Extract<StreamEvent, { type: 'extension-delta' }>[] = [];
  #extra: JsonObject = {};
  #usage: Usage | undefined;
  /** Calls whose arguments do not parse: whether they were cut, the end tells. */
  readonly #broken: [call: ToolCallBlock, index: number][] = [];

  constructor(client: ClientContext) {
    this.#client = client;
    const wishes = clientWishes(client);
    this.#frames = wishes.array ? new ArrayFrames() : new EventFrames();
    this.#reasoning = new ReasoningParts(wishes.thoughts);
    this.#ids = new ReplyCallIds(() => client.request, 'call_');
    this.#tail = `"modelVersion":${JSON.stringify(client.model)},"responseId":"${newId('')}"}`;
  }

  get contentType(): string {
    return this.#frames.contentType;
  }

  /** This wire has no start: a frame without candidates, which clients pass over. */
  open(): string {
    return this.keepAlive();
  }

  encode(events: readonly StreamEvent[]): string {
    let out = '';
    for (const event of events) {
      if (this.#ended) break;
      out += this.#event(event);
    }
    return out;
  }

  /** Google's clients fail on comments and blank lines: only a frame is safe. */
  keepAlive(): string {
    return this.#ended ? '' : this.#frames.alive(`{${this.#tail}`);
  }

  fail(error: SignalboxError): string {
    if (this.#ended) return '';
    this.#ended = true;
    return this.#frames.last(JSON.stringify({ ...encodeErrorBody(error), ...this.#receipt() }));
  }

  #event(event: StreamEvent): string {
    switch (event.type) {
      case 'message-start':
        this.#extend(event.extensions);
        return '';
      case 'block-start':
        return this.#start(event.block, event.index);
      case 'text-delta':
        this.#answer += event.text;
        if (!this.#reasoning.waits) return this.#parts(`{"text":${JSON.stringify(event.text)}}`);
        return this.#parts(JSON.stringify(this.#reasoning.signed({ text: event.text })));
      case 'reasoning-delta': {
        this.#said += event.text;
        const thought = this.#reasoning.thought(event.text);
        return thought === undefined ? '' : this.#parts(JSON.stringify(thought));
      }
      case 'signature':
        this.#state = event.state;
        return '';
      case 'tool-input-delta':
        this.#said += event.json;
        return '';
      case 'extension-delta':
        this.#cited.push(event);
        return '';
      case 'block-end':
        return this.#end(event.index);
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'message-end':
        return this.#finish(event);
      case 'error':
        return this.fail(SignalboxError.fromInfo(event.error));
    }
  }

  #start(block: StreamBlock, index: number): string {
    this.#open = block;
    this.#said = '';
    this.#state = undefined;
    this.#textStart = this.#answer.length;
    if (block.type !== 'opaque') return '';
    if (block.format !== ID) {
      this.#client.notes.opaqueBlock(block, `content[${index}]`);
      return '';
    }
    return this.#list([...this.#reasoning.flush(), block.value]);
  }

  /** Where the text ends that is cited is known at its end. */
  #cite(index: number): void {
    const length = this.#answer.length - this.#textStart;
    for (const { format, value } of this.#cited) {
      const { citations, untold } = citationsIn({ [format]: { deltas: [value] } }, this.#textStart, length);
      addAll(this.#citations, citations);
      for (const reason of untold) this.#client.notes.add(`content[${index}]`, 'dropped', reason);
    }
    this.#cited = [];
  }

  #end(index: number): string {
    const open = this.#open;
    this.#open = undefined;
    if (this.#cited.length > 0) this.#cite(index);
    if (open?.type === 'reasoning' && this.#state !== undefined) {
      const { redacted } = open;
      const block = { type: 'reasoning', text: this.#said, state: this.#state } as const;
      return this.#list(this.#reasoning.state(redacted === true ? { ...block, redacted } : block));
    }
    if (open?.type !== 'tool-call') return '';
    this.#client.notes.foreignExtensions(open.extensions, ID, `content[${index}]`);
    const call = toolCall(open, this.#said);
    if (!isBroken(call)) return this.#call(call, index);
    this.#broken.push([call, index]);
    return '';
  }

  #call({ id, name, input, rawInput }: ToolCallBlock, index: number): string {
    const args = argumentsOf(input, rawInput, () =>
      this.#client.notes.add(
        `content[${index}].input`,
        'approximated',
        'the arguments are no JSON object: given under another name',
      ),
    );
    return this.#list([this.#reasoning.signed({ functionCall: { id: this.#ids.claim(id), name, args } }, id)]);
  }

  #extend(extensions: Extensions | undefined): void {
    if (extensions === undefined) return;
    this.#client.notes.foreignExtensions(extensions, ID, '');
    this.#extra = { ...this.#extra, ...extensions[ID] };
  }

  #finish({ stopReason, rawStopReason, extensions }: Extract<StreamEvent, { type: 'message-end' }>): string {
    this.#extend(extensions);
    this.#ended = true;
    let out = '';
    for (const [call, index] of this.#broken) {
      if (CUT.has(stopReason)) this.#client.notes.add(`content[${index}]`, 'dropped', CUT_CALL);
      else out += this.#call(call, index);
    }
    const { body, candidate } = splitExtras(this.#extra);
    const grounding = groundingOf(this.#citations, this.#answer);
    const parts = this.#reasoning.flush();
    const last: JsonObject = {
      ...candidate,
      content: { parts: parts.length > 0 ? parts : [{ text: '' }], role: 'model' },
      finishReason: encodeStopReason(stopReason, rawStopReason, this.#client.notes),
      index: 0,
      ...(grounding === undefined ? {} : { groundingMetadata: grounding }),
    };
    const usage = encodeUsage(this.#usage);
    noteUntold(this.#usage, this.#client.notes);
    const more = {
      ...body,
      candidates: [last],
      ...(usage === undefined ? {} : { usageMetadata: usage }),
      ...this.#receipt(),
    };
    return out + this.#frames.last(`${JSON.stringify(more).slice(0, -1)},${this.#tail}`);
  }

  /** Some of Google's SDKs fail on a comment. All of them pass over a member that they do not know. */
  #receipt(): object {
    const notes = this.#client.receipt?.();
    return notes === undefined ? {} : { x_signalbox_receipt: notes };
  }

  #list(parts: readonly JsonObject[]): string {
    return parts.length === 0 ? '' : this.#parts(parts.map((part) => JSON.stringify(part)).join(','));
  }

  #parts(parts: string): string {
    return this.#frames.frame(
      `{"candidates":[{"content":{"parts":[${parts}],"role":"model"},"index":0}],${this.#tail}`,
    );
  }
}
