import { closeSync, write, writeSync } from 'node:fs';

/** What may wait for a place that is slow or full, in characters; what comes on top is lost. */
const MAX_WAITING = 16 * 1024 * 1024;
/** How soon a place that takes nothing right now is asked again. */
const BUSY_MS = 20;
/** How long the last lines may take when the process ends without closing anything. */
const EXIT_LIMIT_MS = 500;

/**
 * Appends lines to an open file or stream, many of them in one write while it is busy. One that fails is reported once,
 * until it takes something again, and what it did not take is lost: a log holds nobody up, not even the end of the process.
 */
export class LineWriter {
  readonly #fd: number;
  readonly #report: (problem: string) => void;
  #waiting = '';
  /** What the place was too busy to take. */
  #refused: Buffer | undefined;
  #writing = false;
  #failing = false;
  #lost = 0;
  #closed = false;
  #idle: (() => void) | undefined;
  readonly #onExit = (): void => this.#flush();

  constructor(fd: number, report: (problem: string) => void) {
    this.#fd = fd;
    this.#report = report;
    process.on('exit', this.#onExit);
  }

  write(line: string): void {
    if (this.#closed) {
      this.#report(`a line came after the end: ${line.trimEnd()}`);
      return;
    }
    if (this.#waiting.length > MAX_WAITING) {
      if (this.#lost++ === 0) this.#report('it takes no more lines');
      return;
    }
    this.#waiting += line;
    if (!this.#writing) this.#next();
  }

  /** Settles when everything is written, or cannot be, at the latest after `limitMs`. */
  async close(limitMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#writing) {
      await new Promise<void>((resolve) => {
        const limit = setTimeout(resolve, limitMs);
        this.#idle = () => {
          clearTimeout(limit);
          resolve();
        };
      });
    }
    process.off('exit', this.#onExit);
    // One that is still being written to must not become another file's.
    if (this.#fd > 2 && !this.#writing) closeSync(this.#fd);
  }

  #next(): void {
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#writing = bytes.length > 0;
    if (this.#writing) this.#put(bytes);
    else this.#idle?.();
  }

  #put(bytes: Buffer): void {
    write(this.#fd, bytes, (error, count) => {
      if (error === null) {
        if (count < bytes.length) {
          this.#put(bytes.subarray(count));
          return;
        }
        this.#recovered();
      } else if (error.code === 'EAGAIN') {
        this.#refused = bytes;
        setTimeout(() => this.#again(), BUSY_MS);
        return;
      } else if (!this.#failing) {
        this.#failing = true;
        this.#report(error.message);
      }
      this.#next();
    });
  }

  #again(): void {
    const bytes = this.#refused;
    this.#refused = undefined;
    if (bytes !== undefined) this.#put(bytes);
  }

  #recovered(): void {
    this.#failing = false;
    if (this.#lost > 0) this.#report(`${this.#lost} lines are lost`);
    this.#lost = 0;
  }

  /** What waits behind the write that is on its way, at once. */
  #flush(): void {
    let bytes = Buffer.concat([this.#refused ?? Buffer.alloc(0), Buffer.from(this.#waiting)]);
    this.#refused = undefined;
    this.#waiting = '';
    const until = performance.now() + EXIT_LIMIT_MS;
    while (bytes.length > 0 && performance.now() < until) {
      try {
        bytes = bytes.subarray(writeSync(this.#fd, bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      }
    }
  }
}
