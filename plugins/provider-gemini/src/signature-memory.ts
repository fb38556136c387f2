import type { SignatureStore } from '@signalbox/format-gemini';

/** Signatures have some kilobytes, sometimes a hundred: what counts is all of them together. */
const MAX_CHARS = 16 * 1024 * 1024;

/** Remembers the thought signatures of tool calls, by call; over its bound the one goes that was not used for the longest time. */
export class SignatureMemory implements SignatureStore {
  readonly #maxChars: number;
  readonly #byCall = new Map<string, string>();
  #chars = 0;

  constructor(maxChars: number = MAX_CHARS) {
    this.#maxChars = maxChars;
  }

  get(callId: string): string | undefined {
    const signature = this.#byCall.get(callId);
    if (signature !== undefined) this.set(callId, signature);
    return signature;
  }

  set(callId: string, signature: string): void {
    this.#forget(callId);
    this.#byCall.set(callId, signature);
    this.#chars += callId.length + signature.length;
    for (const oldest of this.#byCall.keys()) {
      if (this.#chars <= this.#maxChars) break;
      this.#forget(oldest);
    }
  }

  #forget(callId: string): void {
    const signature = this.#byCall.get(callId);
    if (signature === undefined) return;
    this.#byCall.delete(callId);
    this.#chars -= callId.length + signature.length;
  }
}
