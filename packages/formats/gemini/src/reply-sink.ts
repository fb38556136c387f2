import type { Block, BlockSequencer, JsonObject, ReasoningBlock, ReasoningState, TextBlock } from '@signalbox/kit';
import { ID } from './fields.ts';

/** Where the parts of a reply go: into events, or into blocks. */
export interface ReplySink {
  /** How many blocks there are, and how many of them are calls. */
  readonly blocks: number;
  readonly toolCalls: number;
  text(text: string): void;
  reasoning(text: string): void;
  /** The state of the thought that was last, or of one without text; the last one given wins. */
  state(state: ReasoningState): void;
  call(id: string, name: string, args: JsonObject): void;
  opaque(value: JsonObject): void;
  /** A delta of the last text. Says whether there is one. */
  cite(delta: JsonObject): boolean;
  /** What follows is a block of its own. */
  close(): void;
}

/** A streamed reply: events of a sequencer. */
export class StreamSink implements ReplySink {
  readonly #blocks: BlockSequencer;

  constructor(blocks: BlockSequencer) {
    this.#blocks = blocks;
  }

  get blocks(): number {
    return this.#blocks.blocks;
  }
  get toolCalls(): number {
    return this.#blocks.toolCalls;
  }
  text(text: string): void {
    this.#blocks.text(text);
  }
  reasoning(text: string): void {
    this.#blocks.reasoning(text);
  }
  state(state: ReasoningState): void {
    this.#blocks.reasoningState(state);
  }
  call(id: string, name: string, args: JsonObject): void {
    this.#blocks.toolStart(id, name, id);
    this.#blocks.toolInput(id, JSON.stringify(args));
    this.#blocks.toolEnd(id);
  }
  opaque(value: JsonObject): void {
    this.#blocks.opaque({ type: 'opaque', format: ID, value });
  }
  cite(delta: JsonObject): boolean {
    return this.#blocks.extension(ID, delta);
  }
  close(): void {
    this.#blocks.close();
  }
}

/** A whole reply: its blocks. */
export class BlockSink implements ReplySink {
  readonly content: Block[] = [];
  #closed = true;
  #calls = 0;

  get blocks(): number {
    return this.content.length;
  }
  get toolCalls(): number {
    return this.#calls;
  }
  text(text: string): void {
    const last = this.content.at(-1);
    if (last?.type === 'text' && !this.#closed) this.#replace({ ...last, text: last.text + text });
    else this.#add({ type: 'text', text });
  }
  reasoning(text: string): void {
    const last = this.content.at(-1);
    if (last?.type === 'reasoning' && !this.#closed) this.#replace({ ...last, text: last.text + text });
    else this.#add({ type: 'reasoning', text });
  }
  state(state: ReasoningState): void {
    const last = this.content.at(-1);
    const open: ReasoningBlock = last?.type === 'reasoning' && !this.#closed ? last : { type: 'reasoning', text: '' };
    if (open === last) this.#replace({ ...open, state });
    else this.#add({ ...open, state });
  }
  call(id: string, name: string, args: JsonObject): void {
    this.#calls++;
    this.#add({ type: 'tool-call', id, name, input: args });
  }
  opaque(value: JsonObject): void {
    this.#add({ type: 'opaque', format: ID, value });
  }
  cite(delta: JsonObject): boolean {
    const at = this.content.findLastIndex(({ type }) => type === 'text');
    const block = this.content[at] as TextBlock | undefined;
    if (block === undefined) return false;
    this.content[at] = { ...block, extensions: { [ID]: { deltas: [delta] } } };
    return true;
  }
  close(): void {
    this.#closed = true;
  }

  #add(block: Block): void {
    this.content.push(block);
    this.#closed = false;
  }

  #replace(block: Block): void {
    this.content[this.content.length - 1] = block;
  }
}
