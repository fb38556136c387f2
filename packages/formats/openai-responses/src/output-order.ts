import type { JsonObject } from '@signalbox/kit';

/**
 * Lets the events of one output item through at a time. Items are sent one after another, but nothing on the wire says
 * that they must be: those of a later item wait until the one before them is done.
 */
export class OutputOrder {
  readonly #handle: (event: JsonObject, index: number) => void;
  #current: number | undefined;
  /** By item, in the order in which they came up. */
  readonly #held = new Map<number, JsonObject[]>();
  #moving = false;

  constructor(handle: (event: JsonObject, index: number) => void) {
    this.#handle = handle;
  }

  get current(): number | undefined {
    return this.#current;
  }

  add(event: JsonObject, index: number): void {
    this.#current ??= index;
    if (index === this.#current) {
      this.#handle(event, index);
      return;
    }
    const held = this.#held.get(index);
    if (held === undefined) this.#held.set(index, [event]);
    else held.push(event);
  }

  /** The current item is complete: what waited for that comes next. It may be complete, too, and so on. */
  next(): void {
    this.#current = undefined;
    if (this.#moving) return;
    this.#moving = true;
    try {
      for (const [index, events] of this.#held) {
        this.#held.delete(index);
        this.#current = index;
        for (const event of events) this.#handle(event, index);
        if (this.#current !== undefined) return;
      }
    } finally {
      this.#moving = false;
    }
  }
}
