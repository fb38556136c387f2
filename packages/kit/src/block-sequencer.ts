import type {
  ErrorInfo,
  Extensions,
  JsonObject,
  OpaqueBlock,
  ReasoningState,
  StopReason,
  StreamBlock,
  StreamEvent,
  Usage,
} from '@signalbox/spec';
import { errors } from './errors.ts';
import { newId } from './ids.ts';
import { JsonEnd } from './json-end.ts';

interface ToolInProgress {
  readonly key: string;
  readonly block: Extract<StreamBlock, { type: 'tool-call' }>;
  /** All of its arguments so far. */
  readonly json: JsonEnd;
}

/** What may wait for a call to be complete, and what one call's arguments may be, in characters. */
const MAX_HELD_CHARS = 32 * 1024 * 1024;

/**
 * Turns deltas that arrive in any order into the canonical grammar: one block at a time, counted from 0, exactly one
 * start and one end. A stream decoder tells it what it saw and takes the events with `take()`, once per network chunk.
 *
 * Wires that interleave blocks (parallel tool calls by index) do not say when a call is complete. So a call is closed
 * only when its arguments parse, or when the provider ends the reply; what arrives before that for later blocks is held
 * back. A fragment for a call that was closed already makes the reply malformed.
 */
export class BlockSequencer {
  #events: StreamEvent[] = [];
  #index = -1;
  #open: 'text' | 'reasoning' | 'tool-call' | undefined;
  #tool: ToolInProgress | undefined;
  #state: ReasoningState | undefined;
  #started = false;
  #ended = false;
  #held: (() => void)[] = [];
  #heldChars = 0;
  readonly #waiting = new Map<string, ToolInProgress>();
  readonly #closed = new Set<string>();

  get started(): boolean {
    return this.#started;
  }
  /** After `end()` or `fail()`: nothing more comes out. */
  get ended(): boolean {
    return this.#ended;
  }
  /** How many blocks were opened so far. */
  get blocks(): number {
    return this.#index + 1;
  }
  get toolCalls(): number {
    return this.#closed.size + this.#waiting.size + (this.#tool === undefined ? 0 : 1);
  }

