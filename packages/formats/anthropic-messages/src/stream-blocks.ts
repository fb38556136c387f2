import {
  errors,
  type JsonObject,
  type JsonValue,
  parseJson,
  type StreamEvent,
  setField,
  type TargetContext,
} from '@signalbox/kit';
import { searchIn, signatureState, stateOf, tagged, toolExtras, toolIdentity } from './reply-blocks.ts';
import { citationDelta } from './web-search.ts';
import { FORMAT_ID, isAbsent, isObject } from './wire.ts';

interface OpenBlock {
  readonly key: JsonValue | undefined;
  readonly wire: JsonObject;
  /** Deltas that arrived while another block was open. */
  readonly held: JsonValue[];
  stopped: boolean;
  signature: string;
  /** Whether any argument text has come. */
  hasInput: boolean;
  /** Argument text of a block that only this format has, for its whole value. */
  json: string;
}

/**
 * The content blocks of one stream, in the canonical grammar: one open at a time, counted from 0. A block that a server
 * starts before it has stopped the one before waits for its turn.
 */
export class StreamBlocks {
  readonly #target: TargetContext;
  readonly #push: (event: StreamEvent) => void;
  /** In the order in which they begin. */
  readonly #waiting = new Set<OpenBlock>();
  /** The last one of each index. */
  readonly #waitingByKey = new Map<JsonValue | undefined, OpenBlock>();
  #open: OpenBlock | undefined;
  #index = -1;
  #toolCalls = 0;

  constructor(target: TargetContext, push: (event: StreamEvent) => void) {
    this.#target = target;
    this.#push = push;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  get toolCalls(): number {
    return this.#toolCalls;
  }

  /** @throws {SignalboxError} MALFORMED_REPLY when a call would be closed before it is whole. */
  start(key: JsonValue | undefined, content: JsonValue | undefined): void {
    if (!isObject(content)) return;
    const block: OpenBlock = { key, wire: content, held: [], stopped: false, signature: '', hasInput: false, json: '' };
    const before = this.#open?.key === key ? this.#open : this.#waitingByKey.get(key);
    if (before !== undefined && !before.stopped) {
      // The same index again: the server forgot the stop. A client would run a call that is closed too early.
      if (before.wire.type === 'tool_use') {
        throw errors.malformedReply('The provider started a block before it ended the tool call in its place.');
      }
      before.stopped = true;
      this.#closeStopped();
    }
    if (this.#open === undefined) {
      this.#begin(block);
      return;
    }
    this.#waiting.add(block);
    this.#waitingByKey.set(key, block);
  }

  delta(key: JsonValue | undefined, delta: JsonValue | undefined): void {
    if (!isObject(delta)) return;
    if (this.#open?.key === key && this.#open !== undefined) {
      this.#apply(this.#open, delta);
      return;
    }
    const waiting = this.#waitingByKey.get(key);
    if (waiting !== undefined) {
      waiting.held.push(delta);
      return;
    }
    // Text without a start is still text; other deltas mean nothing without their block.
    const type = delta.type === 'text_delta' ? 'text' : delta.type === 'thinking_delta' ? 'thinking' : undefined;
    if (type === undefined) return;
    this.start(key, { type });
    this.delta(key, delta);
  }

  stop(key: JsonValue | undefined): void {
    const block = this.#open?.key === key ? this.#open : this.#waitingByKey.get(key);
    if (block === undefined) return;
    block.stopped = true;
    this.#closeStopped();
  }

