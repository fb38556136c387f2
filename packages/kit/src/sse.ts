import { StringDecoder } from 'node:string_decoder';

/** One frame of a server-sent event stream. `event` is `''` where the frame names none. */
export interface SseFrame {
  event: string;
  data: string;
}

const MAX_FRAME_CHARS = 32 * 1024 * 1024;

/**
 * Decodes server-sent events as WHATWG describes them: LF, CRLF or CR, comments, multi-line data, a leading BOM, any
 * chunking, UTF-8 split anywhere. Frames without data are skipped.
 */
export class SseDecoder {
  readonly #utf8 = new StringDecoder('utf8');
  #atStart = true;
  #rest = '';
  #event = '';
  #data: string | undefined;
  /** `#rest` ends with a CR, whose LF may come next. */
  #restIsCr = false;
  #lost = false;

  /** @throws {RangeError} once, when one line or event grows past 32 Mi characters; from then on there are no more frames. */
  push(chunk: Uint8Array): SseFrame[] {
    if (this.#lost) return [];
    return this.#read(this.#withoutBom(this.#utf8.write(chunk)), false);
  }

  /** The provider closed: a last frame without its blank line still counts, as servers leave it out. */
  end(): SseFrame[] {
    if (this.#lost) return [];
    const frames = this.#read(this.#withoutBom(this.#utf8.end()), true);
    this.#flush(frames);
    return frames;
  }

  #withoutBom(text: string): string {
    if (!this.#atStart || text === '') return text;
    this.#atStart = false;
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  #read(text: string, last: boolean): SseFrame[] {
    const frames: SseFrame[] = [];
    // A line in many chunks is put together once, when it ends: every search of the whole would copy it.
    if (this.#rest !== '' && !last && !this.#restIsCr && !text.includes('\n') && !text.includes('\r')) {
      this.#keep(this.#rest + text);
      return frames;
    }
    const input = this.#rest === '' ? text : this.#rest + text;
    // What was left over holds no line end but perhaps a last CR: a long line in many chunks is scanned once.
    const from = Math.max(0, this.#rest.length - 1);
    let start = 0;
    let cr = input.indexOf('\r', from);
    let lf = input.indexOf('\n', from);
    while (start < input.length) {
      if (cr !== -1 && cr < start) cr = input.indexOf('\r', start);
      if (lf !== -1 && lf < start) lf = input.indexOf('\n', start);
      let end = lf;
      let next = end + 1;
      // A CR ends a line by itself or with the LF after it; one at the very end may still get its LF.
      if (cr !== -1 && (end === -1 || cr < end)) {
        if (cr === input.length - 1 && !last) break;
        end = cr;
        next = input[cr + 1] === '\n' ? cr + 2 : cr + 1;
      }
      if (end === -1) {
        if (!last) break;
        end = input.length;
        next = end;
      }
      this.#line(input, start, end, frames);
      start = next;
    }
    this.#keep(start === 0 ? input : input.slice(start));
    this.#restIsCr = this.#rest.endsWith('\r');
    return frames;
  }

  #keep(rest: string): void {
    if (rest.length > MAX_FRAME_CHARS) this.#giveUp('a server-sent event line is longer than 32 Mi characters');
    this.#rest = rest;
  }

  /** Nothing of what follows can be told apart, or is kept. */
  #giveUp(why: string): never {
    this.#lost = true;
    this.#rest = '';
    this.#data = undefined;
    throw new RangeError(why);
  }

  #line(input: string, start: number, end: number, frames: SseFrame[]): void {
    if (end === start) {
      this.#flush(frames);
    } else if (input.startsWith('data:', start)) {
      const value = input.slice(input[start + 5] === ' ' ? start + 6 : start + 5, end);
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
      if (this.#data.length > MAX_FRAME_CHARS) this.#giveUp('a server-sent event is longer than 32 Mi characters');
    } else if (input.startsWith('event:', start)) {
      this.#event = input.slice(input[start + 6] === ' ' ? start + 7 : start + 6, end);
    } else if (input.startsWith('data', start) && end === start + 4) {
      this.#data = this.#data === undefined ? '' : `${this.#data}\n`;
    } else if (input.startsWith('event', start) && end === start + 5) {
      this.#event = '';
    }
    // Comments, `id:`, `retry:` and unknown fields carry nothing for us.
  }

  #flush(frames: SseFrame[]): void {
    if (this.#data !== undefined && this.#data !== '') frames.push({ event: this.#event, data: this.#data });
    this.#data = undefined;
    this.#event = '';
  }
}
