const NAME_BYTES = 100;

/** What is tried at the moment, in memory that another thread can read while this one is stuck. */
export class Progress {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #name: Uint8Array;

  constructor(memory = new SharedArrayBuffer(8 + NAME_BYTES)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, 2);
    this.#name = new Uint8Array(memory, 8, NAME_BYTES);
  }

  begin(name: string, at: number): void {
    Atomics.add(this.#numbers, 0, 1);
    Atomics.store(this.#numbers, 1, at);
    this.#name.set(Buffer.from(name.padEnd(NAME_BYTES)).subarray(0, NAME_BYTES));
  }

  /** How many tries were begun. */
  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  /** The last one that was begun. */
  get last(): { readonly name: string; readonly at: number } {
    return { name: Buffer.from(this.#name).toString().trim(), at: Atomics.load(this.#numbers, 1) };
  }
}