  /** The reply is finished, so every block is. */
  closeAll(): void {
    while (this.#open !== undefined) this.#close();
  }

  /** One by one, as one that closes lets the next begin: they may be very many. */
  #closeStopped(): void {
    while (this.#open?.stopped === true) this.#close();
  }

  #begin(block: OpenBlock): void {
    this.#open = block;
    const { wire } = block;
    switch (wire.type) {
      case 'text':
        this.#push({ type: 'block-start', index: ++this.#index, block: { type: 'text' } });
        this.#apply(block, { type: 'text_delta', text: wire.text });
        for (const citation of Array.isArray(wire.citations) ? wire.citations : []) {
          this.#apply(block, { type: 'citations_delta', citation });
        }
        break;
      case 'thinking':
        this.#push({ type: 'block-start', index: ++this.#index, block: { type: 'reasoning' } });
        this.#apply(block, { type: 'thinking_delta', thinking: wire.thinking });
        this.#apply(block, { type: 'signature_delta', signature: wire.signature });
        break;
      case 'redacted_thinking': {
        this.#push({ type: 'block-start', index: ++this.#index, block: { type: 'reasoning', redacted: true } });
        const state = stateOf(typeof wire.data === 'string' ? wire.data : '', this.#target);
        this.#push({ type: 'signature', index: this.#index, state });
        break;
      }
      case 'tool_use': {
        this.#toolCalls++;
        const identity = { ...toolIdentity(wire, this.#target), ...tagged(toolExtras(wire)) };
        this.#push({ type: 'block-start', index: ++this.#index, block: { type: 'tool-call', ...identity } });
      }
    }
    for (const delta of block.held) if (isObject(delta)) this.#apply(block, delta);
  }

  #apply(block: OpenBlock, delta: JsonObject): void {
    const { type } = block.wire;
    if (delta.type === 'text_delta' && type === 'text') {
      if (isText(delta.text)) this.#push({ type: 'text-delta', index: this.#index, text: delta.text });
    } else if (delta.type === 'input_json_delta' && type === 'tool_use') {
      if (!isText(delta.partial_json)) return;
      block.hasInput = true;
      this.#push({ type: 'tool-input-delta', index: this.#index, json: delta.partial_json });
    } else if (delta.type === 'thinking_delta' && type === 'thinking') {
      if (isText(delta.thinking)) this.#push({ type: 'reasoning-delta', index: this.#index, text: delta.thinking });
    } else if (delta.type === 'signature_delta' && type === 'thinking') {
      if (isText(delta.signature)) block.signature += delta.signature;
    } else if (type === 'text') {
      this.#push({ type: 'extension-delta', index: this.#index, format: FORMAT_ID, value: citationDelta(delta) });
    } else if (type !== 'tool_use' && type !== 'thinking' && type !== 'redacted_thinking') {
      extendWhole(block, delta);
    }
  }

  #close(): void {
    const block = this.#open;
    if (block === undefined) return;
    const { wire } = block;
    switch (wire.type) {
      case 'thinking': {
        const state = signatureState(block.signature, this.#target);
        if (state !== undefined) this.#push({ type: 'signature', index: this.#index, state });
        break;
      }
      case 'tool_use':
        // A server that fills the input in at the start and sends no deltas.
        if (!block.hasInput && !isAbsent(wire.input)) {
          const json = typeof wire.input === 'string' ? wire.input : JSON.stringify(wire.input);
          if (json !== '' && json !== '{}') this.#push({ type: 'tool-input-delta', index: this.#index, json });
        }
        break;
      case 'text':
      case 'redacted_thinking':
        break;
      default: {
        const value = block.json === '' ? wire : { ...wire, input: parseInput(block.json) };
        const whole = { type: 'opaque', format: FORMAT_ID, value, ...searchIn(value) } as const;
        this.#push({ type: 'block-start', index: ++this.#index, block: whole });
      }
    }
    this.#push({ type: 'block-end', index: this.#index });
    this.#open = undefined;
    const next = this.#waiting.values().next().value;
    if (next === undefined) return;
    this.#waiting.delete(next);
    if (this.#waitingByKey.get(next.key) === next) this.#waitingByKey.delete(next.key);
    this.#begin(next);
  }
}

/** Empty deltas are only signs of life. */
function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

/** A block that arrives in pieces but travels whole: its input is text until the end, other deltas are its fields. */
function extendWhole(block: OpenBlock, { type, ...fields }: JsonObject): void {
  if (type === 'input_json_delta') {
    if (typeof fields.partial_json === 'string') block.json += fields.partial_json;
  } else for (const key in fields) setField(block.wire, key, fields[key]);
}

function parseInput(json: string): JsonValue {
  try {
    return parseJson(json);
  } catch {
    return { _raw: json };
  }
}
