const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Finds the end of one HTTP/1.1 response after the other in what a keep-alive socket gives, reading no more than it
 * must: the head once per response, then lengths. Chunks may be cut anywhere.
 */
export class ResponseReader {
  status = 0;
  /** Called with each piece of the body, framing removed; valid only during the call. */
  onBody: ((piece: Buffer) => void) | undefined;
  #head = '';
  #inHead = true;
  #chunked = false;
  /** Bytes of the body, or of the current chunk with its line end, that are still to come. */
  #remaining = 0;
  #sizeLine = '';
  #last = false;

  /** Takes what was read. Gives `true` when the response ended with it. @throws {Error} if this is not HTTP. */
  push(data: Buffer): boolean {
    let at = 0;
    if (this.#inHead) {
      at = this.#readHead(data);
      if (at === -1) return false;
    }
    const ended = this.#chunked ? this.#readChunks(data, at) : this.#readLength(data, at);
    if (ended) {
      this.#inHead = true;
      this.#head = '';
    }
    return ended;
  }

  #readHead(data: Buffer): number {
    // The head may be cut within its end, so what came before is looked at again.
    const before = Buffer.byteLength(this.#head, 'latin1');
    const all = before === 0 ? data : Buffer.concat([Buffer.from(this.#head, 'latin1'), data]);
    const end = all.indexOf(HEAD_END);
    this.#head = all.toString('latin1', 0, end === -1 ? all.length : end);
    if (end === -1) return -1;
    const head = this.#head;
    if (!head.startsWith('HTTP/1.1 ')) throw new Error(`This is not an HTTP response: ${head.slice(0, 80)}`);
    this.status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#inHead = false;
    this.#chunked = length === undefined;
    this.#remaining = Number(length ?? 0);
    this.#sizeLine = '';
    this.#last = false;
    if (this.#chunked && !/\r\ntransfer-encoding: *chunked/i.test(head)) {
      throw new Error('A response without content-length or transfer-encoding cannot be told from the next.');
    }
    return end + HEAD_END.length - before;
  }

  #readLength(data: Buffer, from: number): boolean {
    const piece = data.length - from;
    if (piece > 0) this.onBody?.(data.subarray(from));
    this.#remaining -= piece;
    if (this.#remaining < 0) throw new Error('The response is longer than its content-length.');
    return this.#remaining === 0;
  }

  #readChunks(data: Buffer, from: number): boolean {
    let at = from;
    while (at < data.length) {
      if (this.#remaining > 0) {
        const end = Math.min(data.length, at + this.#remaining);
        // The last two bytes of a chunk are its line end.
        const text = Math.min(end, at + this.#remaining - 2);
        if (!this.#last && text > at) this.onBody?.(data.subarray(at, text));
        this.#remaining -= end - at;
        at = end;
        if (this.#last && this.#remaining === 0) return true;
        continue;
      }
      const lineEnd = data.indexOf(0x0a, at);
      this.#sizeLine += data.toString('latin1', at, lineEnd === -1 ? data.length : lineEnd);
      if (lineEnd === -1) return false;
      const size = Number.parseInt(this.#sizeLine, 16);
      if (Number.isNaN(size)) throw new Error(`This is not the size of a chunk: ${this.#sizeLine.slice(0, 40)}`);
      this.#sizeLine = '';
      this.#last = size === 0;
      this.#remaining = size + 2;
      at = lineEnd + 1;
    }
    return false;
  }
}
