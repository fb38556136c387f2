import type { JsonObject } from '@signalbox/spec';
import type { TargetContext } from '../format.ts';
import { noteStrictChanges } from './notes.ts';
import type { NullPlace } from './null-places.ts';
import type { StrictRules } from './rules.ts';
import type { SchemaSize } from './size.ts';
import { strictSchema } from './strict-schema.ts';

export interface StrictProvider extends StrictRules {
  /** Why the provider refuses so large a schema; `undefined`: it does not. Asked for one after the other of a request. */
  refuses(size: SchemaSize): string | undefined;
}

/** The strict schemas of one request, and what is to be left out of its reply because of them. */
export class StrictSchemas {
  readonly #target: TargetContext;
  readonly #provider: StrictProvider;
  readonly #goesOn: boolean;
  readonly #tools = new Map<string, NullPlace>();
  #answer: NullPlace | undefined;

  /** @param goesOn the answer goes on with one that the request ends with: what is to be left out of it cannot be found. */
  constructor(target: TargetContext, provider: StrictProvider, goesOn = false) {
    this.#target = target;
    this.#provider = provider;
    this.#goesOn = goesOn;
  }

  /**
   * The schema to send, with its changes noted, or why there is none.
   * @param tool the client's name of the tool whose arguments it describes; `undefined`: it describes the answer.
   */
  encode(schema: JsonObject, path: string, root: 'object' | 'any', tool?: string): JsonObject | string {
    const strict = strictSchema(schema, this.#provider, root);
    if (typeof strict === 'string') return strict;
    const { nulls, size, changes } = strict;
    const found = this.#target.leaveOutNulls !== undefined && (tool !== undefined || !this.#goesOn);
    if (nulls !== undefined && !found) return 'not all of its properties are required';
    const refusal = this.#provider.refuses(size);
    if (refusal !== undefined) return refusal;
    noteStrictChanges(this.#target.notes, path, changes);
    if (nulls !== undefined) {
      if (tool === undefined) this.#answer = nulls;
      else this.#tools.set(tool, nulls);
    }
    return strict.schema;
  }

  /** To be called once all of them are encoded. */
  leaveOutNulls(): void {
    const answer = this.#answer === undefined ? {} : { answer: this.#answer };
    if (this.#answer !== undefined || this.#tools.size > 0) {
      this.#target.leaveOutNulls?.({ ...answer, tools: this.#tools });
    }
  }
}
