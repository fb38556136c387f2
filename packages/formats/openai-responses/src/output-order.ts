import type { JsonObject } from '@signalbox/kit';

/**
 * Lets the events of one output item through at a time. Items are sent one after another, but nothing on the wire says
 * that they must be: those of a later item wait until the one before them is done.
 */
export class OutputOrder {
  readonly #handle: (event: JsonObject, index: number) => void;
  #current: number | undefined;
  #held: (readonly [event: JsonObject, index: number])[] = [];

  constructor(handle: (event: JsonObject, index: number) => void) {
    this.#handle = handle;
  }

  get current(): number | undefined {
    return this.#current;
  }

  add(event: JsonObject, index: number): void {
    this.#current ??= index;
    if (index !== this.#current) {
      this.#held.push([event, index]);
      return;
    }
    this.#handle(event, index);
  }

  /** The current item is complete: what waited for that comes next. */
  next(): void {
    this.#current = undefined;
    const held = this.#held;
    this.#held = [];
    for (const [event, index] of held) this.add(event, index);
  }
}
