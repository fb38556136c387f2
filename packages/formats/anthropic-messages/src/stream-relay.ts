import {
  errors,
  type JsonObject,
  type JsonValue,
  parseJson,
  type SignalboxError,
  type StreamRelay,
  type Usage,
} from '@signalbox/kit';
import { decodeWireError } from './decode-error.ts';
import { FrameScanner } from './frame-scanner.ts';
import { emptyReply, isEmptyEnd, saysSomething } from './inspect-reply.ts';
import { decodeUsage, mergeWireUsage } from './usage.ts';
import { isObject } from './wire.ts';

const NOTHING = Buffer.alloc(0);
const SPACE = 32;
const CLOSING_BRACE = 125;
const EVENT = Buffer.from('event:');
const DELTA_LINE = Buffer.from('event: content_block_delta\n');
const BOM = Buffer.from('\uFEFF');
/** `"model": "…"`: the first one in a `message_start` is the message's. */
const MODEL = /("model"\s*:\s*)"[^"\\]*(?:\\.[^"\\]*)*"/;

/**
 * Passes a stream on and reads on the side what the log and the attempt need. Only the rare frames are parsed, and those up
 * to the first content; of a content frame behind it, it looks at the name and at the last byte.
 */
export class AnthropicStreamRelay implements StreamRelay {
  readonly #echoModel: string | undefined;
  readonly #scanner = new FrameScanner((bytes, start, end) => this.#frame(bytes, start, end));
  #holding: boolean;
  /** What is not let out yet. */
  #held: Uint8Array[] = [];
  /** The frames can no longer be told apart. */
  #lost = false;
  /** The frame with the model's name in the bytes now being scanned, and what goes there. */
  #rewrite: { start: number; end: number; text: string } | undefined;
  #committed = false;
  #begun = false;
  #finished = false;
  #stopReasonSeen = false;
  #error: SignalboxError | undefined;
  #errorShown = false;
  #wireUsage: JsonObject | undefined;

  constructor(echoModel: string | undefined) {
    this.#echoModel = echoModel;
    this.#holding = echoModel !== undefined;
  }

  get committed(): boolean {
    return this.#committed;
  }
  get begun(): boolean {
    return this.#begun;
  }
  get finished(): boolean {
    return this.#finished;
  }
  get error(): SignalboxError | undefined {
    return this.#error;
  }
  /** Clients pass over frames without a name. */
  get errorShown(): boolean {
    return this.#errorShown;
  }
  get usage(): Usage | undefined {
    return decodeUsage(this.#wireUsage);
  }

  /** While bytes are held, only whole frames go out. */
  get betweenFrames(): boolean {
    return !this.#lost && (this.#holding || this.#scanner.kept === 0);
  }

  push(chunk: Uint8Array): Uint8Array | string {
    if (!this.#holding) {
      this.#scan(chunk);
      return chunk;
    }
    const before = this.#scanner.kept;
    this.#scan(chunk);
    // Until the model's name has gone by, nothing of an unfinished frame is let out.
    if (this.#holding && this.#scanner.kept === before + chunk.length) {
      this.#held.push(chunk);
      return NOTHING;
    }
    const bytes = this.#takeHeld(chunk);
    if (!this.#holding) return this.#rewritten(bytes);
    const whole = bytes.length - this.#scanner.kept;
    this.#held.push(bytes.subarray(whole));
    return bytes.subarray(0, whole);
  }

  end(): Uint8Array | string {
    const held = this.#takeHeld(NOTHING);
    this.#guard(() => this.#scanner.end());
    if (this.#stopReasonSeen && this.#error === undefined) this.#finished = true;
    this.#holding = false;
    return this.#rewritten(held);
  }

  #takeHeld(last: Uint8Array): Uint8Array {
    const held = this.#held;
    this.#held = [];
    return held.length === 0 ? last : Buffer.concat([...held, last]);
  }

  #scan(chunk: Uint8Array): void {
    this.#guard(() => this.#scanner.push(chunk));
  }

  #guard(scan: () => void): void {
    if (this.#lost) return;
    try {
      scan();
    } catch {
      this.#lost = true;
      this.#malformed();
    }
  }

  #rewritten(bytes: Uint8Array): Uint8Array {
    const rewrite = this.#rewrite;
    this.#rewrite = undefined;
    if (rewrite === undefined) return bytes;
    const { start, end, text } = rewrite;
    return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(end)]);
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    if (this.#error !== undefined || this.#finished) return;
    switch (eventName(bytes, start, end)) {
      case 'content_block_delta':
      case 'content_block_start':
        if (this.#committed) this.#checkEnd(bytes, end);
        else this.#parse(bytes, start, end);
        break;
      case 'content_block_stop':
      case 'ping':
        this.#checkEnd(bytes, end);
        break;
      case 'message_stop':
        this.#finished = true;
        break;
      default:
        this.#parse(bytes, start, end);
    }
  }

  /** A frame that is cut or garbled does not end like an object. */
  #checkEnd(bytes: Buffer, end: number): void {
    let last = end - 1;
    while (bytes[last] === SPACE) last--;
    if (bytes[last] !== CLOSING_BRACE) this.#malformed();
  }

  #parse(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('utf8', start, end);
    const { event, data } = fieldsOf(text);
    if (data === '' || data.startsWith('[DONE]')) return;
    const wire = parsed(data);
    if (wire === undefined) this.#malformed();
    if (!isObject(wire)) return;
    switch (wire.type ?? (event === '' && isObject(wire.error) ? 'error' : event)) {
      case 'message_start':
        if (isObject(wire.message)) this.#messageStart(wire.message, start, end, text);
        this.#holding = false;
        break;
      case 'content_block_start':
        this.#holding = false;
        if (saysSomething(wire.content_block)) this.#committed = true;
        else if (isObject(wire.content_block) && wire.content_block.type === 'thinking') this.#begun = true;
        break;
      case 'content_block_delta':
        this.#holding = false;
        if (deltaSaysSomething(wire.delta)) this.#committed = true;
        break;
      case 'message_delta':
        if (isObject(wire.usage)) this.#wireUsage = mergeWireUsage(this.#wireUsage, wire.usage);
        if (!isObject(wire.delta) || typeof wire.delta.stop_reason !== 'string') break;
        this.#stopReasonSeen = true;
        if (isEmptyEnd(wire.delta.stop_reason) && !this.#committed) this.#error = emptyReply();
        break;
      case 'message_stop':
        this.#finished = true;
        break;
      case 'error':
        this.#holding = false;
        this.#error = decodeWireError(wire);
        this.#errorShown = event === 'error';
    }
  }

  #messageStart(message: JsonObject, start: number, end: number, text: string): void {
    if (isObject(message.usage)) this.#wireUsage = mergeWireUsage(this.#wireUsage, message.usage);
    // Where nothing is held any more, the frame may be out already, or a part of it.
    if (!this.#holding || message.model === this.#echoModel) return;
    const model = JSON.stringify(this.#echoModel);
    this.#rewrite = { start, end, text: text.replace(MODEL, (_, key: string) => `${key}${model}`) };
  }

  #malformed(): void {
    this.#holding = false;
    this.#error = errors.malformedReply('The provider sent a broken frame.');
  }
}

/** Empty deltas are signs of life, and blanks alone are no text. */
function deltaSaysSomething(delta: JsonValue | undefined): boolean {
  if (!isObject(delta)) return false;
  const { type, text, thinking, signature } = delta;
  if (type === 'text_delta') return saysSomething({ type: 'text', text });
  if (type === 'thinking_delta' || type === 'signature_delta')
    return saysSomething({ type: 'thinking', thinking, signature });
  return true;
}

/** The name on the frame's `event:` line where that comes first, else `''`. */
function eventName(bytes: Buffer, start: number, end: number): string {
  // Nearly every frame is one of these.
  if (startsWith(bytes, DELTA_LINE, start, end)) return 'content_block_delta';
  const from = startsWith(bytes, BOM, start, end) ? start + 3 : start;
  if (!startsWith(bytes, EVENT, from, end)) return '';
  const name = bytes[from + 6] === SPACE ? from + 7 : from + 6;
  let stop = name;
  // The name ends at its line's end, which is the first control character.
  while (stop < end && (bytes[stop] ?? 0) > 31) stop++;
  return bytes.toString('latin1', name, stop);
}

/** In a loop of its own: for so few bytes the engine's ranged comparison costs more than it saves. */
function startsWith(bytes: Buffer, text: Buffer, start: number, end: number): boolean {
  if (end - start < text.length) return false;
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text[at]) return false;
  return true;
}

function parsed(data: string): JsonValue | undefined {
  try {
    return parseJson(data);
  } catch {
    return undefined;
  }
}

function fieldsOf(frame: string): { event: string; data: string } {
  let event = '';
  const data: string[] = [];
  for (const line of frame.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
    else if (line.startsWith('event:')) event = line.slice(line[6] === ' ' ? 7 : 6);
  }
  return { event, data: data.join('\n') };
}
