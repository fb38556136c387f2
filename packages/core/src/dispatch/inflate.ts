import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { entryOf } from '@signalbox/kit';
import type { Dispatcher } from 'undici';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What the inflated bytes go to. */
interface Sink {
  data(chunk: Buffer): void;
  end(): void;
  error(error: Error): void;
}

/** The body of an answer that came compressed although nobody asked for that; some providers and proxies do it always. */
export class Inflater {
  readonly #decoder: Transform;
  readonly #controller: Dispatcher.DispatchController;
  /** The decoder has enough for now. */
  #waits = false;
  /** All that there is has come: the connection may serve somebody else. */
  #ended = false;

  /** @returns `undefined` for a body that is not compressed, or in a way that nobody here can read. */
  static for(
    encoding: string | undefined,
    controller: Dispatcher.DispatchController,
    sink: Sink,
  ): Inflater | undefined {
    const create = entryOf(DECODERS, encoding?.trim().toLowerCase());
    return create === undefined ? undefined : new Inflater(create(), controller, sink);
  }

  private constructor(decoder: Transform, controller: Dispatcher.DispatchController, sink: Sink) {
    this.#decoder = decoder;
    this.#controller = controller;
    decoder.on('data', (chunk: Buffer) => sink.data(chunk));
    decoder.on('end', () => sink.end());
    decoder.on('error', (error) => sink.error(error));
    decoder.on('drain', () => {
      this.#waits = false;
      if (!decoder.isPaused() && !this.#ended) controller.resume();
    });
  }

  /** Whether all has come that the provider sends, and not only all that was compressed. */
  get ended(): boolean {
    return this.#ended;
  }

  push(chunk: Buffer): void {
    if (this.#decoder.write(chunk)) return;
    this.#waits = true;
    this.#controller.pause();
  }

  end(): void {
    this.#ended = true;
    this.#decoder.end();
  }

  pause(): void {
    this.#decoder.pause();
    if (!this.#ended) this.#controller.pause();
  }

  resume(): void {
    this.#decoder.resume();
    if (!this.#waits && !this.#ended) this.#controller.resume();
  }

  destroy(): void {
    this.#decoder.destroy();
  }
}
