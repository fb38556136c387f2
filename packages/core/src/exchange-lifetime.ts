import { errors, type SignalboxError } from '@signalbox/kit';

/** Whether somebody still waits for the answer of an exchange, and how whoever works for it learns that nobody does. */
export class ExchangeLifetime {
  /** The whole reply is on its way: a client that leaves now has missed nothing. */
  complete = false;
  /** Why the gateway ended it before its time. */
  stopped: SignalboxError | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #aborted = false;
  #release: (() => void) | undefined = undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.over) this.#controller.abort(this.stopped ?? errors.clientClosed());
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  /** The client left: whoever works for it stops now. */
  abort(): void {
    if (this.#aborted) return;
    if (this.complete) {
      this.release();
      return;
    }
    this.#aborted = true;
    this.#controller?.abort(errors.clientClosed());
    this.release();
  }

  /** The gateway cannot wait any longer: whoever works for the exchange stops now, and the client is told why. */
  stop(reason: SignalboxError): void {
    if (this.#aborted || this.complete || this.stopped !== undefined) return;
    this.stopped = reason;
    this.#controller?.abort(reason);
    this.release();
  }

  /** Nobody waits for an answer any more. */
  get over(): boolean {
    return this.#aborted || this.stopped !== undefined;
  }

  /** `cancel` ends the running attempt's call; it is called when the client leaves and when the exchange is over. */
  onRelease(cancel: () => void): void {
    this.#release = cancel;
    if (this.over) this.release();
  }

  /** Ends whatever provider call is still open. */
  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  /** Ends a fork where this exchange is over, and in the same way. */
  endFork(fork: ExchangeLifetime): void {
    if (this.#aborted) fork.abort();
    else if (this.stopped !== undefined) fork.stop(this.stopped);
  }
}
