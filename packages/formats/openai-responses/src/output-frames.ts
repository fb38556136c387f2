import type { JsonObject, JsonValue } from '@signalbox/kit';

/** An item that deltas add to. */
export interface OpenItem {
  readonly id: string;
  readonly index: number;
  /** What every delta of it says, up to the piece itself, and what follows that. */
  readonly head: string;
  readonly tail: string;
  said: string;
}

/** The frames of one stream: numbered, its items in their places. */
export class OutputFrames {
  #sequence = 0;
  /** The finished items as JSON: the end of the stream repeats them. */
  readonly #finished: string[] = [];

  /** Further frames are counted from here on. */
  countFrom(number: number): void {
    this.#sequence = number;
  }

  frame(type: string, fields: string): string {
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},${fields}}\n\n`;
  }

  delta(type: string, { head, tail }: OpenItem, piece: string): string {
    return this.frame(type, head + JSON.stringify(piece) + tail);
  }

  /** Where something of an item stands; of the one that is next, unless `index` says otherwise. */
  place(id: string, index = this.#finished.length): string {
    return `"item_id":"${id}","output_index":${index}`;
  }

  open(id: string, head: string, tail: string): OpenItem {
    return { id, index: this.#finished.length, head, tail, said: '' };
  }

  added(item: JsonObject): string {
    return this.frame('response.output_item.added', `"output_index":${this.#finished.length},"item":${json(item)}`);
  }

  done(item: JsonObject): string {
    const text = json(item);
    const index = this.#finished.push(text) - 1;
    return this.frame('response.output_item.done', `"output_index":${index},"item":${text}`);
  }

  /** An item that arrives whole. */
  whole(item: JsonObject): string {
    return this.added(item) + this.done(item);
  }

  /** The finished items, each as JSON. */
  get items(): readonly string[] {
    return this.#finished;
  }

  /** The list of the finished items, as JSON. */
  output(): string {
    return `[${this.#finished.join(',')}]`;
  }
}

export function json(value: JsonValue): string {
  return JSON.stringify(value);
}
