import type { JsonObject, JsonValue } from '@signalbox/spec';
import { setField } from '../json-words.ts';
import { canBeTold } from '../schema-words.ts';

/** What became of a schema that is said strictly. */
export interface StrictChanges {
  /** Keywords that descriptions say, as the provider takes none such. */
  readonly told: readonly string[];
  /** Keywords that nothing says any more. */
  readonly lost: readonly string[];
  /** Objects that say nothing of further properties take none. */
  readonly closed: boolean;
  /** So do objects that take them. */
  readonly shut: boolean;
  /** `oneOf` goes as `anyOf`. */
  readonly anyOf: boolean;
  /** A property that is not there may be null in its place. */
  readonly nulls: boolean;
  /** Anything of this, or the same in other words. */
  readonly any: boolean;
}

/** Collects it. */
export class Changes {
  readonly #told = new Set<string>();
  readonly #lost = new Set<string>();
  closed = false;
  shut = false;
  anyOf = false;
  nulls = false;

  /** A keyword that the description is to say, among the others that are `told` there, if it can. */
  tell(keyword: string, value: JsonValue, told: JsonObject): void {
    if (!canBeTold(keyword, value)) {
      this.lose(keyword);
      return;
    }
    this.#told.add(keyword);
    setField(told, keyword, value);
  }

  lose(keyword: string): void {
    this.#lost.add(keyword);
  }

  list(any: boolean): StrictChanges {
    const { closed, shut, anyOf, nulls } = this;
    return { told: [...this.#told].sort(), lost: [...this.#lost].sort(), closed, shut, anyOf, nulls, any };
  }
}
