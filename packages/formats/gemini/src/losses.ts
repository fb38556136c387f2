import { canBeTold, isAnnotation, type JsonObject, type JsonValue, setField } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';

/** The keywords of one schema that Google does not take, and what became of them. */
export class Losses {
  readonly #told = new Set<string>();
  readonly #dropped = new Set<string>();

  /** A keyword that the description is to say, among the others that are `told` there, if it can. */
  tell(keyword: string, value: JsonValue | undefined, told: JsonObject): void {
    if (!canBeTold(keyword, value)) {
      this.drop(keyword);
      return;
    }
    this.#told.add(keyword);
    setField(told, keyword, value);
  }

  /** A keyword that nothing says any more. */
  drop(keyword: string): void {
    this.#dropped.add(keyword);
  }

  /** The keywords that nothing says, and those that the description says. */
  get keywords(): { readonly dropped: readonly string[]; readonly told: readonly string[] } {
    return { dropped: [...this.#dropped].sort(), told: [...this.#told].sort() };
  }

  /** What forbids something is noted of every schema, what only informs once: the gateway checks calls against the client's own. */
  note(path: string, encoding: Encoding): void {
    for (const keyword of this.#dropped) {
      encoding.target.notes.add(path, 'approximated', `Gemini takes no "${keyword}" in this schema`);
    }
    for (const keyword of this.#told) {
      const reason = `Gemini takes no "${keyword}" in this schema: its description says it`;
      if (isAnnotation(keyword)) encoding.noteOnce(path, 'mapped', reason);
      else encoding.target.notes.add(path, 'approximated', reason);
    }
  }
}
