/** More than this waits for no reader: the sender is held. */
const HIGH_WATER_BYTES = 256 * 1024;

/** Whoever sends the chunks. */
interface Sender {
  hold(): void;
  goOn(): void;
}

/** The chunks between one who sends and one who reads: it holds the sender until the reader has caught up. */
export class ChunkQueue {
  readonly #sender: Sender;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #held = false;
  #ended = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  get ended(): boolean {
    return this.#ended;
  }

  put(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > HIGH_WATER_BYTES && !this.#held) {
      this.#held = true;
      this.#sender.hold();
    }
    this.#wakeReader();
  }

  /** What waits is wanted by nobody. */
  drop(): void {
    this.#chunks = [];
    this.#goOn();
  }

  /** No more will come. What waits is read all the same, and then `error` is thrown, if there is one. */
  end(error: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#wakeReader();
  }

  /** What has come since the last call, waiting if that is nothing; `undefined` at the end. */
  async next(): Promise<readonly Buffer[] | undefined> {
    if (this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#chunks.length > 0) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#bytes = 0;
      this.#goOn();
      return chunks;
    }
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  #goOn(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#sender.goOn();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
