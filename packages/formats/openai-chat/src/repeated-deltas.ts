import { type JsonObject, type JsonValue, RepeatedFrame } from '@signalbox/kit';
import { isObject } from './fields.ts';

export type DeltaKind = 'content' | 'reasoning_content' | 'reasoning' | 'arguments';

/** Chunks that hold one more piece of what the chunk before them held, read without a parser. */
export class RepeatedDeltas {
  readonly #frame = new RepeatedFrame();
  #kind: DeltaKind | undefined;
  #toolIndex: JsonValue | undefined;

  /** What the last `textOf` that gave a text was a piece of. */
  get kind(): DeltaKind | undefined {
    return this.#kind;
  }
  /** The `index` of the call whose arguments they are. */
  get toolIndex(): JsonValue | undefined {
    return this.#toolIndex;
  }

  textOf(data: string): string | undefined {
    return this.#kind === undefined ? undefined : this.#frame.textOf(data);
  }

  /** Learns from a parsed chunk, if it says nothing but one piece of text. */
  learn(chunk: JsonObject, data: string): void {
    this.#kind = undefined;
    const choice = Array.isArray(chunk.choices) && chunk.choices.length === 1 ? chunk.choices[0] : undefined;
    if (!isObject(choice) || !isObject(choice.delta) || !isUnsaid(chunk.usage) || !onlyIndexAndDelta(choice)) return;
    const said = Object.entries(choice.delta).filter(([key, value]) => key !== 'role' && !isUnsaid(value));
    const [key, value] = said.length === 1 ? (said[0] ?? []) : [];
    if ((key === 'content' || key === 'reasoning_content' || key === 'reasoning') && typeof value === 'string') {
      this.#kind = key;
      this.#frame.learn(data, key, value);
    } else if (key === 'tool_calls' && Array.isArray(value) && value.length === 1) {
      this.#learnArguments(value[0], data);
    }
  }

  #learnArguments(call: JsonValue | undefined, data: string): void {
    if (!isObject(call) || !isObject(call.function)) return;
    const { index, function: fn, type: _, ...rest } = call;
    const { arguments: text, ...others } = fn as JsonObject;
    if (typeof text !== 'string' || ![...Object.values(rest), ...Object.values(others)].every(isUnsaid)) return;
    this.#kind = 'arguments';
    this.#toolIndex = index;
    this.#frame.learn(data, 'arguments', text);
  }
}

function onlyIndexAndDelta({ index, delta: _, ...rest }: JsonObject): boolean {
  return (index === 0 || index === undefined) && Object.values(rest).every(isUnsaid);
}

function isUnsaid(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}
