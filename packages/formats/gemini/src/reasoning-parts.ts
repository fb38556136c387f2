import type { JsonObject, ReasoningBlock } from '@signalbox/kit';
import { GEMINI_ORIGIN, packBlock, signatureOf } from './thought-signature.ts';

/**
 * Puts the reasoning of a reply into the parts of a client: genuine signatures on the parts they came on, and whole blocks
 * of other origins packed into the signature of the part that follows, where clients keep it even if they drop thoughts.
 */
export class ReasoningParts {
  readonly #shown: boolean;
  #waiting: string | undefined;
  #calls = new Map<string, string>();

  constructor(shown: boolean) {
    this.#shown = shown;
  }

  /** The thought as text, while or before its state is known; nothing for a client that did not ask for thoughts. */
  thought(text: string): JsonObject | undefined {
    return this.#shown && text !== '' ? { text, thought: true } : undefined;
  }

  /**
   * The state of a block that is complete. Gives parts that stand in its place now.
   * @param last the thought's own part, where it can still be signed.
   */
  state(block: ReasoningBlock, last?: JsonObject): JsonObject[] {
    const { state } = block;
    if (state === undefined) return [];
    const own = signatureOf(state, GEMINI_ORIGIN);
    if (own === undefined) {
      const before = this.flush();
      this.#waiting = packBlock({ ...block, state });
      return before;
    }
    const { signature, part, callId } = own;
    if (signature === undefined) return [];
    if (part === 'call') {
      this.#calls.set(callId ?? '', signature);
      return [];
    }
    if (part === 'text' || part === 'empty') return [{ text: '', thoughtSignature: signature }];
    if (last !== undefined) {
      last.thoughtSignature = signature;
      return [];
    }
    return [{ text: '', thought: true, thoughtSignature: signature }];
  }

  /** The next part, with what waits for one. `callId`: the provider's id of the call in it. */
  signed(part: JsonObject, callId?: string): JsonObject {
    const genuine = callId === undefined ? undefined : this.#genuine(callId);
    const signature = genuine ?? this.#waiting;
    if (signature === undefined) return part;
    if (genuine === undefined) this.#waiting = undefined;
    return { ...part, thoughtSignature: signature };
  }

  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  /** What waits and gets no part of its own any more. */
  flush(): JsonObject[] {
    if (this.#waiting === undefined) return [];
    const part = { text: '', thoughtSignature: this.#waiting };
    this.#waiting = undefined;
    return [part];
  }

  #genuine(callId: string): string | undefined {
    const key = this.#calls.has(callId) ? callId : '';
    const signature = this.#calls.get(key);
    this.#calls.delete(key);
    return signature;
  }
}
