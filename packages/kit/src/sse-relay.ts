import type { Usage } from '@signalbox/spec';
import { errors, SignalboxError } from './errors.ts';
import type { StreamRelay } from './format.ts';
import { SseDecoder, type SseFrame } from './sse.ts';

/** A line end, and a blank line after it. */
const FRAME_END = /(?:\n\r?\n|\r\r)$/;
const NOTHING = new Uint8Array();

/** Puts another model name into bytes that go by; it may hold some back until it knows them. */
export interface StreamRewrite {
  push(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/**
 * A relay of server-sent events: the bytes go on as they came, and `frame` reads each whole frame on the side. It sets
 * `committed`, `finished` and `usage`, and calls `fail`. It sees every frame of every stream that passes through: a look for
 * the few words that matter is cheaper than a parse.
 */
export abstract class SseRelay implements StreamRelay {
  committed = false;
  finished = false;
  error: SignalboxError | undefined;
  errorShown = false;
  abstract readonly usage: Usage | undefined;
  readonly #sse = new SseDecoder();
  readonly #rewrite: StreamRewrite | undefined;
  /** The last bytes given out, as many as the longest blank line with the line end before it. */
  #given = '\n\n';

  constructor(rewrite?: StreamRewrite) {
    this.#rewrite = rewrite;
  }

  /**
   * @param last behind the last byte: the blank line is missing, and half a frame means a stream that was cut, which whoever
   * reads the relay sees by itself.
   * @throws {SignalboxError} which becomes the relay's `error`
   */
  protected abstract frame(frame: SseFrame, last: boolean): void;

  /** The first error counts. `shown`: this format's clients act on the frame, and need not be told again. */
  protected fail(error: SignalboxError, shown = false): void {
    if (this.error !== undefined) return;
    this.error = error;
    this.errorShown = shown;
  }

  /** Nothing was given out yet, or it ended with the blank line of a frame. */
  get betweenFrames(): boolean {
    return FRAME_END.test(this.#given);
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#scan(() => this.#sse.push(chunk), false);
    return this.#give(this.#rewrite === undefined ? chunk : this.#rewrite.push(chunk));
  }

  end(): Uint8Array {
    this.#scan(() => this.#sse.end(), true);
    return this.#rewrite === undefined ? NOTHING : this.#give(this.#rewrite.end());
  }

  #give(bytes: Uint8Array): Uint8Array {
    const last = bytes.subarray(Math.max(0, bytes.length - 4));
    this.#given = (this.#given + String.fromCharCode(...last)).slice(-4);
    return bytes;
  }

  #scan(read: () => readonly SseFrame[], last: boolean): void {
    try {
      for (const frame of read()) this.frame(frame, last);
    } catch (error) {
      if (SignalboxError.is(error)) this.fail(error);
      else if (error instanceof RangeError)
        this.fail(errors.malformedReply('The provider sent a stream frame that is too long.', { cause: error }));
      else throw error;
    }
  }
}
