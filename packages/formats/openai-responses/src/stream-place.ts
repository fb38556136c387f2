import { parseJson } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** The response of a frame names itself first. */
const RESPONSE_ID = /"response"\s*:\s*\{\s*"id"\s*:\s*"([^"\\]*)"/;

/** How far a provider's stream has come, for events of the gateway's behind it. A frame costs an assignment. */
export class StreamPlace {
  #id: string | undefined;
  #last: string | undefined;

  pass(data: string): void {
    // All of a stream's frames are of one response, and its first one has it.
    if (this.#last === undefined) this.#id = RESPONSE_ID.exec(data)?.[1];
    this.#last = data;
  }

  get responseId(): string | undefined {
    return this.#id;
  }

  /** The number of the next frame; 0 where the provider does not count. */
  nextNumber(): number {
    const number = this.#last === undefined ? undefined : numberOf(this.#last);
    return typeof number === 'number' ? number + 1 : 0;
  }
}

function numberOf(data: string): unknown {
  try {
    const frame = parseJson(data);
    return isObject(frame) ? frame.sequence_number : undefined;
  } catch {
    return undefined;
  }
}