  take(): StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  start(message: { id?: string; model?: string; extensions?: Extensions } = {}): void {
    if (this.#started || this.#ended) return;
    this.#started = true;
    this.#events.push({ type: 'message-start', ...message });
  }

  /** `refusal`: these are words of refusal. The block that they open says so. */
  text(text: string, { refusal = false } = {}): void {
    if (text === '' || this.#ended) return;
    if (this.#toolIsOpen()) {
      this.#hold(() => this.text(text, { refusal }), text.length);
      return;
    }
    this.#release();
    if (this.#open !== 'text') this.#begin('text', refusal ? { type: 'text', refusal } : { type: 'text' });
    this.#events.push({ type: 'text-delta', index: this.#index, text });
  }

  reasoning(text: string): void {
    if (text === '' || this.#ended) return;
    if (this.#toolIsOpen()) {
      this.#hold(() => this.reasoning(text), text.length);
      return;
    }
    this.#release();
    if (this.#open !== 'reasoning') this.#begin('reasoning', { type: 'reasoning' });
    this.#events.push({ type: 'reasoning-delta', index: this.#index, text });
  }

  /** The state of the open reasoning block, or of a new one without text; the last one given wins. */
  reasoningState(state: ReasoningState, { redacted = false } = {}): void {
    if (this.#ended) return;
    if (this.#toolIsOpen()) {
      this.#hold(() => this.reasoningState(state, { redacted }));
      return;
    }
    this.#release();
    if (this.#open !== 'reasoning' || redacted) {
      this.#begin('reasoning', redacted ? { type: 'reasoning', redacted } : { type: 'reasoning' });
    }
    this.#state = state;
    if (redacted) this.#closeOpen();
  }

  /** `key` tells the calls of one reply apart: the provider's index, or its id. A second start of one key is ignored. */
  toolStart(key: string, name: string, id = '', extensions?: Extensions): void {
    if (this.#ended || this.#tool?.key === key || this.#waiting.has(key) || this.#closed.has(key)) return;
    const own = extensions === undefined ? {} : { extensions };
    const block = { type: 'tool-call', id: id === '' ? newId('call_') : id, name, ...own } as const;
    const tool = { key, block, json: new JsonEnd() };
    if (this.#toolIsOpen()) {
      this.#waiting.set(key, tool);
      return;
    }
    this.#release();
    this.#beginTool(tool);
  }

  /** A fragment of the arguments of a call that was started. */
  toolInput(key: string, json: string): void {
    if (json === '' || this.#ended) return;
    if (this.#tool?.key === key) {
      this.#tool.json.add(json);
      this.#events.push({ type: 'tool-input-delta', index: this.#index, json });
      if (this.#tool.json.length > MAX_HELD_CHARS) this.#tooLong();
      return;
    }
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.fail(errors.malformedReply('The provider sent tool arguments after the tool call was complete.').info());
      return;
    }
    waiting.json.add(json);
    this.#heldChars += json.length;
    if (this.#toolIsOpen() && this.#heldChars > MAX_HELD_CHARS) this.#tooLong();
  }

  /** The provider says that this call is complete. */
  toolEnd(key: string): void {
    if (!this.#ended && this.#tool?.key === key) this.#closeOpen();
  }

  /** A block that arrives whole. */
  opaque(block: OpaqueBlock): void {
    if (this.#ended) return;
    if (this.#toolIsOpen()) {
      this.#hold(() => this.opaque(block));
      return;
    }
    this.#release();
    this.#begin(undefined, block);
    this.#events.push({ type: 'block-end', index: this.#index });
  }

  /** A delta that only `format` can express, in the open text block. Says whether there is one. */
  extension(format: string, value: JsonObject): boolean {
    if (this.#ended || this.#open !== 'text') return false;
    this.#events.push({ type: 'extension-delta', index: this.#index, format, value });
    return true;
  }

  usage(usage: Usage): void {
    if (this.#ended) return;
    this.start();
    this.#events.push({ type: 'usage', usage });
  }

  /** Closes everything that is open or held back. */
  close(): void {
    if (this.#ended) return;
    this.#closeOpen();
    for (const tool of this.#waiting.values()) {
      this.#waiting.delete(tool.key);
      this.#beginTool(tool);
      this.#closeOpen();
    }
    this.#release();
    this.#closeOpen();
  }

  end(end: { stopReason: StopReason; rawStopReason?: string; stopSequence?: string; extensions?: Extensions }): void {
    if (this.#ended) return;
    this.start();
    this.close();
    this.#ended = true;
    this.#events.push({ type: 'message-end', ...end });
  }

  /** Ends the stream as failed. Open blocks stay open, because a client acts on a closed tool call. */
  fail(error: ErrorInfo): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.push({ type: 'error', error });
  }

  /** Whether a call is still incomplete; closes it, and lets the next one move up, when its arguments parse. */
  #toolIsOpen(): boolean {
    while (this.#tool?.json.isWhole() === true) {
      this.#closeOpen();
      const next = this.#waiting.values().next().value;
      if (next === undefined) break;
      this.#waiting.delete(next.key);
      this.#heldChars -= next.json.length;
      this.#beginTool(next);
    }
    return this.#tool !== undefined;
  }

  #hold(say: () => void, chars = 0): void {
    this.#held.push(say);
    this.#heldChars += chars;
    if (this.#heldChars > MAX_HELD_CHARS) this.#tooLong();
  }

  #tooLong(): void {
    this.fail(errors.malformedReply('The provider sent a tool call that goes on without end.').info());
  }

  /** Says what was held back for a call that is closed by now. */
  #release(): void {
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    this.#heldChars = 0;
    for (const say of held) say();
  }

  #begin(kind: 'text' | 'reasoning' | 'tool-call' | undefined, block: StreamBlock): void {
    this.start();
    this.#closeOpen();
    this.#open = kind;
    this.#events.push({ type: 'block-start', index: ++this.#index, block });
  }

  #beginTool(tool: ToolInProgress): void {
    this.#begin('tool-call', tool.block);
    this.#tool = tool;
    const json = tool.json.text();
    if (json !== '') this.#events.push({ type: 'tool-input-delta', index: this.#index, json });
  }

  #closeOpen(): void {
    if (this.#open === undefined) return;
    if (this.#state !== undefined) {
      this.#events.push({ type: 'signature', index: this.#index, state: this.#state });
      this.#state = undefined;
    }
    if (this.#tool !== undefined) this.#closed.add(this.#tool.key);
    this.#open = undefined;
    this.#tool = undefined;
    this.#events.push({ type: 'block-end', index: this.#index });
  }
}
