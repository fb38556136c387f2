import { connect, type Socket } from 'node:net';
import { ResponseReader } from './response-reader.ts';

// One buffer serves all sockets: what is read is looked at before the next read begins.
const shared = Buffer.allocUnsafe(256 * 1024);

/** What happened to one request. Times are in ms. */
export interface Answer {
  readonly status: number;
  /** From the first byte sent (or due, if that was earlier) to the last byte received. */
  readonly totalMs: number;
  /** To the read that held `mark`; `undefined` if it never came. */
  readonly markMs: number | undefined;
  readonly body: string | undefined;
}

export interface RequestPlan {
  readonly bytes: Buffer;
  /** Bytes whose first arrival is timed. */
  readonly mark?: Buffer;
  readonly keepBody?: boolean;
}

/** One keep-alive connection: one request at a time, nothing allocated per read. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  readonly #plan: RequestPlan;
  #sentAt = 0;
  #markMs: number | undefined;
  #pieces: Buffer[] = [];
  #done: ((answer: Answer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #marked: (() => void) | undefined;

  private constructor(port: number, plan: RequestPlan, opened: () => void) {
    this.#plan = plan;
    this.#socket = connect(
      {
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer: shared,
          callback: (size) => {
            this.#read(size);
            return true;
          },
        },
      },
      opened,
    );
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('The connection was closed in the middle of an answer.')));
    if (plan.keepBody) this.#reader.onBody = (piece) => this.#pieces.push(Buffer.from(piece));
  }

  static open(port: number, plan: RequestPlan): Promise<ClientConnection> {
    return new Promise((resolve, reject) => {
      const connection = new ClientConnection(port, plan, () => {
        connection.#failed = undefined;
        resolve(connection);
      });
      connection.#failed = reject;
    });
  }

  /**
   * Sends the request and waits for the whole answer. `dueAt` (`performance.now()`) is when it should have been sent.
   * @throws {Error} if the connection breaks or the answer is not HTTP.
   */
  request(dueAt?: number): Promise<Answer> {
    this.#sentAt = dueAt ?? performance.now();
    this.#markMs = undefined;
    this.#pieces = [];
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#failed = reject;
      this.#socket.write(this.#plan.bytes);
    });
  }

  /** Sends the request and waits for the mark only. */
  requestUntilMark(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#marked = resolve;
      this.request().then(() => reject(new Error('The answer ended without the mark.')), reject);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #read(size: number): void {
    const data = shared.subarray(0, size);
    const { mark } = this.#plan;
    if (mark !== undefined && this.#markMs === undefined && data.includes(mark)) {
      this.#markMs = performance.now() - this.#sentAt;
      this.#marked?.();
      this.#marked = undefined;
    }
    let ended: boolean;
    try {
      ended = this.#reader.push(data);
    } catch (error) {
      this.#socket.destroy(error as Error);
      return;
    }
    if (!ended) return;
    const done = this.#done;
    this.#done = undefined;
    this.#failed = undefined;
    done?.({
      status: this.#reader.status,
      totalMs: performance.now() - this.#sentAt,
      markMs: this.#markMs,
      body: this.#plan.keepBody ? Buffer.concat(this.#pieces).toString('utf8') : undefined,
    });
  }

  #fail(error: Error): void {
    const failed = this.#failed;
    this.#failed = undefined;
    failed?.(error);
  }
}
