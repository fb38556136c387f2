import { type BlockSequencer, errors, type JsonObject, type SignalboxError, type TargetContext } from '@signalbox/kit';
import { rawArguments } from './decode-messages.ts';
import { CallIds } from './decode-reply.ts';
import { isObject, text } from './fields.ts';

interface Call {
  readonly key: string;
  /** The provider's id, once it has said one. */
  id: string | undefined;
  name: string | undefined;
  /** Arguments that came before the name. */
  early: string;
  custom: boolean;
}

/**
 * Puts the fragments of tool calls together: by `index`, by a new id where the index is repeated or missing, and else in
 * the order of arrival. A call starts once its name is known.
 */
export class CallFragments {
  readonly #blocks: BlockSequencer;
  readonly #target: TargetContext;
  readonly #ids = new CallIds();
  readonly #byIndex = new Map<number, Call>();
  readonly #byId = new Map<string, Call>();
  readonly #calls: Call[] = [];

  constructor(blocks: BlockSequencer, target: TargetContext) {
    this.#blocks = blocks;
    this.#target = target;
  }

  add(fragment: JsonObject): void {
    const custom = isObject(fragment.custom) ? fragment.custom : undefined;
    const fn = custom ?? (isObject(fragment.function) ? fragment.function : {});
    const call = this.#find(fragment, text(fn.name));
    if (custom !== undefined) call.custom = true;
    const json = custom === undefined ? rawArguments(fn.arguments) : escaped(custom.input);
    if (call.name !== undefined) {
      this.#blocks.toolInput(call.key, json);
      return;
    }
    call.early += json;
    call.name = text(fn.name);
    if (call.name === undefined) return;
    this.#blocks.toolStart(call.key, this.#target.toolNames.original(call.name), this.#ids.claim(call.id));
    this.#blocks.toolInput(call.key, call.custom ? `{"input":"${call.early}` : call.early);
  }

  /** The reply is over. Gives an error for a call that never got a name. */
  end(): SignalboxError | undefined {
    for (const call of this.#calls) {
      if (call.name === undefined) return errors.malformedReply('The provider sent a tool call without a name.');
      if (call.custom) this.#blocks.toolInput(call.key, '"}');
    }
    return undefined;
  }

  #find(fragment: JsonObject, name: string | undefined): Call {
    const id = text(fragment.id);
    const index = typeof fragment.index === 'number' ? fragment.index : undefined;
    let call: Call | undefined;
    if (index !== undefined) {
      call = this.#byIndex.get(index);
      if (call !== undefined && id !== undefined && call.id !== undefined && call.id !== id) call = this.#byId.get(id);
    } else if (id !== undefined) {
      call = this.#byId.get(id);
    } else if (name === undefined) {
      call = this.#calls.at(-1);
    }
    if (call === undefined) {
      call = { key: String(this.#calls.length), id, name: undefined, early: '', custom: false };
      this.#calls.push(call);
    }
    call.id ??= id;
    if (index !== undefined) this.#byIndex.set(index, call);
    if (id !== undefined) this.#byId.set(id, call);
    return call;
  }
}

/** Free text as the inside of a JSON string. */
function escaped(input: JsonObject[string]): string {
  return typeof input === 'string' ? JSON.stringify(input).slice(1, -1) : '';
}
