/** How the replies of one stream are told apart. */
export interface Frames {
  readonly contentType: string;
  frame(json: string): string;
  /** A sign of life; `json` is a frame that says nothing. */
  alive(json: string): string;
  /** The last frame, and the end. */
  last(json: string): string;
}

/** `alt=sse`: server-sent events. */
export class EventFrames implements Frames {
  readonly contentType = 'text/event-stream; charset=utf-8';

  frame(json: string): string {
    return `data: ${json}\n\n`;
  }
  alive(json: string): string {
    return this.frame(json);
  }
  last(json: string): string {
    return this.frame(json);
  }
}

/** One JSON array that grows; it is closed by the last frame only, so that a cut one does not parse. */
export class ArrayFrames implements Frames {
  readonly contentType = 'application/json; charset=utf-8';
  #begun = false;

  frame(json: string): string {
    const before = this.#begun ? ',\n' : '[';
    this.#begun = true;
    return before + json;
  }
  /** Between two elements blanks mean nothing. */
  alive(): string {
    return '\n';
  }
  last(json: string): string {
    return `${this.frame(json)}]\n`;
  }
}
