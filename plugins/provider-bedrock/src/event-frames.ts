import { errors, type JsonValue, parseJson } from '@signalbox/kit';
import { EventStreamCodec } from '@smithy/core/event-streams';

/** One message of the event stream. */
export interface EventFrame {
  /** `event`, `exception` or `error`. */
  readonly kind: string;
  /** `contentBlockDelta`, `throttlingException`, … */
  readonly name: string;
  readonly payload: JsonValue | undefined;
}

const toText = (bytes: Uint8Array | string): string =>
  typeof bytes === 'string' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
const codec = new EventStreamCodec(toText, (text) => Buffer.from(text, 'utf8'));

const PRELUDE_BYTES = 4;
const MIN_FRAME_BYTES = 16;
/** In front of the headers: the length of the message, that of its headers, and a checksum of both. */
const HEADERS_START = 12;
const CRC_BYTES = 4;
/** How long a header's value is, by the number of its type; bytes and texts say it themselves. */
const VALUE_BYTES: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];
/** Twice what the protocol allows. */
const MAX_FRAME_BYTES = 48 * 1024 * 1024;

/** Cuts a stream of bytes into its messages, wherever the network cut it. */
export class EventFrames {
  /** The pieces of a message that is not whole: put together once, when it is. */
  #pieces: Buffer[] = [];
  #length = 0;
  /** The whole length of that message; 0: not known yet. */
  #wanted = 0;

  /** Bytes of a message that is not whole. */
  get pending(): boolean {
    return this.#length > 0;
  }

  /** @throws {SignalboxError} MALFORMED_REPLY for what is no event stream, or was damaged; behind the messages before it. */
  *push(chunk: Uint8Array): Generator<EventFrame> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#length + bytes.length < Math.max(PRELUDE_BYTES, this.#wanted)) {
      this.#keep(bytes);
      return;
    }
    let rest = this.#length === 0 ? bytes : Buffer.concat([...this.#pieces, bytes]);
    this.#pieces = [];
    this.#length = 0;
    this.#wanted = 0;
    while (rest.length >= PRELUDE_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length < MIN_FRAME_BYTES || length > MAX_FRAME_BYTES) throw malformed();
      if (rest.length < length) {
        this.#wanted = length;
        break;
      }
      yield decodeFrame(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#keep(rest);
  }

  /** A copy, so that a few bytes do not keep a whole chunk in memory. */
  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pieces.push(Buffer.from(bytes));
    this.#length += bytes.length;
  }
}

function decodeFrame(bytes: Buffer): EventFrame {
  let headers: Record<string, { value: unknown }>;
  let body: Uint8Array;
  try {
    checkHeaders(bytes);
    ({ headers, body } = codec.decode(bytes));
  } catch (error) {
    throw malformed(error);
  }
  const header = (name: string): string => {
    const value = headers[name]?.value;
    return typeof value === 'string' ? value : '';
  };
  const kind = header(':message-type');
  const text = toText(body);
  if (kind === 'error') {
    return { kind, name: header(':error-code'), payload: { message: header(':error-message') } };
  }
  const name = header(kind === 'exception' ? ':exception-type' : ':event-type');
  try {
    return { kind, name, payload: text === '' ? undefined : parseJson(text) };
  } catch (error) {
    if (kind === 'exception') return { kind, name, payload: { message: text } };
    throw malformed(error);
  }
}

/**
 * The codec believes what a header says about its length, and would read what stands behind the message in memory: other
 * callers' words, or a key.
 */
function checkHeaders(bytes: Buffer): void {
  const end = HEADERS_START + bytes.readUInt32BE(4);
  if (end + CRC_BYTES > bytes.length) throw new RangeError('headers that are longer than their message');
  let at = HEADERS_START;
  while (at < end) {
    at += 1 + bytes.readUInt8(at);
    const value = bytes.readUInt8(at++);
    at += value < VALUE_BYTES.length ? (VALUE_BYTES[value] ?? 2 + bytes.readUInt16BE(at)) : 0;
  }
  if (at !== end) throw new RangeError('a header that is longer than all of them');
}

function malformed(cause?: unknown): Error {
  return errors.malformedReply('The provider sent a damaged event stream.', { cause });
}
