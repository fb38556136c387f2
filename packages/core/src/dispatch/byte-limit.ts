import { errors } from '@signalbox/kit';

/** What is kept in memory while a stream has no content yet. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Decoders, encoders and taps remember what they need of an answer; none is as long as this. */
export const MAX_DECODED_BYTES = 256 * 1024 * 1024;

/** Counts what a provider sends. @throws {SignalboxError} MALFORMED_REPLY for more than anybody can mean. */
export class ByteLimit {
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(chunks: readonly Uint8Array[]): void {
    for (const { length } of chunks) this.#bytes += length;
    if (this.#bytes > this.#most) {
      throw errors.malformedReply(`The provider sent more than ${this.#most} bytes and was still not done.`);
    }
  }
}
