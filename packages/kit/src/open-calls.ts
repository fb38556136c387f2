import type { ToolCallBlock, ToolResultBlock } from '@signalbox/spec';

type Call = Pick<ToolCallBlock, 'id' | 'name'>;

/** The calls of one turn, for results that say in different ways whose they are. */
export class OpenCalls {
  readonly #byId = new Map<string, Call>();
  /** Those without a result, in order. */
  readonly #open = new Set<Call>();
  readonly #openByName = new Map<string, Set<Call>>();

  constructor(calls: Iterable<Call> = []) {
    for (const call of calls) this.add(call);
  }

  add(call: Call): void {
    if (!this.#byId.has(call.id)) this.#byId.set(call.id, call);
    this.#open.add(call);
    const named = this.#openByName.get(call.name);
    if (named === undefined) this.#openByName.set(call.name, new Set([call]));
    else named.add(call);
  }

  /** The call of this id, whether it has a result or not. From now on it has one. */
  take(id: string): Call | undefined {
    return this.#taken(this.#byId.get(id));
  }

  /** The first call of this name that has no result yet. */
  takeNamed(name: string): Call | undefined {
    return this.#taken(this.#openByName.get(name)?.values().next().value);
  }

  /** The first call that has no result yet. */
  takeFirst(): Call | undefined {
    return this.#taken(this.#open.values().next().value);
  }

  #taken(call: Call | undefined): Call | undefined {
    if (call === undefined) return undefined;
    this.#open.delete(call);
    this.#openByName.get(call.name)?.delete(call);
    return call;
  }
}

/** The result of each call: by id; results that came without one go to the calls that are left, in order. */
export function pairResults<C extends Pick<Call, 'id'>, R extends { readonly block: ToolResultBlock }>(
  calls: readonly C[],
  results: readonly R[],
): Map<C, R> {
  const pairs = new Map<C, R>();
  // The last one of each list comes next.
  const left = Map.groupBy(results.toReversed(), ({ block }) => block.callId);
  for (const call of calls) {
    const result = call.id === '' ? undefined : left.get(call.id)?.pop();
    if (result !== undefined) pairs.set(call, result);
  }
  for (const call of calls) {
    const result = pairs.has(call) ? undefined : left.get('')?.pop();
    if (result !== undefined) pairs.set(call, result);
  }
  return pairs;
}
